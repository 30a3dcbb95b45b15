"""What the bot says, as the requests that Slack gets."""

import asyncio
import base64
import json

import pytest

from channels.channel import UserMessage
from channels.errors import (
    CredentialsError,
    PlatformUnavailable,
    RateLimited,
    RecipientGone,
    SendError,
)
from channels.slack.output import SlackBot
from tests.pages import PAGES
from tests.servers.recording_server import recording_server
from tests.unit.slack.workspace import TOKEN, KeyValueStore, channel

LIMITED = {"ok": False, "error": "ratelimited"}
POSTED = {"ok": True, "ts": "1767225700.000100", "channel": "D0AAAAAAA"}
SHOWN = {"ok": True, "message_ts": "1767225700.000200"}


def answer(document, status=200, **headers):
    reply = json.dumps(document).encode()
    return status, reply, {name.replace("_", "-"): value for name, value in headers.items()}


def says(message, respond=lambda request: answer(POSTED), reply_to=None, memory=None, **settings):
    """The requests that one bot message becomes."""
    with recording_server(respond) as server:
        made = channel(api_base=f"{server.url}/api/", **settings)
        made.memory = memory
        to = reply_to or {"channel": "D0AAAAAAA", "user": "U0ALICE00"}
        to = {key: value.replace("SERVER", server.url) for key, value in to.items()}
        output = made.output_for(UserMessage("hi", sender_id="U0ALICE00", reply_to=to))
        asyncio.run(output.send_response("U0ALICE00", message))
        return server.requests


def bodies(message, **surroundings):
    return [request.json for request in says(message, **surroundings)]


def button(title, payload, number=0):
    return {
        "type": "button",
        "action_id": f"rasa_{number}",
        "text": {"type": "plain_text", "text": title},
        "value": payload,
    }


def section(text):
    return {"type": "section", "text": {"type": "plain_text", "text": text}}


D = "D0AAAAAAA"
YES = {"title": "Yes", "payload": "/affirm"}
IMAGE = "https://x.io/pictures/tiger%20cub.png?size=9"

