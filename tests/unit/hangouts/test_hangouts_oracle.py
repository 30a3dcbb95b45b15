"""Google's own definition of a message (google-apps-chat) as the judge of what the bot says."""

import asyncio
import json
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.hangouts.messages import MAX_SIZE
from channels.hangouts.output import HangoutsOutput
from channels.turns.parts import single_kinds
from tests.unit.hangouts.google import ENDPOINT
from tests.unit.hangouts.test_hangouts_output import GOLDEN

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the client's dependencies deprecate much of each other
    from google.apps.chat_v1.types import CreateMessageRequest, Message
    from google.protobuf import json_format


def read(message):
    """A message as Google reads it; fields and types that Google does not know raise."""
    return Message(json_format.ParseDict(message, Message.pb(Message())))


def said(*responses, function="rasa_payload"):
    output = HangoutsOutput(function=function)

    async def say():
        for response in responses:
            for single in single_kinds(response):
                await output.send_response("AAA", single)
        await output.end_turn("AAA")

    asyncio.run(say())
    return output.messages


@pytest.mark.parametrize("name", GOLDEN)
def test_google_reads_every_kind_of_message(name):
    response, message = GOLDEN[name]
    assert json_format.MessageToDict(Message.pb(read(message))) == message
    assert said(response) == [message]


def test_google_would_refuse_what_is_wrong():
    with pytest.raises(json_format.ParseError):
        read({"text": "hi", "buttons": []})
    with pytest.raises(json_format.ParseError):
        read(
            {
                "cardsV2": [
                    {
                        "card": {
                            "sections": [
                                {"widgets": [{"buttonList": {"buttons": [{"title": "x"}]}}]}
                            ]
                        }
                    }
                ]
            }
        )


def test_the_parameters_of_the_call_are_googles():
    reply = CreateMessageRequest.MessageReplyOption.REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD
    asked = CreateMessageRequest(parent="spaces/AAA", request_id="r", message_reply_option=reply)
    assert set(json_format.MessageToDict(CreateMessageRequest.pb(asked))) == {
        "parent",
        "requestId",
        "messageReplyOption",
    }


TEXT = st.text(max_size=60)
BUTTON = st.fixed_dictionaries(
    {},
    optional={
        "title": TEXT | st.none(),
        "payload": TEXT | st.just("/p" * 2000),
        "url": st.sampled_from(["https://example.com", "x", "https://example.com/" + "u" * 3000]),
    },
)
BUTTONS = st.lists(BUTTON | TEXT, max_size=6)
ELEMENT = st.fixed_dictionaries(
    {},
    optional={
        "title": TEXT | st.just("t" * 5000),
        "subtitle": TEXT | st.just("s " * 20_000),
        "image_url": st.sampled_from(["https://example.com/i.png", "http://x", ""]),
        "buttons": BUTTONS | st.none(),
    },
)
RESPONSE = st.fixed_dictionaries(
    {},
    optional={
        "text": TEXT | st.just("a word " * 6000),
        "buttons": BUTTONS,
        "quick_replies": BUTTONS,
        "image": st.sampled_from(["https://example.com/i.png", "data:image/png"]),
        "attachment": TEXT,
        "elements": st.lists(ELEMENT | TEXT, max_size=4),
        "custom": st.sampled_from([{"a": 1}, {"text": "hi"}, [1], "x"]),
    },
)


@given(
    responses=st.lists(RESPONSE, max_size=4), function=st.sampled_from(["rasa_payload", ENDPOINT])
)
def test_whatever_the_bot_says_google_can_read_it(responses, function):
    for message in said(*responses, function=function):
        whole = {"thread": {"name": "spaces/AAA/threads/T1"}, **message}
        assert len(json.dumps(whole, ensure_ascii=False).encode()) <= MAX_SIZE
        seen = read(whole)
        for each in seen.cards_v2:
            assert each.card_id
            for section in each.card.sections:
                assert section.widgets
                for widget in section.widgets:
                    shown = widget.button_list.buttons
                    assert all(button.text and button.on_click for button in shown)


@given(payload=st.text(min_size=1, max_size=200))
def test_a_click_brings_back_the_payload_of_the_button(payload):
    from channels.hangouts.events import read_event
    from tests.unit.hangouts.space import body

    [message] = said({"buttons": [{"title": "T", "payload": payload}]})
    [widget] = message["cardsV2"][0]["card"]["sections"][0]["widgets"]
    action = widget["buttonList"]["buttons"][0]["onClick"]["action"]
    click = body("card_clicked")
    click["action"]["parameters"] = action["parameters"]
    click["common"]["parameters"] = {each["key"]: each["value"] for each in action["parameters"]}
    assert read_event(click).text == payload
