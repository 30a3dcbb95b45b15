"""A turn from the inbox to the platform: resumed, retried, given up on."""

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.channel import InputChannel, OutputChannel, UserMessage
from channels.errors import (
    AgentError,
    AgentTimeout,
    AgentUnavailable,
    CredentialsMissing,
    PlatformUnavailable,
    RateLimited,
    RecipientGone,
    SendError,
)
from channels.turns.inbox_message import InboxMessage
from channels.turns.journal import Turn
from channels.turns.outcome import DeadLetter, Done, RetryLater
from channels.turns.runner import Limits, TurnRunner


class Killed(BaseException):
    """The worker's process ends, in the middle of whatever it does."""


class World:
    """Journal, agent and platform in memory, with a step counter that can strike."""

    def __init__(self):
        self.turns = {}
        self.asked = []
        self.sent = []
        self.replies = [{"text": "a", "image": "i"}, {"text": "b"}]
        self.agent_errors = []
        self.send_errors = {}
        self.complete_errors = []
        self.typing_errors = []
        self.texts = []
        self.ended = []
        self.steps = itertools.count()
        self.kill_before = self.kill_after = None

    def step(self, effect):
        """Something observable happens; the process may die just before or just after it."""
        number = next(self.steps)
        if number == self.kill_before:
            raise Killed
        result = effect()
        if number == self.kill_after:
            raise Killed
        return result

    # the journal

    def turn(self, queued):
        return self.turns.setdefault(
            queued.message.message_id,
            {
                "status": "new",
                "attempts": 0,
                "failures": 0,
                "failed": 0,
                "replies": None,
                "parts": 0,
                "ids": [],
            },
        )

    def claim(self, queued):
        def effect():
            turn = self.turn(queued)
            old = dict(turn)
            turn["attempts"] += 1
            if turn["status"] == "new":
                turn["status"] = "claimed"
            counts = old["parts"], old["failed"]
            return Turn(turn["status"], old["attempts"], old["replies"], *counts)

        return self.step(effect)

    def answered(self, queued, replies):
        self.step(
            lambda: self.turn(queued).update(status="answered", replies=list(replies), parts=0)
        )

    def sent_part(self, queued, parts, platform_id):
        def effect():
            self.turn(queued)["parts"] = parts
            self.turn(queued)["ids"].append(platform_id)

        self.step(effect)

    def failed(self, queued, error, *, counts):
        turn = self.turn(queued)
        turn["attempts"] = 0
        turn["failures"] += counts
        turn["failed"] += 1
        turn["error"] = error
        return turn["failures"]

    def finished(self, queued, status, error=""):
        self.step(
            lambda: self.turn(queued).update(status=status, attempts=0, failures=0, error=error)
        )

    # the agent

    async def handle_message(self, message):
        self.texts.append(message.text)
        if self.agent_errors:
            raise self.agent_errors.pop(0)
        self.step(lambda: self.asked.append(message.message_id))
        for reply in self.replies:
            await message.output_channel.send_response(message.sender_id, reply)

    # the platform

    def send(self, recipient_id, content):
        errors = self.send_errors.get(content)
        if errors:
            raise errors.pop(0)
        self.step(lambda: self.sent.append(content))


class Journal:
    def __init__(self, world):
        self.claim, self.answered, self.sent = world.claim, world.answered, world.sent_part
        self.failed, self.finished = world.failed, world.finished


class Output(OutputChannel):
    """Sends texts letter by letter, so that one kind of message is several parts."""

    def __init__(self, world, delivers_parts):
        super().__init__()
        self.world = world
        self.delivers_parts = delivers_parts

    async def show_typing(self, recipient_id):
        if self.world.typing_errors:
            raise self.world.typing_errors.pop(0)

    async def _part(self, recipient_id, content):
        async def send():
            self.world.send(recipient_id, content)
            return f"id-{content}"

        await self.deliver(send)

    async def send_text_message(self, recipient_id, text, **kwargs):
        for letter in text:
            await self._part(recipient_id, letter)

    async def send_image_url(self, recipient_id, image, **kwargs):
        await self._part(recipient_id, image)

    async def end_turn(self, recipient_id):
        self.world.ended.append((recipient_id, list(self.world.sent)))


