"""What a bot says, as the messages of Webex's API that it becomes."""

import asyncio

import pytest

from channels.channel import UserMessage
from channels.errors import (
    CredentialsError,
    PlatformUnavailable,
    RateLimited,
    RecipientGone,
    SendError,
)
from tests.unit.webexteams.webex import (
    ROOM,
    TOKEN,
    answer,
    bot,
    channel,
    parts,
    refused,
    request,
    say,
)

IMAGE = "https://example.com/i.png"
FILE = "https://example.com/a.pdf"
YES = {"title": "Yes", "payload": "/affirm"}
NO = {"title": "No", "payload": "/deny"}


def sent(markdown, text=None, **more):
    return {"roomId": ROOM, "markdown": markdown, "text": text or markdown, **more}


def submit(title, payload):
    return {"type": "Action.Submit", "title": title, "data": {"payload": payload}}


def card(body, *actions):
    content = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.3",
        "body": body,
        "actions": list(actions),
    }
    return [{"contentType": "application/vnd.microsoft.card.adaptive", "content": content}]


def block(text, **style):
    return {"type": "TextBlock", "text": text, "wrap": True, **style}


PICTURE = {"type": "Image", "url": IMAGE, "altText": "T"}
YES_NO = [submit("Yes", "/affirm"), submit("No", "/deny")]