# a bot message of the agent: the bodies of its chat.postMessage calls
SAYS = {
    "text": ({"text": "hi"}, [{"channel": D, "text": "hi"}]),
    "escaped text": ({"text": "a < b & c"}, [{"channel": D, "text": "a &lt; b &amp; c"}]),
    "one message a paragraph, as Rasa": (
        {"text": "one\n\ntwo\n\n\n\nthree"},
        [{"channel": D, "text": text} for text in ("one", "two", "three")],
    ),
    "a code block with blank lines": (
        {"text": "```\na\n\nb\n```"},
        [{"channel": D, "text": "```\na\n\nb\n```"}],
    ),
    "buttons": (
        {"text": "Sure?", "buttons": [YES, {"title": "No", "payload": "/deny"}]},
        [
            {
                "channel": D,
                "text": "Sure?",
                "blocks": [
                    section("Sure?"),
                    {
                        "type": "actions",
                        "elements": [button("Yes", "/affirm"), button("No", "/deny", 1)],
                    },
                ],
            }
        ],
    ),
    "buttons without a text": (
        {"buttons": [YES]},
        [
            {
                "channel": D,
                "text": "Yes",
                "blocks": [{"type": "actions", "elements": [button("Yes", "/affirm")]}],
            }
        ],
    ),
    "a button without a payload says its title": (
        {"text": "t", "buttons": [{"title": "Yes"}]},
        [
            {
                "channel": D,
                "text": "t",
                "blocks": [section("t"), {"type": "actions", "elements": [button("Yes", "Yes")]}],
            }
        ],
    ),
    "a link button": (
        {"text": "t", "buttons": [{"type": "web_url", "title": "Site", "url": "https://x.io"}]},
        [
            {
                "channel": D,
                "text": "t",
                "blocks": [
                    section("t"),
                    {
                        "type": "actions",
                        "elements": [
                            {
                                "type": "button",
                                "action_id": "rasa_0",
                                "text": {"type": "plain_text", "text": "Site"},
                                "url": "https://x.io",
                            }
                        ],
                    },
                ],
            }
        ],
    ),
    "quick replies": (
        {"text": "t", "quick_replies": [YES]},
        [
            {
                "channel": D,
                "text": "t",
                "blocks": [
                    section("t"),
                    {"type": "actions", "elements": [button("Yes", "/affirm")]},
                ],
            }
        ],
    ),
    "an image": (
        {"image": IMAGE},
        [
            {
                "channel": D,
                "text": IMAGE,
                "blocks": [{"type": "image", "image_url": IMAGE, "alt_text": "tiger cub.png"}],
            }
        ],
    ),
    "an image with words": (
        {"image": IMAGE, "alt_text": "A tiger"},
        [
            {
                "channel": D,
                "text": IMAGE,
                "blocks": [{"type": "image", "image_url": IMAGE, "alt_text": "A tiger"}],
            }
        ],
    ),
    "an image whose address is too long": (
        {"image": "https://x.io/" + "a" * 3000},
        [{"channel": D, "text": "Image: https://x.io/" + "a" * 3000}],
    ),
    "Slack's attachment": (
        {"attachment": {"title": "T", "text": "x"}},
        [{"channel": D, "attachments": [{"title": "T", "text": "x"}]}],
    ),
    "several of Slack's attachments": (
        {"attachment": [{"text": "x"}, {"text": "y"}]},
        [{"channel": D, "attachments": [{"text": "x"}, {"text": "y"}]}],
    ),
    "a file by its address": (
        {"attachment": "https://x.io/a.pdf"},
        [
            {
                "channel": D,
                "text": "https://x.io/a.pdf",
                "attachments": [
                    {
                        "title": "a.pdf",
                        "title_link": "https://x.io/a.pdf",
                        "fallback": "https://x.io/a.pdf",
                    }
                ],
            }
        ],
    ),
    "a carousel": (
        {
            "elements": [
                {"title": "E", "subtitle": "S", "buttons": [YES]},
                {"title": "F", "subtitle": "T", "image_url": "https://x.io/f.png"},
            ]
        },
        [
            {
                "channel": D,
                "text": "E : S",
                "blocks": [
                    section("E : S"),
                    {"type": "actions", "elements": [button("Yes", "/affirm")]},
                ],
            },
            {
                "channel": D,
                "text": "F : T",
                "blocks": [
                    {
                        **section("F : T"),
                        "accessory": {
                            "type": "image",
                            "image_url": "https://x.io/f.png",
                            "alt_text": "F",
                        },
                    }
                ],
            },
        ],
    ),
    "custom blocks": (
        {"custom": {"blocks": [{"type": "divider"}]}},
        [{"channel": D, "blocks": [{"type": "divider"}]}],
    ),
    "custom JSON that says where it goes": (
        {"custom": {"channel": "C0OTHER00", "text": "<!here>", "unfurl_links": False}},
        [{"channel": "C0OTHER00", "text": "<!here>", "unfurl_links": False}],
    ),
    "custom JSON that is no object": ({"custom": [1]}, [{"channel": D, "text": "[1]"}]),
}


@pytest.mark.parametrize(("message", "sent"), SAYS.values(), ids=SAYS)
def test_what_slack_gets(message, sent):
    requests = says(message)
    assert [request.json for request in requests] == sent
    for request in requests:
        assert (request.method, request.path) == ("POST", "/api/chat.postMessage")
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert request.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("reply_to", "settings", "place"),
    [
        ({"channel": "C1", "user": "U1"}, {}, {"channel": "C1"}),
        ({"channel": "C1", "thread_ts": "1.2"}, {}, {"channel": "C1", "thread_ts": "1.2"}),
        ({"channel": "C1"}, {"slack_channel": "C2"}, {"channel": "C1"}),
        ({"user": "U1"}, {"slack_channel": "C2"}, {"channel": "U1"}),
    ],
)
def test_where_an_answer_goes(reply_to, settings, place):
    sent = bodies({"text": "hi"}, reply_to=reply_to, **settings)
    assert sent == [{**place, "text": "hi"}]


@pytest.mark.parametrize(("settings", "place"), [({}, "U9"), ({"slack_channel": "C2"}, "C2")])
def test_where_a_message_goes_that_answers_nothing(settings, place):
    with recording_server(lambda request: answer(POSTED)) as server:
        output = channel(api_base=server.url, **settings).get_output_channel()
        asyncio.run(output.send_text_message("U9", "hi"))
    assert [request.json for request in server.requests] == [{"channel": place, "text": "hi"}]


