"""What the bot says, as requests of the Bot Connector."""

import asyncio
import json
from urllib.parse import parse_qs

import pytest

from channels.messages.payloads import LIFETIME, key_of
from tests.unit.botframework.bot import (
    APP_ID,
    PASSWORD,
    TENANT,
    KeyValueStore,
    activity,
    connected,
    parse,
    parts,
    say,
)

HERO = "application/vnd.microsoft.card.hero"
IMAGE = "https://example.com/i.png"
BUTTONS = [{"title": "Yes", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}]
RECIPIENT = {"id": "29:1ann", "name": "Ann", "aadObjectId": "aaaaaaaa-0000-4000-8000-000000000001"}
ENVELOPE = {
    "type": "message",
    "from": {"id": "28:11111111-2222-3333-4444-555555555555", "name": "Assistant"},
    "recipient": RECIPIENT,
    "conversation": {"id": "a:1personal"},
    "replyToId": "1767225600001",
    "channelData": {"notification": {"alert": "true"}},
}


def contents(activities):
    """The cards of activities."""
    cards = [card for each in activities for card in each["attachments"]]
    assert {card["contentType"] for card in cards} == {HERO}
    return [card["content"] for card in cards]


def test_a_text_is_one_request():
    with connected() as (output, connector):
        asyncio.run(output.send_text_message("29:1ann", "hello"))
        login, call = connector.server.requests
    assert (call.method, call.path) == ("POST", "/emea/v3/conversations/a%3A1personal/activities")
    assert call.headers["authorization"] == "Bearer t1"
    assert call.headers["content-type"] == "application/json"
    assert call.json == {**ENVELOPE, "text": "hello", "textFormat": "markdown"}
    assert login.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(login.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": [APP_ID],
        "client_secret": [PASSWORD],
        "scope": ["https://api.botframework.com/.default"],
    }


def test_the_path_is_that_of_microsofts_sdk():
    odd = {"conversation": {"id": "a:1/2;messageid=3"}}
    with connected(reply_to=odd) as (output, connector):
        asyncio.run(output.send_text_message("29:1ann", "hello"))
        assert connector.sent[0].path == (
            "/emea/v3/conversations/a%3A1%2F2%3Bmessageid%3D3/activities"
        )


def test_a_thread_of_a_team_is_answered_in_the_thread():
    with connected(name="mention_in_channel") as (output, connector):
        asyncio.run(output.send_text_message("29:1ann", "hello"))
        assert connector.sent[0].path == (
            "/emea/v3/conversations/"
            "19%3Ageneral%40thread.tacv2%3Bmessageid%3D1767225600000/activities"
        )


def test_typing_is_an_activity_whose_answer_has_no_body():
    with connected() as (output, connector):
        asyncio.run(output.show_typing("29:1ann"))
        [shown] = connector.activities
    assert shown["type"] == "typing"
    assert "channelData" not in shown
    assert "text" not in shown


def test_texts_are_a_message_a_paragraph_as_in_rasa():
    said = say({"text": "one\n\ntwo\nlines"}, name="suggested_action")
    assert [each["text"] for each in said] == ["one", "two\nlines"]


LINES = "Your order:\n1 pizza\n1 cola"


def test_the_lines_of_a_text_are_lines_in_teams():
    [message] = say({"text": LINES})
    assert message["text"] == "Your order:  \n1 pizza  \n1 cola"
    assert message["textFormat"] == "markdown"


@pytest.mark.parametrize("name", ["text", "group_chat", "mention_in_channel"])
def test_in_every_kind_of_chat(name):
    [message] = say({"text": "a\r\nb\n"}, name=name)
    assert (message["text"], message["textFormat"]) == ("a  \nb", "markdown")


@pytest.mark.parametrize(
    "channel_id", ["webchat", "directline", "emulator", "slack", "telegram", "facebook", "email"]
)
@pytest.mark.parametrize(
    "kind", [{}, {"buttons": [{"title": "T"}]}, {"quick_replies": [{"title": "T"}]}]
)
def test_other_channels_show_the_end_of_a_line_themselves(channel_id, kind):
    [message] = say({"text": LINES, **kind}, reply_to={"channelId": channel_id})
    shown = message.get("text") or message["attachments"][0]["content"]["text"]
    assert shown == LINES
    assert "textFormat" not in message


