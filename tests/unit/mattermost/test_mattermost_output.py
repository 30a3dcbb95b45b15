"""What the bot says, as the requests that Mattermost gets."""

import asyncio
import json

import pytest

from channels.channel import UserMessage
from channels.mattermost.output import MattermostBot
from tests.servers.recording_server import recording_server
from tests.unit.mattermost.server import (
    CHANNEL,
    JSON,
    SIGNER,
    TOKEN,
    USER,
    WEBHOOK_URL,
    button,
    channel,
    post,
    posts,
    says,
    taken,
    takes_all,
)

YES = {"title": "Yes", "payload": "/affirm"}
SITE = {"type": "web_url", "title": "Site", "url": "https://x.io"}
IMAGE = "https://x.io/tiger.png"
PDF = "https://x.io/files/menu%20card.pdf?v=1"


def attached(*actions):
    return {"text": "Rooms", "actions": [*actions]}


OWN = {"name": "Go", "integration": {"url": WEBHOOK_URL, "context": {"action": "/go", "n": 1}}}
SIGNED = {
    **OWN,
    "type": "button",
    "integration": {
        "url": WEBHOOK_URL,
        "context": {"action": "/go", "n": 1, **SIGNER.button(CHANNEL, "/go")},
    },
}
FOREIGN = {"name": "Go", "integration": {"url": "https://other.io", "context": {"action": "/go"}}}
OWN_MENU = {"name": "Pick", "options": [{"text": "A", "value": "a"}], "integration": {}}

# a bot message of the agent: the posts it becomes
SAYS = {
    "text": ({"text": "*hi* <b> & co"}, [post("*hi* <b> & co")]),
    "one post a paragraph, as Rasa": (
        {"text": "one\n\ntwo\n\n\n\nthree"},
        [post("one"), post("two"), post("three")],
    ),
    "a code block with blank lines": ({"text": "```\na\n\nb\n```"}, [post("```\na\n\nb\n```")]),
    "buttons": (
        {"text": "Sure?", "buttons": [YES, {"title": "No", "payload": "/deny"}]},
        [post("Sure?", {"actions": [button("Yes", "/affirm"), button("No", "/deny", 1)]})],
    ),
    "quick replies": (
        {"text": "Sure?", "quick_replies": [YES]},
        [post("Sure?", {"actions": [button("Yes", "/affirm")]})],
    ),
    "buttons without a text": (
        {"buttons": [YES]},
        [post("", {"actions": [button("Yes", "/affirm")]})],
    ),
    "a button without a payload says its title": (
        {"text": "?", "buttons": [{"title": "Yes"}]},
        [post("?", {"actions": [button("Yes", "Yes")]})],
    ),
    "a button without a title shows its payload": (
        {"text": "?", "buttons": [{"title": " ", "payload": "/affirm"}]},
        [post("?", {"actions": [button("/affirm", "/affirm")]})],
    ),
    "a button whose payload is no text": (
        {"text": "?", "buttons": [{"title": "Yes", "payload": {"a": 1}}]},
        [post("?", {"actions": [button("Yes", '{"a": 1}')]})],
    ),
    "a link button": ({"text": "See", "buttons": [SITE]}, [post("See\n[Site](https://x.io)")]),
    "a link button among others": (
        {"text": "See", "buttons": [SITE, YES]},
        [post("See\n[Site](https://x.io)", {"actions": [button("Yes", "/affirm")]})],
    ),
    "an image": ({"image": IMAGE}, [post("", {"fallback": IMAGE, "image_url": IMAGE})]),
    "a file by its address": (
        {"attachment": PDF},
        [post("", {"fallback": PDF, "title": "menu card.pdf", "title_link": PDF})],
    ),
    "a file in Rasa's form": (
        {"attachment": {"type": "file", "payload": {"src": "https://x.io/"}}},
        [
            post(
                "",
                {
                    "fallback": "https://x.io/",
                    "title": "https://x.io/",
                    "title_link": "https://x.io/",
                },
            )
        ],
    ),
    "a file by an address that is broken": (
        {"attachment": "https://[x/a.pdf"},
        [
            post(
                "",
                {
                    "fallback": "https://[x/a.pdf",
                    "title": "https://[x/a.pdf",
                    "title_link": "https://[x/a.pdf",
                },
            )
        ],
    ),
    "an attachment that is no address": (
        {"attachment": "menu.pdf"},
        [post("Attachment: menu.pdf")],
    ),
    "Mattermost's attachment": ({"attachment": attached(OWN)}, [post("", attached(SIGNED))]),
    "several of Mattermost's attachments": (
        {"attachment": [{"text": "a"}, "b"]},
        [post("", {"text": "a"}, "b")],
    ),
    "a carousel": (
        {
            "elements": [
                {"title": "E", "subtitle": "S", "buttons": [YES, SITE]},
                {
                    "title": "F",
                    "image_url": IMAGE,
                    "default_action": {"type": "web_url", "url": "https://x.io"},
                },
            ]
        },
        [
            post(
                "",
                {
                    "fallback": "E",
                    "title": "E",
                    "text": "S\n[Site](https://x.io)",
                    "actions": [button("Yes", "/affirm")],
                },
            ),
            post(
                "",
                {
                    "fallback": "F",
                    "title": "F",
                    "image_url": IMAGE,
                    "title_link": "https://x.io",
                },
            ),
        ],
    ),
    "custom JSON": (
        {"custom": {"message": "hi", "props": {"card": "more"}}},
        [post("hi", props={"card": "more"})],
    ),
    "custom actions are signed": (
        {"custom": {"props": {"attachments": [attached(OWN, FOREIGN)]}}},
        [post("", attached(SIGNED, FOREIGN))],
    ),
    "a custom button without a payload": (
        {"custom": {"props": {"attachments": [attached({"name": "Go", "integration": {}})]}}},
        [
            post(
                "",
                attached(
                    {
                        "name": "Go",
                        "type": "button",
                        "integration": {
                            "url": WEBHOOK_URL,
                            "context": SIGNER.button(CHANNEL, "Go"),
                        },
                    }
                ),
            )
        ],
    ),
    "a custom menu": (
        {"custom": {"props": {"attachments": [attached(OWN_MENU)]}}},
        [
            post(
                "",
                attached(
                    {
                        **OWN_MENU,
                        "type": "select",
                        "integration": {"url": WEBHOOK_URL, "context": SIGNER.button(CHANNEL, "")},
                    }
                ),
            )
        ],
    ),
    "custom JSON for another channel": (
        {"custom": {"channel_id": "ch2", "message": "hi"}},
        [{"channel_id": "ch2", "message": "hi"}],
    ),
    "custom JSON of an odd shape": (
        {"custom": {"props": {"attachments": [5, {"actions": [None, {"integration": 5}]}]}}},
        [post("", 5, {"actions": [None, {"integration": 5}]})],
    ),
    "custom JSON that is no object": ({"custom": [1]}, [post("[1]")]),
}


