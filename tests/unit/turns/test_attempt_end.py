"""How an attempt ends that did not come to the end of its turn: out of time, or given up on."""

import itertools
import threading

import pytest

from channels.clients import platform_api
from channels.clients.before_call import before_call
from channels.errors import (
    AgentError,
    PlatformUnavailable,
    Unfinished,
)
from channels.turns.event_loop import EventLoop
from channels.turns.limits import Limits
from channels.turns.outcome import DeadLetter, Done, RetryLater
from channels.turns.runner import TurnRunner
from channels.turns.steady_journal import SteadyJournal
from tests.unit.turns.world import Channel, Killed, Output, World, at_once, conversations, message


@pytest.fixture
def world():
    return World()


# a platform that is slow


def slow_platform(world, seconds):
    """Let each call of the platform take a while."""
    send = world.send

    def send_slowly(recipient_id, content):
        world.now += seconds
        send(recipient_id, content)

    world.send = send_slowly


def test_a_turn_whose_time_is_over_goes_on_later_without_a_failure(world):
    world.replies = [{"text": "abcdefghijkl"}]
    slow_platform(world, 21.0)
    handler = conversations(world)
    outcomes = []
    while not outcomes or isinstance(outcomes[-1], RetryLater):
        outcomes.append(handler.handle(message(), len(outcomes) + 1, 0.0))
        world.now += getattr(outcomes[-1], "delay", 0.0)
    assert world.sent == list("abcdefghijkl")
    assert outcomes == [
        *[RetryLater(1.0, "time is over; the turn goes on with the next part")] * 3,
        Done("done"),
    ]
    turn = world.turns["m1"]
    assert (turn["failures"], turn["retries"], turn["error"]) == (0, 0, "")


def test_progress_makes_the_next_pause_short_again(world):
    world.send_errors = {"a": [PlatformUnavailable("down")] * 4, "i": [PlatformUnavailable("down")]}
    handler = conversations(world)
    delays = [handler.handle(message(), attempt, 0.0).delay for attempt in range(1, 6)]
    assert delays == [1, 2, 4, 8, 1]


def test_a_part_begins_only_if_it_can_end_before_the_lambda_does(world):
    world.replies = [{"text": "abcd"}]
    slow_platform(world, 5.0)
    outcome = conversations(world).handle(message(), 1, 0.0, seconds_left=90.0 - 52.0)
    assert isinstance(outcome, RetryLater)
    assert world.sent == ["a", "b"], "9 seconds to begin a part in, 25 for the call, 4 to record"


def test_an_attempt_with_next_to_no_time_gets_on(world):
    outcome = conversations(world).handle(message(), 1, 0.0, seconds_left=2.0)
    assert outcome == Done("done")


def test_time_that_was_over_before_the_first_part_is_waited_for(world):
    handler = conversations(world)
    world.send_errors = {"a": [PlatformUnavailable("down")]}
    handler.handle(message(), 1, 0.0)
    claim = world.journal.claim

    def slow_claim(*given):
        world.now += 100.0
        return claim(*given)

    world.journal.claim = slow_claim
    outcome = handler.handle(message(), 2, 0.0)
    assert outcome == RetryLater(2.0, "OutOfTime: no time left for another part")


def test_a_call_that_does_not_end_is_neither_the_agent_s_nor_the_message_s_fault(world):
    ends, has_ended = threading.Event(), threading.Event()
    send = world.send

    def stuck_send(recipient_id, content):
        if content == "i" and not ends.is_set():
            assert ends.wait(60)
            has_ended.set()
        else:
            send(recipient_id, content)

    world.send = stuck_send
    loop = EventLoop()
    handler = conversations(world, run=loop.run, limits=Limits(turn=1.0, call=0.1))
    outcome = handler.handle(message(), 1, 0.0)
    assert outcome.reason == "Stranded: a call of the platform did not end"
    assert outcome.delay > 5.0
    assert (world.turns["m1"]["failures"], world.turns["m1"]["parts"]) == (0, 1)
    ends.set()
    assert has_ended.wait(60)
    assert handler.handle(message(), 2, 0.0) == Done("done")
    assert world.sent == ["a", "i", "b"]
    assert world.turns["m1"]["ids"] == ["id-a", "id-i", "id-b"], "nobody marked for another"
    loop.close()