def test_an_agent_may_make_the_output_itself_with_rasas_parameters():
    output = SlackBot("xoxb", "C1", "1.2", None)
    assert (output.slack_channel, output.thread_id, output.name()) == ("C1", "1.2", "slack")


def test_ephemeral_answers_are_for_the_user_only():
    to = {"channel": "C1", "user": "U1"}
    [request] = says({"text": "psst"}, lambda request: answer(SHOWN), to, ephemeral=True)
    assert request.path == "/api/chat.postEphemeral"
    assert request.json == {"channel": "C1", "user": "U1", "text": "psst"}


def test_direct_messages_are_never_ephemeral():
    [request] = says({"text": "psst"}, ephemeral=True)
    assert request.path == "/api/chat.postMessage"


def only_by_response_url(request):
    if request.path.startswith("/api/"):
        return answer({"ok": False, "error": "not_in_channel"})
    return 200, b"ok", {}


@pytest.mark.parametrize(("ephemeral", "kind"), [(False, "in_channel"), (True, "ephemeral")])
def test_a_command_is_answered_where_the_bot_may_not_post(ephemeral, kind):
    to = {"channel": "C1", "user": "U1", "response_url": "SERVER/commands/T/1/abc"}
    requests = says({"text": "hi"}, only_by_response_url, to, ephemeral=ephemeral)
    assert requests[-1].path == "/commands/T/1/abc"
    assert requests[-1].json == {"text": "hi", "response_type": kind, "replace_original": False}
    assert "authorization" not in requests[-1].headers, "the token stays with the Web API"


IN_THREAD = {"channel": "C1", "user": "U1", "thread_ts": "1.2"}


@pytest.mark.parametrize(
    ("custom", "place"),
    [
        ({"channel": "C2"}, {"channel": "C2"}),
        ({"channel": "C2", "thread_ts": "3.4"}, {"channel": "C2", "thread_ts": "3.4"}),
        ({"channel": "C1"}, {"channel": "C1", "thread_ts": "1.2"}),
        ({}, {"channel": "C1", "thread_ts": "1.2"}),
    ],
)
def test_custom_json_for_another_channel_leaves_the_conversations_thread(custom, place):
    message = {"custom": {"text": "hi", **custom}}
    assert bodies(message, reply_to=IN_THREAD) == [{"text": "hi", **place}]


@pytest.mark.parametrize("error", ["channel_not_found", "not_in_channel", "is_archived"])
def test_another_channel_that_is_gone_is_a_refusal_of_that_message_only(error):
    """Nothing is posted into the conversation instead, and the conversation is not gone."""
    requests = []

    def gone(request):
        requests.append(request.path)
        return answer({"ok": False, "error": error})

    to = {"channel": "C1", "user": "U1", "response_url": "SERVER/commands/T/1/abc"}
    with pytest.raises(SendError, match=error) as raised:
        says({"custom": {"text": "hi", "channel": "C2"}}, gone, to)
    assert type(raised.value) is SendError
    assert requests == ["/api/chat.postMessage"]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "https://slack.com.evil.example/",
        "http://hooks.slack.com/x",
        "x:[",
    ],
)
def test_a_response_url_that_leads_elsewhere_is_not_called(url):
    with pytest.raises(SendError, match="does not point to Slack"):
        says({"text": "hi"}, only_by_response_url, {"channel": "C1", "response_url": url})


def test_a_response_url_that_is_used_up_is_a_refusal():
    to = {"channel": "C1", "response_url": "SERVER/used"}

    def respond(request):
        if request.path.startswith("/api/"):
            return answer({"ok": False, "error": "channel_not_found"})
        return answer({"ok": False, "error": "used_url"}, 404)

    with pytest.raises(SendError, match="status 404"):
        says({"text": "hi"}, respond, to)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_nothing_of_a_response_url(page):
    to = {"channel": "C1", "response_url": "SERVER/commands/T/1/abc"}

    def respond(request):
        is_api = request.path.startswith("/api/")
        return only_by_response_url(request) if is_api else PAGES[page]

    with pytest.raises(PlatformUnavailable):
        says({"text": "hi"}, respond, to)


def no_image(request):
    if b"image_url" in request.body:
        messages = ["[ERROR] downloading image failed [json-pointer:/blocks/0/image_url]"]
        metadata = {"messages": messages}
        return answer({"ok": False, "error": "invalid_blocks", "response_metadata": metadata})
    return answer(POSTED)