class Channel(InputChannel):
    def __init__(self, world, delivers_parts=True):
        self.world, self.delivers_parts = world, delivers_parts

    def enrich(self, message):
        if self.world.complete_errors:
            raise self.world.complete_errors.pop(0)
        message.text = f"{message.text}, completed"
        return message.message_id != "own"

    def output_for(self, message):
        return Output(self.world, self.delivers_parts)


def conversations(world, *, now=0.0, delivers_parts=True, chance=0.0, **options):
    return TurnRunner(
        Journal(world),
        lambda: world,
        lambda name: Channel(world, delivers_parts),
        lambda coroutine, timeout: asyncio.run(coroutine),
        lambda: now,
        chance=lambda: chance,
        **options,
    )


def message(message_id="m1", replies=None):
    user = UserMessage("hi", sender_id="me", message_id=message_id)
    return InboxMessage("myio", user, 0.0, replies)


@pytest.fixture
def world():
    return World()


def test_replies_are_sent_in_order_and_journalled_with_the_platforms_ids(world):
    assert conversations(world).handle(message(), 1, 0.0) == Done("done")
    assert world.sent == ["a", "i", "b"]
    assert world.turns["m1"]["ids"] == ["id-a", "id-i", "id-b"]
    assert world.turns["m1"]["status"] == "done"


def test_a_message_that_comes_again_is_neither_asked_nor_answered_again(world):
    handler = conversations(world)
    for attempt in (1, 2, 3):
        assert handler.handle(message(), attempt, 0.0) == Done("done")
    assert world.asked == ["m1"]
    assert world.sent == ["a", "i", "b"]


@pytest.mark.parametrize("replies", [[], [{"text": "ab"}]])
def test_the_output_hears_of_the_end_of_a_turn(world, replies):
    world.replies = replies
    conversations(world).handle(message(), 1, 0.0)
    assert world.ended == [("me", list("ab" if replies else ""))]


def test_replies_sent_unasked_need_no_agent(world):
    handler = conversations(world)
    assert handler.handle(message(replies=[{"text": "xy"}]), 1, 0.0) == Done("done")
    assert world.asked == []
    assert world.sent == ["x", "y"]


def steps_of_a_turn(delivers_parts):
    world = World()
    conversations(world, delivers_parts=delivers_parts).handle(message(), 1, 0.0)
    return next(world.steps)


@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
@pytest.mark.parametrize("step", range(steps_of_a_turn(delivers_parts=True)))
def test_a_worker_killed_at_any_step_loses_nothing(world, moment, step):
    setattr(world, moment, step)
    with pytest.raises(Killed):
        conversations(world).handle(message(), 1, 0.0)
    assert conversations(world).handle(message(), 2, 0.0) == Done("done")

    # steps: 0 claim, 1 ask, 2 journal, then send and mark for each of three parts, 9 finish
    asked_and_not_journalled = (moment, step) in {("kill_after", 1), ("kill_before", 2)}
    assert world.asked == ["m1"] * (2 if asked_and_not_journalled else 1)
    doubled = {
        ("kill_after", 3): "a",
        ("kill_before", 4): "a",
        ("kill_after", 5): "i",
        ("kill_before", 6): "i",
        ("kill_after", 7): "b",
        ("kill_before", 8): "b",
    }.get((moment, step))
    expected = [part for part in "aib" for _ in range(2 if part == doubled else 1)]
    assert world.sent == expected


def test_a_channel_that_does_not_deliver_parts_goes_on_with_the_next_kind_of_message(world):
    world.replies = [{"text": "xy", "image": "i"}]
    world.send_errors = {"i": [PlatformUnavailable("down")]}
    handler = conversations(world, delivers_parts=False)
    assert isinstance(handler.handle(message(), 1, 0.0), RetryLater)
    assert handler.handle(message(), 2, 0.0) == Done("done")
    assert world.sent == ["x", "y", "i"]