def test_a_card_of_teams_has_lines_too():
    [card] = contents(say({"text": LINES, "buttons": BUTTONS}))
    assert card["text"] == "Your order:<br>1 pizza<br>1 cola"


def test_a_card_of_teams_shows_code_and_markup_as_they_are_written():
    text = "```\ncode\n  indented\n```\nand `x<y>` & <one>"
    [card] = contents(say({"text": text, "buttons": BUTTONS}))
    shown = "<pre>code<br>  indented</pre>and `x&lt;y&gt;` &amp; &lt;one&gt;"
    assert card["text"] == shown
    four = [{"title": title} for title in "abcd"]
    [card] = contents(say({"text": text, "quick_replies": four}))
    assert card["text"] == shown


def test_an_elements_lines_are_shown_by_teams():
    """Its title and subtitle have no format: several lines are a card's text."""
    [card] = contents(say({"elements": [{"title": "T\nU", "subtitle": "s1\ns2 <b>"}]}))
    assert card == {"title": "T U", "text": "s1<br>s2 &lt;b&gt;"}
    [card] = contents(say({"elements": [{"title": "T", "subtitle": "a <b>"}]}))
    assert card == {"title": "T", "subtitle": "a <b>"}
    elsewhere = {"channelId": "webchat"}
    [card] = contents(say({"elements": [{"title": "T", "subtitle": "a\nb"}]}, reply_to=elsewhere))
    assert card == {"title": "T", "subtitle": "a\nb"}


def test_suggested_actions_stand_below_lines():
    [message] = say({"text": LINES, "quick_replies": [{"title": "Yes"}]})
    assert message["text"] == "Your order:  \n1 pizza  \n1 cola"
    assert message["suggestedActions"]["actions"][0]["title"] == "Yes"


def test_what_the_bot_writes_for_teams_itself_stays_as_it_is():
    custom = {"text": "a\nb"}
    for message in say({"custom": custom}) + say({"elements": [custom]}):
        assert message == {**ENVELOPE, **custom}


def test_buttons_of_teams_bring_title_and_payload():
    [card] = contents(say({"text": "Sure?", "buttons": BUTTONS}))
    assert card == {
        "text": "Sure?",
        "buttons": [
            {
                "type": "messageBack",
                "title": title,
                "displayText": title,
                "text": payload,
                "value": {"payload": payload},
            }
            for title, payload in (("Yes", "/affirm"), ("No", "/deny"))
        ],
    }


@pytest.mark.parametrize("name", ["text", "suggested_action"])
def test_a_click_says_the_payload(name):
    payload = '/inform{"city": "K\u00f6ln", "people": 6}'
    with connected(name=name) as (output, connector):
        buttons = [{"title": "T", "payload": payload}]
        asyncio.run(output.send_text_with_buttons("29:1ann", "?", buttons))
        [button] = contents(connector.activities)[0]["buttons"]
    clicked = activity(name, text=button["text"], value=button["value"])
    assert parse(clicked)[0].text == payload
    assert parse({**clicked, "text": ""})[0].text == payload, "where only the value arrives"
    assert parse({**clicked, "value": None})[0].text == payload, "where only the text arrives"


def test_other_channels_have_another_kind_of_button():
    with connected(reply_to={"channelId": "facebook"}) as (output, connector):
        asyncio.run(output.send_text_with_buttons("u", "?", BUTTONS))
        [card] = contents(connector.activities)
    assert card["buttons"] == [
        {"type": "postBack", "title": "Yes", "value": "/affirm"},
        {"type": "postBack", "title": "No", "value": "/deny"},
    ]
    for odd in ({"text": "/affirm"}, {"text": "", "value": "/affirm"}):
        assert parse(activity("card_value_text", **{"value": None, **odd}))[0].text == "/affirm"


