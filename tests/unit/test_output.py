"""Output channels: Rasa's dispatch order, text fallbacks and collector format, to the letter."""

import asyncio
import copy

import pytest

from channels.channel import CollectingOutputChannel, OutputChannel, QueueOutputChannel


class Recorder(OutputChannel):
    """Records which method was called with what."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def __getattribute__(self, name):
        attribute = super().__getattribute__(name)
        if not name.startswith("send_") or name in ("send_response", "send_elements"):
            return attribute

        async def record(recipient_id, *args, **kwargs):
            self.calls.append((name, *args, kwargs))

        return record


class TextOnly(OutputChannel):
    """A channel that can only send text: what every other kind falls back to."""

    def __init__(self):
        super().__init__()
        self.sent = []

    async def send_text_message(self, recipient_id, text, **kwargs):
        self.sent.append(text)


def recorded(message):
    output = Recorder()
    asyncio.run(output.send_response("me", message))
    return output.calls


def texts(message):
    output = TextOnly()
    asyncio.run(output.send_response("me", message))
    return output.sent


def collected(message):
    output = CollectingOutputChannel()
    asyncio.run(output.send_response("me", message))
    return output.messages


BUTTONS = [{"title": "T", "payload": "/p"}]


@pytest.mark.parametrize(
    ("message", "methods", "rule"),
    [
        ({"text": "a"}, ["send_text_message"], "text"),
        ({"text": ""}, [], "a falsy text sends nothing"),
        ({"text": None, "buttons": None}, [], "nulls count as absent"),
        ({"text": "a", "buttons": []}, ["send_text_message"], "empty lists count as absent"),
        ({"text": "a", "buttons": BUTTONS}, ["send_text_with_buttons"], "buttons before text"),
        (
            {"text": "a", "buttons": BUTTONS, "quick_replies": BUTTONS},
            ["send_quick_replies"],
            "quick replies win, buttons are dropped",
        ),
        ({"text": "a", "image": "i"}, ["send_text_message", "send_image_url"], "text first"),
        (
            {"elements": [], "attachment": "f", "image": "i", "custom": {"a": 1}, "text": "t"},
            ["send_text_message", "send_custom_json", "send_image_url", "send_attachment"],
            "order: text, custom, image, attachment",
        ),
    ],
)
def test_dispatch(message, methods, rule):
    assert [call[0] for call in recorded(message)] == methods, rule


def test_dispatch_passes_the_unused_keys_as_keyword_arguments():
    message = {"text": "a", "image": "i", "button_type": "reply", "timestamp": 1.5}
    text, image = recorded(message)
    assert text == (
        "send_text_message",
        "a",
        {"image": "i", "button_type": "reply", "timestamp": 1.5},
    )
    assert image == ("send_image_url", "i", {"button_type": "reply", "timestamp": 1.5})


def test_dispatch_leaves_the_message_as_it_is():
    message = {"text": "a", "buttons": [{"title": "T", "payload": "/p", "x": 1}], "custom": {}}
    before = copy.deepcopy(message)
    texts(message)
    assert message == before


def test_a_collected_item_can_be_sent_again_although_it_names_its_recipient():
    assert collected({"recipient_id": "other", "text": "a"}) == [
        {"recipient_id": "me", "text": "a"}
    ]


@pytest.mark.parametrize(
    ("message", "sent", "rule"),
    [
        ({"image": "http://i"}, ["Image: http://i"], "image"),
        ({"attachment": "f"}, ["Attachment: f"], "attachment"),
        ({"attachment": {"a": 1}}, ["Attachment: {'a': 1}"], "attachment of any type"),
        ({"text": "Pick", "buttons": BUTTONS}, ["Pick", "1: T (/p)"], "numbered from one"),
        (
            {
                "text": "Pick",
                "buttons": [{"title": "T", "payload": "/p", "z": 1, "a": 2}, {"title": "NoPay"}],
            },
            ["Pick", '1: T (/p) - {"a": 2, "z": 1}', "2: NoPay"],
            "other keys as sorted JSON, payload only if there is one",
        ),
        ({"text": "Pick", "quick_replies": BUTTONS}, ["Pick", "1: T (/p)"], "as buttons"),
        ({"buttons": BUTTONS}, ["1: T (/p)"], "ours: buttons without a text are sent"),
        (
            {"elements": [{"title": "E", "subtitle": "S", "buttons": BUTTONS}, {"title": "E"}]},
            ["E : S", "1: T (/p)", "E : "],
            "title : subtitle, then the buttons; a missing subtitle is empty",
        ),
        ({"custom": {"a": "é"}}, ['{"a": "\\u00e9"}'], "custom as ASCII JSON"),
    ],
)
def test_text_fallbacks(message, sent, rule):
    assert texts(message) == sent, rule


def test_text_itself_has_no_fallback():
    with pytest.raises(NotImplementedError, match="send_text_message"):
        asyncio.run(OutputChannel().send_response("me", {"text": "a"}))


@pytest.mark.parametrize(
    ("message", "items", "rule"),
    [
        ({"text": "a"}, [{"text": "a"}], "text"),
        ({"text": " a\n\nb "}, [{"text": "a"}, {"text": "b"}], "split on blank lines, stripped"),
        ({"text": "a\n\n\nb"}, [{"text": "a"}, {"text": "\nb"}], "exactly two line ends"),
        ({"text": "a\n\n\n\nb"}, [{"text": "a"}, {"text": ""}, {"text": "b"}], "empty parts stay"),
        ({"text": "a \n\n  b"}, [{"text": "a "}, {"text": "  b"}], "parts are not stripped"),
        (
            {"text": "a\n\nb", "buttons": BUTTONS},
            [{"text": "a\n\nb", "buttons": BUTTONS}],
            "text with buttons is not split",
        ),
        ({"buttons": BUTTONS}, [{"buttons": BUTTONS}], "None values are removed"),
        (
            {"text": "q", "quick_replies": BUTTONS},
            [{"text": "q", "buttons": BUTTONS}],
            "quick replies come out as buttons",
        ),
        (
            {"elements": [{"title": "E", "subtitle": "S", "image_url": "i"}]},
            [{"text": "E : S", "buttons": []}],
            "elements come out as text and buttons, even none",
        ),
        ({"image": "i"}, [{"image": "i"}], "image"),
        ({"attachment": {"a": 1}}, [{"attachment": {"a": 1}}], "attachment of any type"),
        ({"custom": [1]}, [{"custom": [1]}], "custom is kept as it is"),
    ],
)
def test_collector_items(message, items, rule):
    assert collected(message) == [{"recipient_id": "me", **item} for item in items], rule


def test_collector_latest_output():
    output = CollectingOutputChannel()
    assert output.latest_output() is None
    asyncio.run(output.send_text_message("me", "a\n\nb"))
    assert output.latest_output() == {"recipient_id": "me", "text": "b"}


def test_names_are_rasas():
    assert CollectingOutputChannel.name() == "collector"
    assert QueueOutputChannel.name() == "queue"
    assert TextOnly.name() == "TextOnly"


def test_queue_output_hands_each_message_to_its_reader_while_the_bot_works():
    async def conversation():
        output = QueueOutputChannel()
        await output.send_response("me", {"text": "a\n\nb"})
        return [await output.messages.get(), await output.messages.get(), output.messages.empty()]

    assert asyncio.run(conversation()) == [
        {"recipient_id": "me", "text": "a"},
        {"recipient_id": "me", "text": "b"},
        True,
    ]


def test_queue_output_uses_a_given_queue_and_cannot_be_peeked_at():
    async def conversation():
        queue = asyncio.Queue()
        output = QueueOutputChannel(queue)
        assert output.messages is queue
        with pytest.raises(NotImplementedError):
            output.latest_output()

    asyncio.run(conversation())


@pytest.mark.parametrize("output_class", [TextOnly, CollectingOutputChannel])
def test_tracker_state_is_there_from_the_start_and_attached_as_in_rasa_pro(output_class):
    output = output_class()
    assert output.tracker_state is None
    output.attach_tracker_state({"slots": {"name": "x"}})
    assert output.tracker_state == {"slots": {"name": "x"}}


def test_chunk_hooks_do_nothing_by_default():
    async def stream():
        output = CollectingOutputChannel()
        await output.send_response_chunk_start("me")
        await output.send_response_chunk("me", "a")
        await output.send_response_chunk_end("me")
        return output.messages

    assert asyncio.run(stream()) == []