def test_an_agent_that_does_not_end_has_a_timeout(world):
    def run(coroutine, timeout):
        coroutine.close()
        raise Unfinished("not finished")

    outcome = conversations(world, run=run).handle(message(), 1, 0.0)
    assert outcome.reason == "AgentTimeout: no answer within 60 seconds"


def test_the_pause_after_a_stranded_call_is_longer_than_any_call():
    assert Limits().call >= sum(platform_api._TIMEOUT)


def test_a_sender_that_was_left_behind_calls_the_platform_no_more(world):
    """It is inside a part of several calls when its time is over."""
    calls = []

    class SeveralCalls(Output):
        async def send_text_message(self, recipient_id, text, **kwargs):
            async def send():
                for number in range(3):
                    before_call.get()()
                    calls.append(number)
                    if number == 1:
                        self.parts.close()  # what the runner does when the run is over
                return "id"

            await self.deliver(send)

    class SeveralChannel(Channel):
        def output_for(self, message):
            return SeveralCalls(self.world, self.delivers_parts)

    handler = TurnRunner(
        SteadyJournal(world.journal),
        lambda: world,
        lambda name: SeveralChannel(world),
        at_once,
        lambda: world.now,
    )
    handler.handle(message(), 1, 0.0)
    assert calls == [0, 1]
    assert world.turns["m1"]["parts"] == 0


# a message that is given up on


def dead(handler, attempt=1, **given):
    outcome = handler.handle(message(), attempt, 0.0, **given)
    assert isinstance(outcome, DeadLetter)
    return outcome


def test_an_apology_is_sent_once_the_dead_letter_is_written(world):
    world.agent_errors = [AgentError("bad")]
    handler = conversations(world, apology="S", limits=Limits(failures=1))
    outcome = dead(handler)
    assert (world.sent, world.turns["m1"]["status"]) == ([], "dying")
    outcome.buried()
    assert (world.sent, world.turns["m1"]["status"]) == (["S"], "dead")
    assert world.ended == [("me", ["S"])]


def test_a_dead_letter_that_could_not_be_written_is_only_written_again(world):
    world.agent_errors = [AgentError("bad")]
    handler = conversations(world, apology="S", limits=Limits(failures=1))
    outcomes = [dead(handler, attempt) for attempt in (1, 2, 3)]
    assert {each.reason for each in outcomes} == {"AgentError: bad"}
    assert (world.asked, world.sent) == ([], [])
    outcomes[-1].buried()
    assert world.sent == ["S"]


@pytest.mark.parametrize(("step", "apologies"), [("kill_before", 2), ("kill_after", 1)])
def test_a_worker_killed_at_the_end_of_a_dead_letter_tells_the_user(world, step, apologies):
    world.agent_errors = [AgentError("bad")]
    limits = Limits(failures=1)
    outcome = dead(conversations(world, apology="S", limits=limits))
    world.steps = itertools.count()
    setattr(world, step, 1)  # 0 is the apology, 1 the journal's word that it is dead
    with pytest.raises(Killed):
        outcome.buried()
    world.kill_before = world.kill_after = None
    again = conversations(world, apology="S", limits=limits).handle(message(), 2, 0.0)
    if step == "kill_before":
        again.buried()
    else:
        assert again == Done("dead"), "it is buried: the message in the queue has done its duty"
    assert world.sent == ["S"] * apologies
    assert world.asked == []


def test_a_redriven_message_is_tried_anew(world):
    world.agent_errors = [AgentError("bad")]
    handler = conversations(world, apology="S", limits=Limits(failures=1))
    dead(handler, sqs_id="1").buried()
    assert handler.handle(message(), 2, 0.0, sqs_id="1") == Done("dead")
    assert handler.handle(message(), 1, 0.0, sqs_id="2") == Done("done")
    assert world.sent == ["S", "a", "i", "b"]


def test_without_an_apology_nothing_is_sent(world):
    world.agent_errors = [AgentError("bad")]
    dead(conversations(world, limits=Limits(failures=1))).buried()
    assert world.sent == []


def test_an_apology_that_cannot_be_sent_changes_nothing(world, caplog):
    world.agent_errors = [AgentError("bad")]
    world.send_errors = {"S": [PlatformUnavailable("down")]}
    dead(conversations(world, apology="S", limits=Limits(failures=1))).buried()
    assert world.turns["m1"]["status"] == "dead"
    assert "the apology could not be sent" in caplog.text