@pytest.mark.parametrize(
    ("button", "action"),
    [
        (
            {"title": "Site", "url": "https://example.com"},
            {"type": "openUrl", "title": "Site", "value": "https://example.com"},
        ),
        (
            {"type": "imBack", "title": "T", "value": "words"},
            {"type": "imBack", "title": "T", "value": "words"},
        ),
        (
            {"title": "T", "payload": "/p", "type": "postback"},
            {
                "type": "messageBack",
                "title": "T",
                "displayText": "T",
                "text": "/p",
                "value": {"payload": "/p"},
            },
        ),
        (
            {"payload": {"a": 1}},
            {
                "type": "messageBack",
                "title": '{"a": 1}',
                "displayText": '{"a": 1}',
                "text": '{"a": 1}',
                "value": {"payload": '{"a": 1}'},
            },
        ),
        (
            {},
            {
                "type": "messageBack",
                "title": "\u2026",
                "displayText": "\u2026",
                "text": "\u2026",
                "value": {"payload": "\u2026"},
            },
        ),
    ],
)
def test_kinds_of_buttons(button, action):
    [card] = contents(say({"text": "?", "buttons": [button]}))
    assert card["buttons"] == [action]


def test_buttons_without_a_text():
    [card] = contents(say({"buttons": BUTTONS}))
    assert "text" not in card
    assert len(card["buttons"]) == 2


def test_a_long_payload_is_remembered_before_its_button_is_sent():
    payload = "/inform" + "x" * 2000
    memory = KeyValueStore()
    button = {"title": "Italian", "payload": payload}
    [card] = contents(say({"text": "?", "buttons": [button]}, memory=memory))
    key = key_of(payload)
    assert card["buttons"][0]["text"] == key
    assert card["buttons"][0]["value"] == {"payload": key, "title": "Italian"}
    assert memory[key] == payload
    assert LIFETIME in memory.lifetimes


QUICK = {"text": "Sure?", "quick_replies": BUTTONS}
TITLES = {"text": "Sure?", "quick_replies": [{"title": "Yes"}, {"title": "No", "payload": "No"}]}


def test_quick_replies_of_web_chat_are_suggested_actions_with_payloads():
    [message] = say(QUICK, name="suggested_action")
    assert message["text"] == "Sure?"
    assert message["suggestedActions"]["to"] == ["dl_ann"]
    assert [each["type"] for each in message["suggestedActions"]["actions"]] == ["messageBack"] * 2
    assert message["suggestedActions"]["actions"][0]["text"] == "/affirm"


def test_quick_replies_of_teams_that_are_words_are_suggested_actions():
    [message] = say(TITLES)
    assert message["suggestedActions"] == {
        "to": ["29:1ann"],
        "actions": [
            {"type": "imBack", "title": "Yes", "value": "Yes"},
            {"type": "imBack", "title": "No", "value": "No"},
        ],
    }


@pytest.mark.parametrize(
    ("response", "settings"),
    [
        (QUICK, {}),
        (TITLES, {"name": "group_chat"}),
        (TITLES, {"reply_to": {"channelId": "email"}}),
        ({**TITLES, "quick_replies": [{"title": f"T{n}"} for n in range(4)]}, {}),
        ({**TITLES, "quick_replies": [{"title": f"T{n}"} for n in range(7)]}, {}),
        (TITLES, {"name": "mention_in_channel"}),
        ({**TITLES, "quick_replies": [{"title": "x" * 101}]}, {}),
        ({"quick_replies": [{"title": "Site", "url": IMAGE}]}, {"name": "suggested_action"}),
    ],
)
def test_elsewhere_they_are_buttons_on_a_card(response, settings):
    messages = say(response, **settings)
    assert not any("suggestedActions" in message for message in messages)
    buttons = [each for card in contents(messages) for each in card["buttons"]]
    assert len(buttons) == len(response["quick_replies"])


def test_a_fourth_quick_reply_moves_all_to_a_card():
    choices = [f"Choice {number}" for number in range(1, 5)]
    quick = [{"title": choice, "payload": choice} for choice in choices]
    [card] = contents(say({"text": "Which one?", "quick_replies": quick}))
    assert card["text"] == "Which one?"
    assert [button["title"] for button in card["buttons"]] == choices


