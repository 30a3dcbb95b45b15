"""Answers that a request waits for."""

import asyncio

from channels.turns.awaited_reply import AwaitedOutput, give_up, wait_for_answer


class KeyValueStore(dict):
    def put(self, key, value, seconds):
        self[key] = value

    def claim(self, key, value, seconds):
        return self.setdefault(key, value)


class Clock:
    """Time that passes only while somebody sleeps; `meanwhile` is what happens then."""

    def __init__(self, meanwhile=lambda now: None):
        self.now = 0.0
        self._meanwhile = meanwhile

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds
        self._meanwhile(self.now)


def waited(memory, seconds, clock):
    return asyncio.run(wait_for_answer(memory, "m1", seconds, clock, clock.sleep))


class LateOutput(AwaitedOutput):
    def __init__(self, memory, message_id="m1"):
        super().__init__(memory, message_id)
        self.late = []
        self.handed_over = memory

    async def answer_late(self, recipient_id):
        self.late += self.messages


def turn(output, *texts):
    async def run():
        for text in texts:
            await output.send_response("ann", {"text": text})
        await output.end_turn("ann")

    asyncio.run(run())
    return output


def test_an_answer_is_waited_for_until_it_is_there():
    memory = KeyValueStore()
    other = turn(LateOutput(KeyValueStore()), "hi", "you")
    clock = Clock(lambda now: memory.update(other.handed_over) if now > 2 else None)
    assert [message["text"] for message in waited(memory, 8, clock)] == ["hi", "you"]
    assert clock.now < 2.5


def test_a_turn_without_messages_is_an_answer():
    memory = KeyValueStore()
    turn(LateOutput(memory))
    assert waited(memory, 8, Clock()) == []


def test_waiting_ends():
    clock = Clock()
    assert waited(KeyValueStore(), 8, clock) is None
    assert 7.5 < clock.now <= 8


def test_who_gives_up_leaves_the_answer_to_the_worker():
    memory = KeyValueStore()
    assert give_up(memory, "m1") is None
    assert [message["text"] for message in turn(LateOutput(memory), "hi").late] == ["hi"]


def test_who_gives_up_too_late_gets_the_answer():
    memory = KeyValueStore()
    output = turn(LateOutput(memory), "hi")
    assert output.late == []
    assert [message["text"] for message in give_up(memory, "m1")] == ["hi"]
    assert turn(LateOutput(memory), "hi").late == [], "a turn that ends twice"


def test_without_a_memory_the_messages_stay_where_they_are():
    output = turn(LateOutput(None), "hi")
    assert [message["text"] for message in output.messages] == ["hi"]
