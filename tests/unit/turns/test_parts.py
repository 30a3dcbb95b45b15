"""Parts of a turn, messages of one kind, and what is recorded of an agent."""

import asyncio
import threading
import time

import pytest

from channels.channel import OutputChannel
from channels.errors import PlatformUnavailable, RateLimited, RecipientGone, SendError
from channels.turns.buffered_output import BufferedOutput
from channels.turns.parts import OutOfTime, Parts, single_kinds


@pytest.mark.parametrize(
    ("message", "kinds"),
    [
        ({"text": "a"}, [{"text": "a"}]),
        ({"text": ""}, []),
        ({"text": "a", "buttons": [1]}, [{"text": "a", "buttons": [1]}]),
        ({"buttons": [1]}, [{"buttons": [1], "text": None}]),
        (
            {"text": "a", "buttons": [1], "quick_replies": [2]},
            [{"text": "a", "quick_replies": [2]}],
        ),
        (
            {"elements": [1], "image": "i", "custom": {"a": 1}, "text": "a", "attachment": "f"},
            [
                {"text": "a"},
                {"custom": {"a": 1}},
                {"image": "i"},
                {"attachment": "f"},
                {"elements": [1]},
            ],
        ),
        (
            {"text": "a", "image": "i", "button_type": "reply"},
            [{"text": "a", "button_type": "reply"}, {"image": "i", "button_type": "reply"}],
        ),
    ],
)
def test_a_message_is_taken_apart_in_the_order_it_is_sent(message, kinds):
    assert single_kinds(message) == kinds


async def sent():
    return "id"


def test_parts_that_were_sent_are_skipped():
    marks = []
    delivery = Parts(2, lambda parts, platform_id: marks.append((parts, platform_id)))

    async def turn():
        for _ in range(4):
            await delivery.part(sent)

    asyncio.run(turn())
    assert marks == [(3, "id"), (4, "id")]


@pytest.mark.parametrize("error", [RateLimited("x"), RecipientGone("x"), PlatformUnavailable("x")])
def test_an_error_that_leaves_hope_is_raised_and_nothing_marked(error):
    marks = []

    async def fail():
        raise error

    with pytest.raises(type(error)):
        asyncio.run(Parts(0, lambda *mark: marks.append(mark)).part(fail))
    assert marks == []


def test_a_part_refused_for_good_is_marked_with_the_reason():
    marks = []

    async def fail():
        raise SendError("no such image")

    asyncio.run(Parts(0, lambda *mark: marks.append(mark)).part(fail))
    assert marks == [(1, "refused: no such image")]


def test_no_part_begins_without_time():
    marks, times = [], iter([True, False])
    delivery = Parts(1, lambda *mark: marks.append(mark), has_time=lambda: next(times))

    async def turn():
        for _ in range(3):
            await delivery.part(sent)

    with pytest.raises(OutOfTime):
        asyncio.run(turn())
    assert marks == [(2, "id")], "what was sent before needs no time"


def test_a_sender_that_was_left_behind_neither_marks_nor_sends():
    marks, calls = [], []
    delivery = Parts(0, lambda *mark: marks.append(mark))

    async def slow():
        calls.append("slow")
        delivery.close()  # its attempt is over meanwhile
        return "id"

    async def turn():
        with pytest.raises(OutOfTime):
            await delivery.part(slow)
        with pytest.raises(OutOfTime):
            await delivery.part(slow)

    asyncio.run(turn())
    assert (calls, marks) == (["slow"], [])


def test_a_mark_under_way_is_waited_for():
    order, begun = [], threading.Event()

    def mark(parts, platform_id):
        begun.set()
        time.sleep(0.05)
        order.append("marked")

    delivery = Parts(0, mark)
    sender = threading.Thread(target=lambda: asyncio.run(delivery.part(sent)))
    sender.start()
    assert begun.wait(10)
    delivery.close()
    order.append("closed")
    sender.join()
    assert order == ["marked", "closed"]


def test_everything_an_agent_sends_is_recorded_and_can_be_sent_later():
    live = OutputChannel()
    output = BufferedOutput(live)

    async def agent():
        await output.send_response("me", {"text": "a", "image": "i"})
        await output.send_text_message("me", "b", parse_mode="x")
        await output.send_text_with_buttons("me", "c", [{"title": "T"}])
        await output.send_quick_replies("me", "d", [{"title": "Q"}])
        await output.send_image_url("me", "i")
        await output.send_attachment("me", "f")
        await output.send_elements("me", [{"title": "E"}])
        await output.send_custom_json("me", {"n": 1})

    asyncio.run(agent())
    output.attach_tracker_state({"slots": {}})
    assert output.messages == [
        {"text": "a", "image": "i"},
        {"text": "b", "parse_mode": "x"},
        {"text": "c", "buttons": [{"title": "T"}]},
        {"text": "d", "quick_replies": [{"title": "Q"}]},
        {"image": "i"},
        {"attachment": "f"},
        {"elements": [{"title": "E"}]},
        {"custom": {"n": 1}},
    ]
    assert live.tracker_state == {"slots": {}}


def test_a_streamed_answer_is_shown_at_once():
    class Live(OutputChannel):
        def __init__(self):
            super().__init__()
            self.shown = []

        async def send_response_chunk_start(self, recipient_id, **kwargs):
            self.shown.append("start")

        async def send_response_chunk(self, recipient_id, chunk, **kwargs):
            self.shown.append(chunk)

        async def send_response_chunk_end(self, recipient_id, **kwargs):
            self.shown.append("end")

    live = Live()
    output = BufferedOutput(live)

    async def agent():
        await output.send_response_chunk_start("me")
        await output.send_response_chunk("me", "a ")
        await output.send_response_chunk_end("me")
        await output.send_text_message("me", "a b")

    asyncio.run(agent())
    assert live.shown == ["start", "a ", "end"]
    assert output.messages == [{"text": "a b"}]


def test_an_agent_that_was_left_behind_shows_nothing_more():
    shown = []

    class Live(OutputChannel):
        async def send_response_chunk_start(self, recipient_id, **kwargs):
            shown.append("start")

        async def send_response_chunk(self, recipient_id, chunk, **kwargs):
            shown.append(chunk)

        async def send_response_chunk_end(self, recipient_id, **kwargs):
            shown.append("end")

    output = BufferedOutput(Live())

    async def agent():
        await output.send_response_chunk_start("me")
        output.close()
        await output.send_response_chunk("me", "a ")
        await output.send_response_chunk_end("me")
        await output.send_response_chunk_start("me")
        await output.send_response_chunk("me", "b ")

    asyncio.run(agent())
    assert shown == ["start"]