def test_an_image_that_slack_cannot_fetch_becomes_a_link():
    sent = bodies({"image": "https://x.io/a.png"}, respond=no_image)
    assert sent[-1] == {"channel": D, "text": "https://x.io/a.png"}


def test_a_carousel_whose_image_slack_cannot_fetch_goes_without():
    element = {"title": "E", "subtitle": "S", "image_url": "https://x.io/a.png", "buttons": [YES]}
    sent = bodies({"elements": [element]}, respond=no_image)
    actions = {"type": "actions", "elements": [button("Yes", "/affirm")]}
    assert sent[-1] == {"channel": D, "text": "E : S", "blocks": [section("E : S"), actions]}


def uploads(request):
    if request.path == "/api/files.getUploadURLExternal":
        url = f"http://{request.headers['host']}/upload/v1/abc"
        return answer({"ok": True, "upload_url": url, "file_id": "F1"})
    if request.path == "/upload/v1/abc":
        return 200, b"OK - 5", {}
    if request.path == "/api/conversations.open":
        return answer({"ok": True, "channel": {"id": "D0OPENED0"}})
    return answer({"ok": True, "files": [{"id": "F1"}]})


FILE = {"filename": "a.txt", "content": base64.b64encode(b"hello").decode()}


def test_a_file_is_uploaded():
    to = {"channel": "C1", "thread_ts": "1.2"}
    place, content, complete = says({"attachment": FILE}, uploads, to)
    assert place.body == b"filename=a.txt&length=5"
    assert content.body == b"hello"
    assert "authorization" not in content.headers
    assert complete.path == "/api/files.completeUploadExternal"
    files = [{"id": "F1", "title": "a.txt"}]
    assert complete.json == {"files": files, "channel_id": "C1", "thread_ts": "1.2"}


def test_a_file_for_a_user_goes_to_the_conversation_with_them():
    requests = says({"attachment": FILE}, uploads, {"user": "U1"})
    assert requests[0].json == {"users": "U1"}
    assert requests[-1].json["channel_id"] == "D0OPENED0"


def test_a_file_that_is_not_taken_is_a_refusal():
    def respond(request):
        return (413, b"", {}) if request.path.startswith("/upload") else uploads(request)

    with pytest.raises(SendError, match="413"):
        says({"attachment": FILE}, respond)


@pytest.mark.parametrize(
    "answer",
    [
        (400, b"missing_argument", {}),
        (400, b'{"ok": false, "error": "invalid_file_size"}', {}),
        (200, b'{"ok": false, "error": "invalid_file_size"}', {}),
    ],
)
def test_a_file_that_slack_refuses_is_a_refusal(answer):
    def respond(request):
        return answer if request.path.startswith("/upload") else uploads(request)

    with pytest.raises(SendError, match=r"a\.txt.*refused") as caught:
        says({"attachment": FILE}, respond)
    assert type(caught.value) is SendError


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_nothing_of_a_file(page):
    def respond(request):
        return PAGES[page] if request.path.startswith("/upload") else uploads(request)

    with pytest.raises(PlatformUnavailable):
        says({"attachment": FILE}, respond)


def test_a_file_whose_content_is_no_base64_is_at_least_named():
    sent = bodies({"attachment": {"filename": "a.txt", "content": "é"}})
    assert sent == [{"channel": D, "text": "Attachment: a.txt"}]


def typing_shown(reply_to, **settings):
    with recording_server(lambda request: answer({"ok": True})) as server:
        made = channel(api_base=server.url, **settings)
        output = made.output_for(UserMessage("hi", sender_id="U1", reply_to=reply_to))
        asyncio.run(output.show_typing("U1"))
    return [(request.path, request.json) for request in server.requests]


def test_typing_is_a_status_of_the_thread():
    shown = typing_shown({"channel": "D1", "thread_ts": "1.2"}, typing="is thinking...")
    body = {"channel_id": "D1", "thread_ts": "1.2", "status": "is thinking..."}
    assert shown == [("/assistant.threads.setStatus", body)]


