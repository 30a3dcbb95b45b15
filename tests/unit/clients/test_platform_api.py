"""Calls of platforms' APIs: what each answer means for the worker."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from channels.clients.answer_form import NO_PAGE, AnswerForm
from channels.clients.before_call import before_call
from channels.clients.platform_api import PlatformApi
from channels.clients.retry_after import seconds_of
from channels.errors import PlatformUnavailable, RateLimited, SendError
from tests.pages import PAGES
from tests.servers.recording_server import recording_server


def reply(status, body=b"{}", **headers):
    return lambda request: (status, body, {k.replace("_", "-"): v for k, v in headers.items()})


def call(respond, method="POST", path="chat.postMessage", answers=NO_PAGE, **parts):
    with recording_server(respond) as server:
        api = PlatformApi(server.url, {"authorization": "Bearer secret-token"}, answers=answers)
        try:
            return api.call(method, path, **parts), server
        finally:
            api.close()


def test_a_call_goes_below_the_base_url_with_its_headers():
    answer, server = call(reply(200, b'{"ok": true}'), json={"text": "é"})
    [request] = server.requests
    assert (request.method, request.path) == ("POST", "/chat.postMessage")
    assert request.headers["authorization"] == "Bearer secret-token"
    assert request.json == {"text": "é"}
    assert (answer.status, answer.json) == (200, {"ok": True})


@pytest.mark.parametrize("status", [201, 400, 401, 403, 404])
def test_other_statuses_are_the_channels_to_judge(status):
    answer, _ = call(reply(status, b"no json"))
    assert (answer.status, answer.json) == (status, None)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_no_answer_and_not_followed(status):
    with recording_server(reply(200)) as elsewhere:
        with pytest.raises(PlatformUnavailable, match=f"status {status}"):
            call(reply(status, b"{}", location=elsewhere.url))
        assert elsewhere.requests == []


@pytest.mark.parametrize("page", PAGES)
def test_what_is_not_in_the_platform_s_form_is_no_answer(page):
    form = AnswerForm("Chat", ({"id": str},), ({"error": dict},), "api_base")
    with pytest.raises(PlatformUnavailable) as raised:
        call(lambda request: PAGES[page], answers=form)
    assert "Not now" not in str(raised.value)


@pytest.mark.parametrize("status", sorted({*range(400, 500)} - {413, 429}))
def test_no_status_makes_another_s_word_a_refusal(status):
    form = AnswerForm("Chat", ({"id": str},), ({"reason": str},))
    for body in (b"", b"<html>", b'{"code": 1, "message": "no"}'):
        with pytest.raises(PlatformUnavailable, match=f"status {status}"):
            call(reply(status, body), answers=form)


def test_a_call_may_have_a_form_of_its_own():
    posted, typing = (AnswerForm("Chat", ({key: str},), ()) for key in ("id", "done"))
    with recording_server(reply(200, b'{"done": "yes"}')) as server:
        api = PlatformApi(server.url, answers=posted)
        assert api.call("POST", "typing", answers=typing).status == 200
        with pytest.raises(PlatformUnavailable):
            api.call("POST", "messages")
        api.close()


@pytest.mark.parametrize("page", PAGES)
def test_whoever_wants_every_answer_gets_it(page):
    status, body, _ = PAGES[page]
    if status in (408, 425):
        return  # nobody has answered the request itself
    answer, _ = call(lambda request: PAGES[page], answers=None)
    assert (answer.status, answer.body) == (status, body)


@pytest.mark.parametrize("answers", [NO_PAGE, AnswerForm("Chat", ({"id": str},), ())])
def test_a_page_that_calls_the_message_too_large_is_believed(answers):
    with pytest.raises(SendError, match="status 413") as raised:
        call(reply(413, b"<html>"), answers=answers)
    assert type(raised.value) is SendError


@pytest.mark.parametrize(
    ("header", "seconds"), [("35", 35.0), ("0.5", 0.5), ("", 5.0), ("soon", 5.0), ("99999", 3600.0)]
)
def test_a_rate_limit_says_how_long(header, seconds):
    with pytest.raises(RateLimited) as raised:
        call(reply(429, retry_after=header))
    assert raised.value.retry_after == seconds


@pytest.mark.parametrize(
    "respond", [reply(500), reply(503), reply(408), reply(425), lambda request: None]
)
def test_a_platform_that_is_down_is_unavailable(respond):
    with pytest.raises(PlatformUnavailable) as raised:
        call(respond)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("status", [408, 425, 500, 503])
@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("300", 300, 300), ("99999", 3600, 3600), ("", 0, 0), ("soon", 0, 0), ("DATE", 280, 300)],
)
def test_a_platform_that_is_down_may_say_for_how_long(status, header, least, most):
    if header == "DATE":
        header = format_datetime(datetime.now(UTC) + timedelta(seconds=300), usegmt=True)
    with pytest.raises(PlatformUnavailable) as raised:
        call(reply(status, retry_after=header))
    assert least <= raised.value.retry_after <= most


def test_what_is_no_json_is_refused_for_good_and_not_waited_for():
    with pytest.raises(SendError, match="JSON"):
        call(reply(200), json={"n": float("nan")})


def test_no_call_begins_once_the_time_is_over():
    class Over(Exception):
        pass

    def refuse():
        raise Over

    token = before_call.set(refuse)
    try:
        with recording_server(lambda request: reply(200)) as server, pytest.raises(Over):
            PlatformApi(server.url).call("POST", "chat.postMessage")
    finally:
        before_call.reset(token)
    assert server.requests == []


def test_tokens_in_paths_are_not_logged(caplog):
    caplog.set_level("DEBUG")
    call(reply(200), path="botsecret-token/sendMessage", json={})
    assert "secret-token" not in caplog.text


def test_a_platform_that_is_not_there_is_unavailable_and_its_url_is_not_told():
    api = PlatformApi("http://127.0.0.1:9/bot-secret-token")
    with pytest.raises(PlatformUnavailable) as raised:
        api.call("GET", "getMe")
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("7", 7.0),
        ("-3", 0.0),
        ("nan", None),
        ("inf", None),
        ("Thu, 01 Jan 1970 00:17:40 GMT", 60.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("tomorrow", None),
    ],
)
def test_retry_after(header, seconds):
    assert seconds_of(header, now=1000.0) == seconds