@pytest.mark.parametrize(("message", "sent"), SAYS.values(), ids=SAYS)
def test_what_mattermost_gets(message, sent):
    before = json.dumps(message)
    requests, marks = says(message, takes_all)
    assert [request.json for request in requests] == sent
    assert marks == ["po9"] * len(sent)
    assert json.dumps(message) == before
    for request in requests:
        assert (request.method, request.path) == ("POST", "/api/v4/posts")
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert request.headers["content-type"] == "application/json"


def test_custom_actions_for_another_channel_are_signed_for_that_one():
    custom = {"channel_id": "ch2", "props": {"attachments": [{"actions": [OWN]}]}}
    [sent] = posts({"custom": custom})
    context = sent["props"]["attachments"][0]["actions"][0]["integration"]["context"]
    assert SIGNER.is_signed("ch2", context)


@pytest.mark.parametrize("status", [200, 201])
def test_both_statuses_are_success(status):
    _, marks = says({"text": "hi"}, lambda recorded: (status, takes_all(recorded)[1], JSON))
    assert marks == ["po9"]


def test_without_an_address_for_clicks_buttons_are_lines():
    sent = posts({"text": "Sure?", "buttons": [YES]}, webhook_url=None)
    assert [each["message"] for each in sent] == ["Sure?", "1: Yes (/affirm)"]
    element = {"title": "E", "subtitle": "S", "buttons": [YES]}
    sent = posts({"elements": [element]}, webhook_url=None)
    assert [each["message"] for each in sent] == ["E : S", "1: Yes (/affirm)"]


@pytest.mark.parametrize("url", ["{}", "{}/", "{}/api/v4", "{}/api/v4/"])
def test_an_address_with_and_without_the_path_of_the_api(url):
    with recording_server(taken) as server:
        made = channel(url=url.format(server.url))
        output = made.output_for(UserMessage("hi", reply_to={"channel_id": CHANNEL}))
        asyncio.run(output.send_text_message(USER, "hi"))
    assert [request.path for request in server.requests] == ["/api/v4/posts"]


def test_a_server_below_a_path():
    with recording_server(takes_all) as server:
        made = channel(url=f"{server.url}/chat/api/v4")
        output = made.output_for(UserMessage("hi", reply_to={"channel_id": CHANNEL}))
        asyncio.run(output.send_text_message(USER, "hi"))
    assert [request.path for request in server.requests] == ["/chat/api/v4/posts"]


def test_an_agent_may_make_the_output_itself_with_rasas_parameters():
    output = MattermostBot("https://x.io/api/v4", TOKEN, CHANNEL, WEBHOOK_URL)
    assert (output.url, output.bot_channel) == ("https://x.io/api/v4", CHANNEL)
    assert (output.webhook_url, output.name()) == (WEBHOOK_URL, "mattermost")


def test_a_message_without_a_channel_goes_to_the_recipient():
    [sent] = posts({"text": "hi"}, reply_to={})
    assert sent["channel_id"] == USER