@pytest.mark.parametrize("count", range(1, 15))
@pytest.mark.parametrize("name", ["text", "group_chat", "mention_in_channel", "suggested_action"])
@pytest.mark.parametrize("payload", ["", "/pick"])
def test_no_quick_reply_is_left_out(count, name, payload):
    """Teams shows three suggested actions, six buttons a card."""
    titles = [f"T{n}" for n in range(count)]
    quick = [{"title": title, "payload": f"{payload}{title}"} for title in titles]
    messages = say({"text": "Which one?", "quick_replies": quick}, name=name)
    suggested = [
        each["suggestedActions"]["actions"] for each in messages if "suggestedActions" in each
    ]
    cards = [card["content"] for each in messages for card in each.get("attachments", [])]
    shown = [*suggested, *(card["buttons"] for card in cards)]
    assert [action["title"] for group in shown for action in group] == titles
    is_web = name == "suggested_action"
    assert bool(suggested) == (is_web or (name == "text" and not payload and count <= 3))
    assert max(map(len, shown)) <= (count if is_web else 3 if suggested else 6)


def test_quick_replies_without_a_text_have_one():
    [message] = say({"quick_replies": BUTTONS}, name="suggested_action")
    assert message["text"] == "\u2026"


def test_an_image_is_on_a_hero_card_as_in_rasa():
    assert contents(say({"image": IMAGE})) == [{"images": [{"url": IMAGE}]}]
    assert contents(say({"image": IMAGE, "alt_text": "a cat"})) == [
        {"images": [{"url": IMAGE, "alt": "a cat"}]}
    ]


FILE = "https://example.com/a%20b.pdf?x=1"
LINK = {"title": "a b.pdf", "buttons": [{"type": "openUrl", "title": "a b.pdf", "value": FILE}]}
PDF = {"contentType": "application/pdf", "contentUrl": FILE, "name": "a b.pdf"}
PICTURE = {"contentType": "image/png", "contentUrl": IMAGE, "name": "i.png"}


@pytest.mark.parametrize(
    ("attachment", "name", "attachments"),
    [
        (IMAGE, "text", [PICTURE]),
        (FILE, "text", [{"contentType": HERO, "content": LINK}]),
        (FILE, "suggested_action", [PDF]),
        ({"type": "file", "payload": {"src": FILE}}, "suggested_action", [PDF]),
        ({"type": "file", "payload": {"url": FILE}}, "suggested_action", [PDF]),
        ({"url": FILE}, "suggested_action", [PDF]),
        (
            {"contentType": "text/x", "content": "y"},
            "text",
            [{"contentType": "text/x", "content": "y"}],
        ),
        ([IMAGE, FILE], "suggested_action", [PICTURE, PDF]),
        (
            "https://example.com/",
            "suggested_action",
            [
                {
                    "contentType": "application/octet-stream",
                    "contentUrl": "https://example.com/",
                    "name": "https://example.com/",
                }
            ],
        ),
    ],
)
def test_attachments(attachment, name, attachments):
    [message] = say({"attachment": attachment}, name=name)
    assert message["attachments"] == attachments


@pytest.mark.parametrize("attachment", ["file.pdf", {"a": 1}, 5, [IMAGE, "file.pdf"], "https:/x"])
def test_an_attachment_without_a_file_is_a_text(attachment):
    [message] = say({"attachment": attachment})
    assert message["text"] == f"Attachment: {attachment}"


def test_a_carousel():
    card = {
        "title": "T",
        "subtitle": "S",
        "image_url": IMAGE,
        "default_action": {"type": "web_url", "url": "https://example.com"},
        "buttons": BUTTONS[:1],
    }
    [message] = say({"elements": [card, {"title": "U"}]})
    assert message["attachmentLayout"] == "carousel"
    first, second = contents([message])
    assert (first["title"], first["subtitle"], first["images"]) == ("T", "S", [{"url": IMAGE}])
    assert first["tap"]["value"] == "https://example.com"
    assert first["buttons"][0]["text"] == "/affirm"
    assert second == {"title": "U"}


def test_an_element_that_is_no_card_is_an_activity_as_in_rasa():
    card, message = say({"elements": [{"text": "words"}, {"title": "T"}]})
    assert contents([card]) == [{"title": "T"}]
    assert message == {**ENVELOPE, "text": "words"}


ADAPTIVE = {"type": "AdaptiveCard", "version": "1.4", "body": []}
ATTACHED = {"contentType": "application/vnd.microsoft.card.adaptive", "content": ADAPTIVE}