@given(st.data())
def test_whatever_fails_and_dies_every_part_arrives_in_order(data):
    world = World()
    world.replies = [{"text": "abcd"}, {"text": "efgh", "image": "i"}, {"text": "jkl"}]
    expected = list("abcdefghijkl")
    outage = st.sampled_from([PlatformUnavailable("x"), RateLimited("x", 7.0), AgentUnavailable()])
    world.agent_errors = data.draw(st.lists(st.just(AgentUnavailable("down")), max_size=3))
    world.send_errors = {
        part: data.draw(
            st.lists(outage.filter(lambda e: not isinstance(e, AgentUnavailable)), max_size=2)
        )
        for part in data.draw(st.sets(st.sampled_from(expected), max_size=4))
    }
    kills = data.draw(st.lists(st.integers(0, 30), max_size=6))
    doubled = 0
    limits = Limits(deaths=100)
    for attempt in range(1, 60):
        world.steps = itertools.count()
        world.kill_before = world.kill_after = None
        if kills:
            setattr(world, data.draw(st.sampled_from(["kill_before", "kill_after"])), kills.pop())
        before = len(world.sent)
        try:
            outcome = conversations(world, limits=limits).handle(message(), attempt, 0.0)
        except Killed:
            marked = world.turns.get("m1", {}).get("parts", 0)
            doubled += len(set(world.sent)) > marked and len(world.sent) > before
            continue
        if outcome == Done("done"):
            break
    assert outcome == Done("done")
    assert sorted(set(world.sent), key=world.sent.index) == expected
    assert world.sent == sorted(world.sent), "a part sent twice is sent twice in a row"
    assert len(world.sent) - len(expected) <= doubled, "only a kill before its mark doubles a part"


@pytest.mark.parametrize("error", [AgentError("bad"), AgentTimeout("slow"), KeyError("bug")])
def test_a_poisoned_message_is_given_up_on_after_a_few_quick_attempts(world, error):
    world.agent_errors = [error] * 10
    handler = conversations(world)
    outcomes = [handler.handle(message(), attempt, 0.0) for attempt in (1, 2, 3)]
    assert [type(outcome) for outcome in outcomes] == [RetryLater, RetryLater, DeadLetter]
    assert sum(outcome.delay for outcome in outcomes[:2]) <= 5
    assert world.turns["m1"]["status"] == "dead"
    assert world.sent == []


def test_what_a_defect_says_stays_out_of_the_journal(world):
    world.agent_errors = [KeyError("what the user wrote")]
    conversations(world).handle(message(), 1, 0.0)
    assert world.turns["m1"]["error"] == "KeyError"


@pytest.mark.parametrize(
    "error", [AgentUnavailable("down"), CredentialsMissing("not pushed")], ids=repr
)
def test_an_outage_is_waited_for_with_growing_delays(world, error):
    world.agent_errors = [error] * 9
    handler = conversations(world)
    delays = [handler.handle(message(), attempt, 0.0).delay for attempt in range(1, 10)]
    assert delays == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert handler.handle(message(), 10, 0.0) == Done("done")


@pytest.mark.parametrize("word", [0, 1, 0.4, -3, float("nan"), None, "soon"])
def test_a_rate_limit_that_asks_for_little_is_waited_for_with_growing_delays(world, word):
    world.send_errors = {"a": [RateLimited("429", word)] * 8}
    handler = conversations(world)
    delays = [handler.handle(message(), attempt, 0.0).delay for attempt in range(1, 9)]
    assert delays == [1, 2, 4, 8, 16, 32, 60, 60]


def test_chance_keeps_what_failed_together_from_coming_back_together(world):
    world.agent_errors = [AgentUnavailable("down")] * 9
    handler = conversations(world, chance=1.0)
    delays = [handler.handle(message(), attempt, 0.0).delay for attempt in range(1, 10)]
    assert delays == [1, 1.5, 3, 6, 12, 24, 45, 45, 45]


def test_receives_that_were_no_attempts_make_no_delay_longer(world):
    world.agent_errors = [AgentUnavailable("down")] * 3
    handler = conversations(world)
    delays = [handler.handle(message(), receives, 0.0).delay for receives in (40, 41, 90)]
    assert delays == [1, 2, 4]


def test_a_redrive_begins_with_short_delays_again(world):
    world.agent_errors = [AgentUnavailable("down")] * 12
    handler = conversations(world)
    for attempt in range(1, 11):
        handler.handle(message(), attempt, 0.0)
    assert [handler.handle(message(), attempt, 0.0).delay for attempt in (1, 2)] == [1, 2]