GOLDEN = {
    "a text": ({"text": "hi **\u00e9**"}, [sent("hi **\u00e9**")]),
    "paragraphs": (
        {"text": "one\n\ntwo\nlines\n\n\n"},
        [sent("one"), sent("two  \nlines", "two\nlines")],
    ),
    "a code block": (
        {"text": "see\n```\na\n\nb\n```\nso"},
        [sent("see  \n```\na\n\nb\n```  \nso", "see\n```\na\n\nb\n```\nso")],
    ),
    "a blank text": ({"text": " \n\n "}, []),
    "what would ring everybody": ({"text": "<@all> hi"}, [sent("&lt;@all> hi", "<@all> hi")]),
    "a mention": ({"text": "<@personEmail:ann@example.com> hi"},
                  [sent("<@personEmail:ann@example.com> hi")]),
    "an image": ({"image": IMAGE}, [{"roomId": ROOM, "files": [IMAGE]}]),
    "text and image": (
        {"text": "see", "image": IMAGE},
        [sent("see"), {"roomId": ROOM, "files": [IMAGE]}],
    ),
    "an image that is no URL": ({"image": "i.png"}, [sent("Image: i.png")]),
    "a file": ({"attachment": FILE}, [{"roomId": ROOM, "files": [FILE]}]),
    "a file as Rasa writes it": (
        {"attachment": {"type": "video", "payload": {"src": FILE}}},
        [{"roomId": ROOM, "files": [FILE]}],
    ),
    "a file with a url": (
        {"attachment": {"type": "file", "url": FILE}},
        [{"roomId": ROOM, "files": [FILE]}],
    ),
    "an attachment that is no URL": (
        {"attachment": "a.pdf"},
        [sent("Attachment: a.pdf")],
    ),
    "an attachment without one": ({"attachment": {"a": 1}}, [sent("Attachment: {'a': 1}")]),
    "buttons": (
        {"text": "Sure?\n\nReally?", "buttons": [YES, NO]},
        [sent("Sure?\n\nReally?", attachments=card([block("Sure?\n\nReally?")], *YES_NO))],
    ),
    "quick replies": (
        {"text": "Sure?", "quick_replies": [YES, NO]},
        [sent("Sure?", attachments=card([block("Sure?")], *YES_NO))],
    ),
    "buttons without a text": (
        {"buttons": [YES, NO]},
        [sent("Yes, No", attachments=card([], *YES_NO))],
    ),
    "a link button": (
        {"text": "See", "buttons": [{"title": "Site", "url": "https://example.com"}]},
        [
            sent(
                "See",
                attachments=card(
                    [block("See")],
                    {"type": "Action.OpenUrl", "title": "Site", "url": "https://example.com"},
                ),
            )
        ],
    ),
    "buttons that lack a part": (
        {"text": "?", "buttons": [{"title": "Yes"}, {"payload": "/deny"}, "Maybe", {}]},
        [
            sent(
                "?",
                attachments=card(
                    [block("?")],
                    submit("Yes", "Yes"),
                    submit("/deny", "/deny"),
                    submit("Maybe", "Maybe"),
                    submit("\u2026", "\u2026"),
                ),
            )
        ],
    ),
    "a payload that is an object": (
        {"text": "?", "buttons": [{"title": "Yes", "payload": {"a": 1}}]},
        [sent("?", attachments=card([block("?")], submit("Yes", '{"a": 1}')))],
    ),
    "an element": (
        {"elements": [{"title": "T", "subtitle": "S", "image_url": IMAGE, "buttons": [YES]}]},
        [
            sent(
                "T : S",
                attachments=card(
                    [PICTURE, block("T", weight="Bolder"), block("S")], submit("Yes", "/affirm")
                ),
            )
        ],
    ),
    "elements that lack parts": (
        {"elements": [{"title": "T"}, {"image_url": IMAGE}, {"buttons": [YES]}, {}]},
        [
            sent("T", attachments=card([block("T", weight="Bolder")])),
            sent(IMAGE, attachments=card([{**PICTURE, "altText": ""}])),
            sent("Yes", attachments=card([], submit("Yes", "/affirm"))),
        ],
    ),
    "custom: a message": (
        {"custom": {"markdown": "*hi*"}},
        [{"roomId": ROOM, "markdown": "*hi*"}],
    ),
    "custom: a card of the bot's own": (
        {"custom": {"text": "card", "attachments": card([block("x")])}},
        [{"roomId": ROOM, "text": "card", "attachments": card([block("x")])}],
    ),
    "custom: to a person": (
        {"custom": {"toPersonEmail": "ann@example.com", "text": "hi"}},
        [{"toPersonEmail": "ann@example.com", "text": "hi"}],
    ),
    "custom: to another room": (
        {"custom": {"roomId": "ROOM2", "text": "hi"}},
        [{"roomId": "ROOM2", "text": "hi"}],
    ),
    "custom: two files and a text": (
        {"custom": {"text": "see", "files": [FILE, IMAGE]}},
        [
            {"roomId": ROOM, "text": "see", "files": [FILE]},
            {"roomId": ROOM, "files": [IMAGE]},
        ],
    ),
    "custom: a file that is no list": (
        {"custom": {"files": FILE}},
        [{"roomId": ROOM, "files": [FILE]}],
    ),
    "custom: two cards": (
        {"custom": {"text": "see", "attachments": card([block("x")]) + card([block("y")])}},
        [
            {"roomId": ROOM, "text": "see", "attachments": card([block("x")])},
            {"roomId": ROOM, "text": "see", "attachments": card([block("y")])},
        ],
    ),
    "custom: nothing that Webex could show": (
        {"custom": {"a": 1}},
        [sent('{"a": 1}')],
    ),
    "custom: a list": ({"custom": [1]}, [sent("[1]")]),
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDEN)
def test_what_a_bot_says(name):
    response, messages = GOLDEN[name]
    assert say(response) == messages


def test_the_call():
    with bot() as (instance, webex):
        output = instance.output_for(UserMessage(None, reply_to={"roomId": ROOM}))
        asyncio.run(output.send_text_message(ROOM, "hi"))
        [call] = webex.server.requests
    assert (call.method, call.path) == ("POST", "/messages")
    assert call.headers["authorization"] == f"Bearer {TOKEN}"
    assert call.headers["content-type"] == "application/json"


KINDS = [
    {"text": "a"},
    {"image": IMAGE},
    {"text": "?", "buttons": [YES]},
    {"custom": {"text": "a"}},
]


