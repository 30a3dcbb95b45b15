"""What the user sees: each kind of bot message as requests of Meta's Send API."""

import asyncio
import json

import pytest

from channels.channel import UserMessage
from channels.errors import CredentialsError
from channels.facebook.output import MessengerBot
from tests.unit.facebook.conftest import channel
from tests.unit.facebook.fake_graph import conversation, error, ok, reply_to
from tests.unit.facebook.vectors import PROOF

YES = {"title": "Yes", "payload": "/affirm"}
SITE = {"type": "web_url", "title": "Site", "url": "https://example.com"}


def template(**payload):
    return {"attachment": {"type": "template", "payload": payload}}


def file(kind, url):
    return {"attachment": {"type": kind, "payload": {"url": url}}}


GOLDEN = [
    ({"text": "hello"}, [{"text": "hello"}], "a text"),
    ({"text": "a\n\nb"}, [{"text": "a"}, {"text": "b"}], "a text with a blank line"),
    (
        {"text": "Pick", "buttons": [YES, SITE]},
        [
            template(
                template_type="button",
                text="Pick",
                buttons=[{"type": "postback", "title": "Yes", "payload": "/affirm"}, SITE],
            )
        ],
        "buttons",
    ),
    (
        {"text": "Go", "buttons": [{"title": "Site", "url": "https://example.com"}]},
        [template(template_type="button", text="Go", buttons=[SITE])],
        "a button with a URL and no type",
    ),
    (
        {"buttons": [{"title": "Yes"}]},
        [
            template(
                template_type="button",
                text="\u2026",
                buttons=[{"type": "postback", "title": "Yes", "payload": "Yes"}],
            )
        ],
        "a button without payload, without text",
    ),
    (
        {"text": "Pick", "quick_replies": [{"title": "Red", "payload": "/red"}]},
        [
            {
                "text": "Pick",
                "quick_replies": [{"content_type": "text", "title": "Red", "payload": "/red"}],
            }
        ],
        "quick replies",
    ),
    (
        {
            "text": "Pick",
            "quick_replies": [
                {"content_type": "user_email"},
                {"title": "Red", "payload": "/red", "image_url": "https://example.com/r.png"},
            ],
        },
        [
            {
                "text": "Pick",
                "quick_replies": [
                    {"content_type": "user_email"},
                    {
                        "content_type": "text",
                        "title": "Red",
                        "payload": "/red",
                        "image_url": "https://example.com/r.png",
                    },
                ],
            }
        ],
        "quick replies with an image, and for an e-mail address",
    ),
    (
        {"image": "https://example.com/i.png"},
        [file("image", "https://example.com/i.png")],
        "an image",
    ),
    (
        {"attachment": "https://example.com/f.pdf?x=1"},
        [file("file", "https://example.com/f.pdf?x=1")],
        "a file",
    ),
    (
        {"attachment": "https://example.com/f.mp4"},
        [file("video", "https://example.com/f.mp4")],
        "a video",
    ),
    (
        {"attachment": "https://example.com/f.mp3"},
        [file("audio", "https://example.com/f.mp3")],
        "a sound",
    ),
    (
        {"attachment": {"type": "video", "payload": {"src": "https://example.com/v"}}},
        [file("video", "https://example.com/v")],
        "a video as Rasa's documentation writes it",
    ),
    (
        {"attachment": {"type": "image", "payload": {"attachment_id": "7"}}},
        [{"attachment": {"type": "image", "payload": {"attachment_id": "7"}}}],
        "an image that was uploaded before",
    ),
    ({"attachment": "see below"}, [{"text": "Attachment: see below"}], "no file at all"),
    ({"attachment": {"a": 1}}, [{"text": "Attachment: {'a': 1}"}], "an attachment of any type"),
    (
        {
            "elements": [
                {
                    "title": "T",
                    "subtitle": "S",
                    "image_url": "https://example.com/i.png",
                    "buttons": [{"title": "Buy", "payload": "/buy"}],
                }
            ]
        },
        [
            template(
                template_type="generic",
                elements=[
                    {
                        "title": "T",
                        "image_url": "https://example.com/i.png",
                        "subtitle": "S",
                        "buttons": [{"type": "postback", "title": "Buy", "payload": "/buy"}],
                    }
                ],
            )
        ],
        "cards",
    ),
    ({"elements": [{"title": "T"}]}, [{"text": "T"}], "a card of a title alone"),
    ({"custom": {"text": "x", "metadata": "m"}}, [{"text": "x", "metadata": "m"}], "own JSON"),
    ({"custom": [{"text": "x"}, {"text": "y"}]}, [{"text": "x"}, {"text": "y"}], "own JSONs"),
    ({"custom": "x"}, [{"text": '"x"'}], "JSON that is no object"),
]