@pytest.mark.parametrize(
    ("reply_to", "settings"),
    [({"channel": "D1"}, {"typing": "..."}), ({"channel": "D1", "thread_ts": "1.2"}, {})],
)
def test_no_typing_without_a_thread_or_without_the_setting(reply_to, settings):
    assert typing_shown(reply_to, **settings) == []


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        ("invalid_auth", CredentialsError),
        ("token_revoked", CredentialsError),
        ("missing_scope", CredentialsError),
        ("account_inactive", CredentialsError),
        ("channel_not_found", RecipientGone),
        ("not_in_channel", RecipientGone),
        ("is_archived", RecipientGone),
        ("user_not_found", RecipientGone),
        ("messages_tab_disabled", RecipientGone),
        ("ratelimited", RateLimited),
        ("rate_limited", RateLimited),
        ("internal_error", PlatformUnavailable),
        ("service_unavailable", PlatformUnavailable),
        ("msg_too_long", SendError),
        ("invalid_blocks", SendError),
        ("no_text", SendError),
        ("an_error_that_is_new", SendError),
    ],
)
def test_errors(error, raised):
    with pytest.raises(raised, match=error) as caught:
        says({"text": "what the bot said"}, lambda request: answer({"ok": False, "error": error}))
    assert type(caught.value) is raised
    assert TOKEN not in str(caught.value)
    assert "what the bot said" not in str(caught.value)


def test_a_missing_scope_is_named():
    document = {"ok": False, "error": "missing_scope", "needed": "files:write"}
    with pytest.raises(CredentialsError, match=r"files:write.*docs/channels/slack.md"):
        says({"text": "hi"}, lambda request: answer(document))


def test_what_slack_says_about_a_refusal_is_kept():
    metadata = {"messages": ["[ERROR] must be less than 76 characters"]}
    document = {"ok": False, "error": "invalid_blocks", "response_metadata": metadata}
    with pytest.raises(SendError, match="less than 76 characters"):
        says({"text": "hi"}, lambda request: answer(document))


@pytest.mark.parametrize("status", [200, 302, 404])
def test_an_answer_that_is_no_json_names_the_address(status):
    with pytest.raises(PlatformUnavailable, match=f"status {status}.*'api_base'"):
        says({"text": "hi"}, lambda request: (status, b"<html>", {"location": "/x"}))


@pytest.mark.parametrize(
    ("respond", "seconds"),
    [
        (
            lambda request: answer({"ok": False, "error": "ratelimited"}, 429, retry_after="30"),
            30.0,
        ),
        (lambda request: answer({"ok": False, "error": "ratelimited"}, retry_after="7"), 7.0),
        (lambda request: answer({"ok": False, "error": "ratelimited"}), 5.0),
    ],
)
def test_a_rate_limit_says_how_long(respond, seconds):
    with pytest.raises(RateLimited) as caught:
        says({"text": "hi"}, respond)
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("respond", [lambda request: (503, b"", {}), lambda request: None])
def test_slack_that_is_down_is_unavailable(respond):
    with pytest.raises(PlatformUnavailable):
        says({"text": "hi"}, respond)


def test_a_proxy_is_used():
    with recording_server(lambda request: answer(POSTED)) as proxy:
        made = channel(api_base="http://slack.invalid/api/", proxy=proxy.url)
        output = made.output_for(UserMessage("hi", sender_id="U1", reply_to={"channel": "C1"}))
        asyncio.run(output.send_text_message("U1", "hi"))
    assert [request.path for request in proxy.requests] == [
        "http://slack.invalid/api/chat.postMessage"
    ]


def test_a_long_payload_goes_and_comes_back():
    memory = KeyValueStore()
    payload = '/book{"seat": "' + "x" * 2000 + '"}'
    message = {"text": "t", "buttons": [{"title": "Book", "payload": payload}]}
    [body] = bodies(message, memory=memory)
    value = body["blocks"][1]["elements"][0]["value"]
    assert len(value) <= 2000
    clicked = UserMessage(value, metadata={"action": {"values": [value], "titles": ["Book"]}})
    made = channel()
    made.memory = memory
    assert made.enrich(clicked)
    assert clicked.text == payload


def test_a_long_payload_without_a_memory_says_the_title():
    message = {"text": "t", "buttons": [{"title": "Book", "payload": "x" * 2001}]}
    [body] = bodies(message)
    assert body["blocks"][1]["elements"][0]["value"] == "Book"
