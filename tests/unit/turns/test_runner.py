"""A turn from the inbox to the platform: resumed, retried, given up on."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from channels.turns.limits import Limits
from channels.turns.outcome import DeadLetter, Done, RetryLater
from channels.turns.retry import INBOX
from tests.unit.turns.world import HIDDEN, Killed, World, conversations, message


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
        world.now += HIDDEN
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
    outcomes[-1].buried()
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
    delays = [handler.handle(message(), each, 0.0, sqs_id="again").delay for each in (1, 2)]
    assert delays == [1, 2]


def test_an_outage_that_lasts_too_long_is_given_up_on_and_a_redrive_waits_anew(world):
    world.agent_errors = [AgentUnavailable("down")] * 3
    handler = conversations(world)
    assert isinstance(handler.handle(message(), 1, 0.0), RetryLater)
    world.now = 5000.0
    handler.handle(message(), 70, 0.0).buried()
    assert world.turns["m1"]["status"] == "dead"
    assert isinstance(handler.handle(message(), 1, 5000.0, sqs_id="again"), RetryLater)
    assert handler.handle(message(), 2, 5000.0, sqs_id="again") == Done("done")


@pytest.mark.parametrize("error", [RateLimited("429"), PlatformUnavailable("down")])
def test_an_outage_is_counted_from_the_message_s_own_first_failure(world, error):
    world.send_errors = {"a": [error] * 2}
    world.now = 9000.0
    handler = conversations(world)
    assert isinstance(handler.handle(message(), 1, 0.0), RetryLater), "it stood behind another"
    world.now = 9000.0 + 3600.0
    assert isinstance(handler.handle(message(), 2, 0.0), RetryLater)
    assert handler.handle(message(), 3, 0.0) == Done("done")


def test_progress_ends_an_outage(world):
    world.send_errors = {part: [PlatformUnavailable("down")] for part in "aib"}
    handler = conversations(world)
    for attempt in (1, 2, 3):
        assert handler.handle(message(), attempt, 0.0).delay == 1
        world.now += 3000.0
    assert handler.handle(message(), 4, 0.0) == Done("done")


def test_a_message_of_an_earlier_version_waits_from_now(world):
    handler = conversations(world)
    world.send_errors = {"a": [PlatformUnavailable("down")] * 2}
    handler.handle(message(), 1, 0.0)
    world.turns["m1"]["outage_since"] = None
    world.now = 5000.0
    assert isinstance(handler.handle(message(), 2, 0.0), RetryLater)
    assert world.turns["m1"]["outage_since"] == 5000.0


def test_a_message_that_gets_on_is_given_up_on_before_sqs_does(world):
    world.send_errors = {"i": [PlatformUnavailable("down")]}
    handler = conversations(world)
    outcome = handler.handle(message(), INBOX.receives, 0.0)
    assert isinstance(outcome, DeadLetter)


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


def kill_at(world, attempts, step=1):
    """Let the worker be killed; gives the number of the next attempt."""
    for attempt in attempts:
        world.steps = itertools.count()
        world.kill_before = step
        with pytest.raises(Killed):
            conversations(world).handle(message(), attempt, 0.0)
        world.now += HIDDEN
    world.kill_before = None


def test_a_message_that_kills_the_worker_is_given_up_on(world):
    kill_at(world, (1, 2, 3))
    outcome = conversations(world).handle(message(), 4, 0.0)
    assert outcome == DeadLetter("the message killed the worker 3 times")
    outcome.buried()
    assert conversations(world).handle(message(), 1, 0.0, sqs_id="again") == Done("done")


@pytest.mark.parametrize("receives", [(1, 2, 4), (1, 3, 4), (2, 4, 6)])
def test_a_receive_that_was_not_recorded_leaves_open_what_happened(world, receives):
    kill_at(world, receives)
    assert conversations(world).handle(message(), receives[-1] + 1, 0.0) == Done("done")


def test_a_worker_that_is_killed_after_progress_was_not_killed_by_the_message(world):
    for attempt, step in enumerate((4, 3, 3), start=1):
        kill_at(world, [attempt], step)
    assert conversations(world).handle(message(), 4, 0.0) == Done("done")


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