@pytest.mark.parametrize(("message", "sent", "what"), GOLDEN, ids=[row[2] for row in GOLDEN])
def test_a_bot_says(message, sent, what):
    before = json.dumps(message)
    with conversation() as talk:
        talk.send(message)
        assert talk.messages == sent
        assert json.dumps(message) == before
        parts = [(number, f"m_OUT{number}") for number in range(1, len(sent) + 1)]
        assert talk.marks == parts, "each call is a part, with the platform's id"


def test_a_request_names_page_user_token_and_proof():
    with conversation() as talk:
        talk.send({"text": "hello"})
        [request] = talk.server.requests
    assert request.method == "POST"
    assert request.path == f"/v25.0/1000000000001/messages?appsecret_proof={PROOF}"
    assert request.headers["authorization"] == "Bearer EAAGtoken"
    assert "access_token" not in request.path
    assert request.json == {
        "recipient": {"id": "PSID_1"},
        "messaging_type": "RESPONSE",
        "message": {"text": "hello"},
    }


def test_each_page_has_its_token():
    tokens = {1000000000001: "EAAGone", "1000000000002": "EAAGtwo"}
    for page, token in (("1000000000001", "EAAGone"), ("1000000000002", "EAAGtwo"), ("3", "EAAG")):
        with conversation(
            where=reply_to(page=page), page_tokens=tokens, page_access_token="EAAG"
        ) as talk:
            talk.send({"text": "hello"})
            [request] = talk.server.requests
        assert request.headers["authorization"] == f"Bearer {token}"
        assert request.path.startswith(f"/v25.0/{page}/messages?")


def test_a_page_without_a_token_is_named():
    facebook = channel(page_access_token=None, page_tokens={"1": "EAAG"})
    with pytest.raises(CredentialsError, match=r"the page 2.*'page_tokens'"):
        facebook.output_for(UserMessage("hi", reply_to=reply_to(page="2")))
    with pytest.raises(CredentialsError, match="'page-access-token'"):
        facebook.get_output_channel()


def test_version_and_proof_can_be_chosen():
    with conversation(graph_version="v26.0", appsecret_proof=False) as talk:
        talk.send({"text": "hello"})
        assert talk.server.requests[0].path == "/v26.0/1000000000001/messages"


def test_instagram_is_written_to_under_its_page():
    where = reply_to("instagram", "17841400000000000")
    with conversation(where=where, page_tokens={"17841400000000000": "EAAGig"}) as talk:
        talk.send({"text": "hello"})
        [request] = talk.server.requests
    assert request.path.startswith("/v25.0/me/messages?")
    assert request.headers["authorization"] == "Bearer EAAGig"


def test_a_message_sent_unasked_goes_to_the_conversation_it_names():
    with conversation() as talk:
        output = talk.facebook.get_output_channel()
        assert isinstance(output, MessengerBot)
        assert output.name() == "facebook"
        for conversation_id in ("PSID_1", "1000000000001:PSID_1"):
            asyncio.run(output.send_text_message(conversation_id, "hello"))
        assert [body["recipient"] for body in talk.bodies] == [{"id": "PSID_1"}] * 2
        assert talk.server.requests[0].path.startswith("/v25.0/me/messages?")


def test_a_user_without_an_id_is_answered_by_reference():
    where = {**reply_to(), "recipient": {"user_ref": "REF1"}}
    with conversation(where=where) as talk:
        talk.send({"text": "hello"})
        asyncio.run(talk.output.show_typing("REF1"))
        assert [body["recipient"] for body in talk.bodies] == [{"user_ref": "REF1"}]