def test_an_outage_that_lasts_too_long_is_given_up_on_and_a_redrive_waits_anew(world):
    world.agent_errors = [AgentUnavailable("down")] * 2
    handler = conversations(world, now=4000.0)
    assert isinstance(handler.handle(message(), 70, 0.0), DeadLetter)
    assert isinstance(handler.handle(message(), 1, 3900.0), RetryLater)
    assert handler.handle(message(), 2, 3900.0) == Done("done")


@pytest.mark.parametrize("kind", [RateLimited, PlatformUnavailable])
def test_a_pause_is_obeyed_and_the_turn_goes_on_at_the_next_part(world, kind):
    world.send_errors = {"i": [kind("status x", retry_after=35.0)]}
    handler = conversations(world)
    outcome = handler.handle(message(), 1, 0.0)
    assert outcome == RetryLater(35.0, f"{kind.__name__}: status x")
    assert handler.handle(message(), 2, 0.0) == Done("done")
    assert world.sent == ["a", "i", "b"]
    assert world.asked == ["m1"]


def test_a_recipient_that_is_gone_ends_the_turn(world):
    world.send_errors = {"i": [RecipientGone("blocked the bot")]}
    handler = conversations(world)
    assert handler.handle(message(), 1, 0.0) == Done("gone")
    assert handler.handle(message(), 2, 0.0) == Done("gone")
    assert world.sent == ["a"]
    assert world.turns["m1"]["error"] == "blocked the bot"


@pytest.mark.parametrize("delivers_parts", [True, False])
def test_a_part_refused_for_good_is_recorded_and_the_others_are_sent(world, delivers_parts):
    world.send_errors = {"i": [SendError("no such image")]}
    handler = conversations(world, delivers_parts=delivers_parts)
    assert handler.handle(message(), 1, 0.0) == Done("done")
    assert world.sent == ["a", "b"]
    assert "refused: no such image" in world.turns["m1"]["ids"]


def test_a_message_that_kills_the_worker_is_given_up_on(world):
    for attempt in (1, 2, 3):
        world.steps = itertools.count()
        world.kill_before = 1
        with pytest.raises(Killed):
            conversations(world).handle(message(), attempt, 0.0)
    world.kill_before = None
    assert isinstance(conversations(world).handle(message(), 4, 0.0), DeadLetter)
    assert conversations(world).handle(message(), 5, 0.0) == Done("done"), "redriven"


def test_an_apology_is_sent_when_there_is_one(world):
    world.agent_errors = [AgentError("bad")] * 6
    handler = conversations(world, apology="S", limits=Limits(failures=1))
    handler.handle(message(), 1, 0.0)
    assert world.sent == ["S"]
    assert world.ended == [("me", ["S"])]
    conversations(world, limits=Limits(failures=1)).handle(message("m2"), 1, 0.0)
    assert world.sent == ["S"]


def test_an_apology_that_cannot_be_sent_changes_nothing(world, caplog):
    world.agent_errors = [AgentError("bad")]
    world.send_errors = {"S": [PlatformUnavailable("down")]}
    handler = conversations(world, apology="S", limits=Limits(failures=1))
    assert isinstance(handler.handle(message(), 1, 0.0), DeadLetter)
    assert "the apology could not be sent" in caplog.text


def test_a_channel_may_complete_a_message_before_the_agent_sees_it(world):
    conversations(world).handle(message(), 1, 0.0)
    assert world.texts == ["hi, completed"]


def test_a_message_that_turns_out_to_be_the_bots_own_is_dropped_for_good(world):
    handler = conversations(world)
    for attempt in (1, 2):
        assert handler.handle(message("own"), attempt, 0.0) == Done("done")
    assert (world.asked, world.sent) == ([], [])


def test_completing_is_tried_again_while_the_platform_is_down(world):
    world.complete_errors = [PlatformUnavailable("down")]
    handler = conversations(world)
    assert isinstance(handler.handle(message(), 1, 0.0), RetryLater)
    assert handler.handle(message(), 2, 0.0) == Done("done")
    assert world.asked == ["m1"]


@pytest.mark.parametrize("error", [PlatformUnavailable("down"), RateLimited("429"), SendError("x")])
def test_typing_that_cannot_be_shown_changes_nothing(world, error, caplog):
    world.typing_errors = [error]
    assert conversations(world).handle(message(), 1, 0.0) == Done("done")
    assert "typing could not be shown" in caplog.text