@pytest.mark.parametrize("response", KINDS)
def test_with_a_room_everything_goes_there(response):
    [message] = say(response, room="FIXED")
    assert message["roomId"] == "FIXED"


def test_unasked_messages_go_to_the_recipients_room():
    with bot() as (instance, webex):
        asyncio.run(instance.get_output_channel().send_text_message("ROOM7:PERSON", "hi"))
        assert webex.posted[0]["roomId"] == "ROOM7"
    with bot(room="FIXED") as (instance, webex):
        asyncio.run(instance.get_output_channel().send_text_message("ROOM7", "hi"))
        assert webex.posted[0]["roomId"] == "FIXED"


@pytest.mark.parametrize("response", KINDS)
def test_an_answer_is_in_the_thread_only_when_told_so(response):
    reply_to = {"roomId": ROOM, "messageId": "MSG3", "parentId": "MSG0"}
    [message] = say(response, reply_to=reply_to, use_threads=True)
    assert message["parentId"] == "MSG0"
    [message] = say(response, reply_to=reply_to)
    assert "parentId" not in message


THREADS = {
    "a reply": ({"id": "MSG3", "roomId": ROOM, "parentId": "MSG0"}, "MSG0"),
    "a thread's root": ({"id": "MSG3", "roomId": ROOM}, "MSG3"),
    "a deleted message": (refused(404), None),
}


@pytest.mark.parametrize("name", THREADS)
def test_a_root_that_the_hook_does_not_name_is_looked_up_once(name):
    document, root = THREADS[name]
    reply_to = {"roomId": ROOM, "messageId": "MSG3"}
    with bot(use_threads=True, documents={"/messages/MSG3": document}) as (instance, webex):
        output = instance.output_for(UserMessage(None, reply_to=reply_to))
        asyncio.run(output.send_text_message(ROOM, "one\n\ntwo"))
        assert [message.get("parentId") for message in webex.posted] == [root, root]
        assert webex.calls.count("GET /messages/MSG3") == 1


def test_an_answer_to_a_thread_that_is_gone_is_in_the_room():
    reply_to = {"roomId": ROOM, "parentId": "MSG0"}
    refusals = [refused(404), answer({"id": "OUT1", "roomId": ROOM})]
    messages = say({"text": "a\n\nb"}, *refusals, reply_to=reply_to, use_threads=True)
    assert [message.get("parentId") for message in messages] == ["MSG0", None, None]
    assert [message["text"] for message in messages] == ["a", "a", "b"]


def test_a_room_that_is_gone_is_gone_without_its_thread_too():
    reply_to = {"roomId": ROOM, "parentId": "MSG0"}
    with pytest.raises(RecipientGone):
        say({"text": "a"}, refused(404), refused(404), reply_to=reply_to, use_threads=True)


def test_a_thread_is_left_where_the_answer_goes_to_another_room():
    reply_to = {"roomId": ROOM, "parentId": "MSG0"}
    [message] = say({"text": "hi"}, use_threads=True, reply_to=reply_to, room="FIXED")
    assert message == {"roomId": "FIXED", "markdown": "hi", "text": "hi"}


def test_a_completed_message_is_answered_in_its_thread_without_a_call_more():
    documents = {"/messages/MSG1": {"id": "MSG1", "roomId": ROOM, "text": "hi"}}
    with bot(use_threads=True, documents=documents) as (instance, webex):
        [message] = instance.parse(request("message_in_group"))
        assert instance.enrich(message)
        asyncio.run(instance.output_for(message).send_text_message(ROOM, "hi"))
        assert webex.posted[0]["parentId"] == "MSG1"
        assert webex.calls.count("GET /messages/MSG1") == 1