@pytest.mark.parametrize(
    ("custom", "fields"),
    [
        ({"text": "x", "textFormat": "plain"}, {"text": "x", "textFormat": "plain"}),
        ({"attachments": [ATTACHED]}, {"attachments": [ATTACHED]}),
        (ADAPTIVE, {"attachments": [ATTACHED]}),
        (ATTACHED, {"attachments": [ATTACHED]}),
        ([ADAPTIVE, PICTURE], {"attachments": [ATTACHED, PICTURE]}),
        (
            {"text": "x", "channelData": {"feedbackLoop": {"type": "default"}}},
            {
                "text": "x",
                "channelData": {
                    "notification": {"alert": "true"},
                    "feedbackLoop": {"type": "default"},
                },
            },
        ),
        (
            {"text": "x", "channelData": {"notification": {"alert": False}}},
            {"text": "x", "channelData": {"notification": {"alert": False}}},
        ),
        ({"text": "x", "replyToId": "7"}, {"text": "x", "replyToId": "7"}),
        ({"a": 1}, {"text": '{"a": 1}'}),
        ({"type": "my_widget", "size": 3}, {"text": '{"type": "my_widget", "size": 3}'}),
        ([1], {"text": "[1]"}),
    ],
)
def test_custom_json(custom, fields):
    [message] = say({"custom": custom})
    assert message == {**ENVELOPE, **fields}


def suggesting(count):
    actions = [{"type": "imBack", "title": f"T{n}", "value": f"T{n}"} for n in range(count)]
    return {"text": "Pick", "suggestedActions": {"to": ["29:1ann"], "actions": actions}}


@pytest.mark.parametrize(
    ("count", "channel_id", "is_told"),
    [(3, "msteams", False), (4, "msteams", True), (4, "webchat", False)],
)
def test_suggested_actions_that_teams_leaves_out_are_told_of(count, channel_id, is_told, caplog):
    """A custom activity is the author's own: it is sent as it is."""
    [message] = say({"custom": suggesting(count)}, reply_to={"channelId": channel_id})
    assert message["suggestedActions"] == suggesting(count)["suggestedActions"]
    told = [each.message for each in caplog.records if each.levelname == "WARNING"]
    assert bool(told) is is_told
    assert all("3 of 4 suggested actions" in each and "a:1personal" in each for each in told)
    assert "T0" not in caplog.text


def test_a_custom_activity_of_another_type_stays_as_it_is():
    [message] = say({"custom": {"type": "event", "name": "n", "value": {"a": 1}}})
    expected = {**ENVELOPE, "type": "event", "name": "n", "value": {"a": 1}}
    expected.pop("channelData")
    assert message == expected


def test_an_earlier_message_can_be_changed_and_deleted():
    card = {"id": "17672/9", "attachments": [ATTACHED]}
    with connected() as (output, connector):
        asyncio.run(output.send_custom_json("u", card))
        asyncio.run(output.send_custom_json("u", {"type": "messageDelete", "id": "17672/9"}))
        changed, deleted = connector.sent
    path = "/emea/v3/conversations/a%3A1personal/activities/17672%2F9"
    assert (changed.method, changed.path) == ("PUT", path)
    assert changed.json["attachments"] == [ATTACHED]
    assert (deleted.method, deleted.path, deleted.body) == ("DELETE", path, b"")


def test_parts_have_the_platforms_ids():
    _, marks = parts({"text": "one\n\ntwo", "image": IMAGE})
    assert marks == ["out-1", "out-2", "out-3"]


def test_a_single_tenant_bot_has_a_login_of_its_own():
    memory = KeyValueStore()
    say({"text": "hi"}, memory=memory, app_tenant_id=TENANT)
    [key] = memory
    assert key == f"token:{APP_ID}:{TENANT}"
    assert json.loads(memory[key])["token"] == "t1"


def test_a_proactive_message_goes_by_the_stored_reference():
    stored = json.loads(json.dumps(parse(activity("group_chat"))[0].reply_to))
    stored.pop("serviceUrl")
    with connected(reply_to=stored) as (output, connector):
        asyncio.run(output.send_response("29:1ann", {"text": "News!"}))
        [call] = connector.sent
    assert call.path == "/emea/v3/conversations/19%3Agroup%40thread.v2/activities"
    assert call.json["text"] == "News!"