def test_while_the_agent_works_the_user_sees_that_it_was_read_and_the_dots():
    with conversation() as talk:
        asyncio.run(talk.output.show_typing("PSID_1"))
        assert talk.bodies == [
            {"recipient": {"id": "PSID_1"}, "sender_action": "mark_seen"},
            {"recipient": {"id": "PSID_1"}, "sender_action": "typing_on"},
        ]


def test_custom_json_may_name_another_recipient_as_in_rasa():
    custom = {"sender": {"id": 42}, "text": "x"}
    with conversation() as talk:
        talk.send({"custom": custom})
        [body] = talk.bodies
    assert body["recipient"] == {"id": "42"}
    assert body["message"] == {"text": "x"}
    assert custom == {"sender": {"id": 42}, "text": "x"}


@pytest.mark.parametrize(
    ("custom", "rest"),
    [
        (
            {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT", "message": {"text": "x"}},
            {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT", "message": {"text": "x"}},
        ),
        (
            {"notification_type": "NO_PUSH", "message": {"text": "x"}},
            {
                "messaging_type": "RESPONSE",
                "notification_type": "NO_PUSH",
                "message": {"text": "x"},
            },
        ),
        ({"sender_action": "typing_off"}, {"sender_action": "typing_off"}),
    ],
)
def test_custom_json_may_be_a_whole_request(custom, rest):
    with conversation() as talk:
        talk.send({"custom": custom})
        assert talk.bodies == [{"recipient": {"id": "PSID_1"}, **rest}]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"image": "https://example.com/i.png"}, "Image: https://example.com/i.png"),
        ({"attachment": "https://example.com/f"}, "Attachment: https://example.com/f"),
    ],
)
def test_a_file_that_meta_refuses_is_sent_as_a_text_in_the_same_part(message, text):
    def respond(request):
        return error(400, 100, 2018008) if b"attachment" in request.body else ok(7)

    with conversation(respond) as talk:
        talk.send(message)
        assert talk.messages[-1] == {"text": text}
        assert talk.marks == [(1, "m_OUT7")]


def test_long_payloads_are_kept_and_come_back_with_the_click():
    payload = "/inform" + json.dumps({"note": "x" * 2000})
    with conversation() as talk:
        button = {"title": "Yes", "payload": payload}
        talk.send({"text": "Pick", "buttons": [button]})
        talk.send({"text": "Pick", "quick_replies": [button]})
        talk.send({"elements": [{"title": "T", "buttons": [button]}]})
        buttons, replies, cards = talk.messages
        keys = {
            buttons["attachment"]["payload"]["buttons"][0]["payload"],
            replies["quick_replies"][0]["payload"],
            cards["attachment"]["payload"]["elements"][0]["buttons"][0]["payload"],
        }
        [key] = keys
        assert len(key) < 100
        clicked = UserMessage(key, metadata={"title": "Yes"})
        assert talk.facebook.enrich(clicked)
        assert clicked.text == payload


def test_without_a_memory_a_long_payload_is_spelled_out():
    payload = "/p" + "x" * 1000
    with conversation() as talk:
        talk.facebook.memory = None
        button = {"title": "Yes", "payload": payload}
        talk.send({"text": "Pick", "buttons": [button]})
        talk.send({"text": "Pick", "quick_replies": [button]})
        talk.send({"elements": [{"title": "T", "buttons": [button]}]})
        texts = [message["text"] for message in talk.messages]
    said = f"1: Yes ({payload})"
    assert texts == ["Pick", said, "Pick", said, "T : ", said]


def test_a_turn_goes_on_after_any_part():
    message = {
        "text": "Pick",
        "buttons": [{"title": f"T{n}", "payload": "/p"} for n in range(7)],
        "image": "https://example.com/i.png",
    }
    with conversation() as talk:
        talk.send(message)
        whole = talk.messages
    assert len(whole) == 4
    for already_sent in range(5):
        with conversation() as talk:
            talk.send(message, already_sent)
            assert talk.messages == whole[already_sent:]


def test_short_payloads_are_not_kept():
    with conversation() as talk:
        talk.send({"text": "Pick", "buttons": [YES]})
        assert talk.memory.values == {}