SIMPLER = {
    "a file": ({"image": IMAGE}, [sent(f"Image: {IMAGE}")]),
    "an attachment": ({"attachment": FILE}, [sent(f"Attachment: {FILE}")]),
    "buttons": (
        {"text": "Sure?", "buttons": [YES, NO]},
        [sent("Sure?  \n1: Yes (/affirm)  \n2: No (/deny)",
              "Sure?\n1: Yes (/affirm)\n2: No (/deny)")],
    ),
    "an element": (
        {"elements": [{"title": "T", "image_url": IMAGE, "buttons": [YES]}]},
        [sent(f"T  \n{IMAGE}  \n1: Yes (/affirm)", f"T\n{IMAGE}\n1: Yes (/affirm)")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SIMPLER)
def test_what_webex_refuses_is_sent_in_a_simpler_form(name):
    response, messages = SIMPLER[name]
    assert say(response, refused(400))[1:] == messages


ERRORS = {
    "the token is revoked": (refused(401), CredentialsError),
    "not a member any more": (refused(403, "Failed to get activity."), RecipientGone),
    "no right to": (refused(403, "Missing required scopes."), SendError),
    "no such room": (refused(404), RecipientGone),
    "refused for good": (refused(400), SendError),
    "too large": (refused(413), SendError),
    "too many": (refused(429, **{"retry-after": "9"}), RateLimited),
    "locked": (refused(423, **{"retry-after": "9"}), RateLimited),
    "broken": (refused(500), PlatformUnavailable),
    "a gateway": ((502, b"<html>", {}), PlatformUnavailable),
    "elsewhere": ((302, b"", {"location": "https://example.com"}), PlatformUnavailable),
    "nobody's": (answer({"message": "no", "errors": []}, 400), PlatformUnavailable),
    "nobody's id": (answer({"message": "no", "trackingId": "x"}, 403), PlatformUnavailable),
    "no message": ((200, b"{}", {}), PlatformUnavailable),
    "no answer": ((200, b"", {}), PlatformUnavailable),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_named_after_what_follows(name, caplog):
    refusal, kind = ERRORS[name]
    with pytest.raises(kind) as error:
        say({"text": "secret text"}, refusal)
    assert type(error.value) is kind
    assert kind is not RateLimited or error.value.retry_after == 9.0
    told = f"{error.value} {caplog.text}"
    assert TOKEN not in told
    assert "secret text" not in told
    if refusal[2].get("trackingid"):
        assert "trackingId ROUTER_1" in caplog.text


@pytest.mark.parametrize("status", [403, 404])
def test_another_room_that_is_gone_does_not_end_the_conversation(status):
    with pytest.raises(SendError) as error:
        say({"custom": {"roomId": "ROOM2", "text": "hi"}}, refused(status))
    assert type(error.value) is SendError


def test_a_part_is_marked_with_the_message_s_id():
    assert parts({"text": "hi"}, answer({"id": "OUT7", "roomId": ROOM}))[1] == ["OUT7"]


def test_what_webex_repeats_of_a_message_is_not_told():
    with pytest.raises(SendError, match="odd") as error:
        say({"text": "secret text"}, refused(400, "odd: secret text"))
    assert "secret text" not in str(error.value)


TURN = {
    "text": "a\n\nb",
    "custom": {"files": [FILE, IMAGE]},
    "image": IMAGE,
    "elements": [{"title": "T", "buttons": [YES] * 7}, {"title": "U"}],
}


def test_a_turn_goes_on_after_any_part():
    whole, marks = parts(TURN)
    assert len(whole) == len(marks) == 8
    for sent_before in range(len(whole) + 1):
        assert parts(TURN, sent=sent_before)[0] == whole[sent_before:]


def test_a_part_that_is_refused_for_good_does_not_stop_the_turn():
    messages, marks = parts({"text": "a\n\nb"}, refused(400, "odd"))
    assert len(messages) == 2
    assert marks == ["refused: messages: status 400 odd", "OUT1"]


def test_webex_shows_no_typing():
    with bot() as (instance, webex):
        asyncio.run(instance.get_output_channel().show_typing(ROOM))
        assert webex.calls == []


def test_the_output_bears_rasas_name():
    assert channel().get_output_channel().name() == "webexteams"
    assert channel(room="R").get_output_channel().room == "R"
