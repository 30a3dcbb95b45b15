"""The chat page in Chromium on the deployed stack; all its cases are in tests/browser."""

from __future__ import annotations

import pytest

from tests.browser.web_server import site_answers, web_server

CASES = [
    "greets_and_is_clicked",
    "keeps_the_conversation_over_a_reload",
    "shows_every_kind_of_message",
    "shows_an_answer_growing",
    "sends_what_was_said_offline",
    "loses_nothing_when_the_socket_breaks",
    "is_one_conversation_in_two_tabs",
    "fits_every_screen",
]


@pytest.fixture(scope="module")
def forget_url(sockets):
    """Below it a session's id: GET runs `ops forget`."""

    def answer(target):
        sockets.forget(target.removeprefix("/"))
        return 204, {}, b""

    with web_server(answer) as url:
        yield f"{url}/"


@pytest.mark.parametrize("case", CASES)
def test_page(browser, stack, tmp_path, case):
    browser.visit(case, tmp_path, pageUrl=stack.webchat_url)


def test_a_forgotten_conversation_goes_on(browser, stack, tmp_path, forget_url):
    urls = {"pageUrl": stack.webchat_url, "forgetUrl": forget_url}
    browser.visit("believes_a_server_that_counts_anew", tmp_path, **urls)


def test_on_a_site(browser, stack, tmp_path):
    with web_server(site_answers(f"{stack.webchat_url}/embed.js")) as url:
        site = url.replace("127.0.0.1", "localhost")
        browser.visit("is_embedded_by_one_line", tmp_path, siteUrl=site)
