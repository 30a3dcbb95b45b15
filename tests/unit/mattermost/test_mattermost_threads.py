"""Where the bot's answers go: threads, commands of channels it is no member of, dialogs."""

import asyncio
import json

import pytest

from channels.errors import (
    PlatformUnavailable,
    RecipientGone,
)
from tests.pages import PAGES
from tests.servers.recording_server import recording_server
from tests.unit.mattermost.server import (
    CHANNEL,
    JSON,
    POST,
    SIGNER,
    USER,
    WEBHOOK_URL,
    button,
    channel,
    created,
    error,
    example,
    post,
    posts,
    says,
    taken,
)

YES = {"title": "Yes", "payload": "/affirm"}


# typing


def typing_shown(respond=taken, **settings):
    with recording_server(respond) as server:
        made = channel(url=server.url, **settings)
        [message] = made.parse(example("webhook"))
        asyncio.run(made.output_for(message).show_typing(USER))
    return [(each.path, each.json) for each in server.requests if each.method == "POST"]


def test_typing():
    assert typing_shown() == [("/api/v4/users/me/typing", {"channel_id": CHANNEL})]
    shown = typing_shown(use_threads=True)
    assert shown == [("/api/v4/users/me/typing", {"channel_id": CHANNEL, "parent_id": POST})]


# threads


def in_thread(root_id):
    def respond(recorded):
        if recorded.path.startswith("/api/v4/posts/"):
            return 200, json.dumps(created({"root_id": root_id}, POST)).encode(), JSON
        return taken(recorded)

    return respond


@pytest.mark.parametrize(("root_id", "thread"), [("", POST), ("root1", "root1")])
def test_an_answer_in_the_thread(root_id, thread):
    requests, _ = says({"text": "one\n\ntwo"}, in_thread(root_id), use_threads=True)
    assert [request.path for request in requests] == [
        f"/api/v4/posts/{POST}",
        "/api/v4/posts",
        "/api/v4/posts",
    ]
    assert [request.json["root_id"] for request in requests[1:]] == [thread] * 2


def test_a_turn_that_goes_on_stays_in_its_thread():
    requests, _ = says({"text": "one\n\ntwo"}, in_thread("root1"), sent=1, use_threads=True)
    assert requests[-1].json == {"channel_id": CHANNEL, "root_id": "root1", "message": "two"}


@pytest.mark.parametrize(
    "reply_to", [{"channel_id": CHANNEL}, {"channel_id": CHANNEL, "post_id": "../x"}]
)
def test_no_thread_without_a_post(reply_to):
    requests, _ = says({"text": "hi"}, reply_to=reply_to, use_threads=True)
    assert [request.json for request in requests] == [post("hi")]


def test_a_post_that_is_gone_has_no_thread():
    def respond(recorded):
        is_post = recorded.path.startswith("/api/v4/posts/")
        return error(404, "app.post.get.app_error") if is_post else taken(recorded)

    assert posts({"text": "hi"}, respond, use_threads=True) == [post("hi")]


def test_a_thread_that_is_deleted_meanwhile_is_left():
    def respond(recorded):
        if b"root_id" in recorded.body:
            return error(400, "api.post.create_post.root_id.app_error")
        return taken(recorded)

    sent = posts({"text": "one\n\ntwo"}, respond, use_threads=True)
    assert sent == [post("one", root_id=POST), post("one"), post("two")]


def test_a_post_for_another_channel_is_in_no_thread():
    [sent] = posts({"custom": {"channel_id": "ch2", "message": "hi"}}, use_threads=True)
    assert sent == {"channel_id": "ch2", "message": "hi"}


# commands and dialogs

RESPONSE_URL = "https://chat.example.com/hooks/commands/hk1"
COMMAND = {"channel_id": CHANNEL, "response_url": RESPONSE_URL, "trigger_id": "t1"}


def no_member(recorded):
    if recorded.path == "/api/v4/posts":
        return error(403, "api.context.permissions.app_error")
    return 200, b"ok", {}


def test_a_command_is_answered_where_the_bot_is_no_member():
    requests, marks = says({"text": "Sure?", "buttons": [YES]}, no_member, reply_to=COMMAND)
    assert requests[-1].path == "/hooks/commands/hk1"
    assert requests[-1].json == {
        "response_type": "in_channel",
        "text": "Sure?",
        "attachments": [{"actions": [button("Yes", "/affirm")]}],
    }
    assert "authorization" not in requests[-1].headers
    assert marks == [""]


@pytest.mark.parametrize(
    "url", ["https://evil.example/x", "https://evil.example/hooks/commands/", "x:/hooks/x"]
)
def test_a_response_url_of_another_kind_is_not_called(url):
    requests, marks = says({"text": "hi"}, no_member, reply_to={**COMMAND, "response_url": url})
    assert [request.path for request in requests] == ["/api/v4/posts"]
    assert marks == ["refused: response_url is not one of Mattermost's"]


def test_a_response_url_that_is_used_up_has_no_hope():
    def respond(recorded):
        is_hook = recorded.path.startswith("/hooks")
        return error(400, "web.command_webhook.invalid") if is_hook else no_member(recorded)

    with pytest.raises(RecipientGone):
        says({"text": "hi"}, respond, reply_to=COMMAND)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_nothing_of_a_response_url(page):
    def respond(recorded):
        return PAGES[page] if recorded.path.startswith("/hooks") else no_member(recorded)

    with pytest.raises(PlatformUnavailable):
        says({"text": "hi"}, respond, reply_to=COMMAND)


def test_a_dialog_is_opened_with_the_trigger_of_the_click():
    dialog = {"callback_id": "book", "title": "Book", "state": "page 1", "elements": []}
    requests, _ = says({"custom": {"dialog": dialog}}, reply_to=COMMAND)
    [opened] = requests
    assert opened.path == "/api/v4/actions/dialogs/open"
    state = SIGNER.state(CHANNEL, "book", "page 1", "t1")
    assert opened.json == {
        "trigger_id": "t1",
        "url": WEBHOOK_URL,
        "dialog": {**dialog, "state": state},
    }


def test_a_dialog_of_another_service_is_its_own():
    custom = {"dialog": {"state": "s"}, "url": "https://other.io", "trigger_id": "t2"}
    requests, _ = says({"custom": custom}, reply_to=COMMAND)
    assert requests[0].json == custom
