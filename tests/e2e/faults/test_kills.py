"""A function is killed at every step of a turn.

The steps are those of one undisturbed turn, as the proxies see it: a step that is added to the
product is killed here too, without a change to this file.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import NamedTuple

import pytest

from tests.e2e.faults.agent import in_two_parts
from tests.e2e.faults.faults import Kill, Moment, Rule
from tests.e2e.faults.steps import Step
from tests.e2e.faults.surroundings import DELIVERY, WORKER
from tests.e2e.faults.tally import Tally, count

#: After how long the message of a killed function comes back here (seconds; the template: 100).
#: It must be more than a few Lambdas take that start at the same time on a busy machine: a message
#: that comes back to a second function while the first is at it is rightly posted twice.
VISIBILITY_TIMEOUT = 50
AT_ONCE = 4

TEXT = "hello"
PARTS = [f"{TEXT} one", f"{TEXT} two"]


class KillPoint(NamedTuple):
    step: Step
    moment: Moment

    def __str__(self):
        return f"{self.step}, {self.moment}"


class Window(NamedTuple):
    """What a kill at a point causes beside a delay."""

    asked_twice: bool
    put_twice: bool
    doubled: bool


class Outcome(NamedTuple):
    strikes: int
    asked: int
    puts: int
    tally: Tally
    message_ids: set[str]
    delivery_ids: dict[str, set[str]]


def steps_of_a_turn(suite, conversation: str) -> list[Step]:
    """The steps of one undisturbed turn."""
    before = len(suite.faults.unattributed)
    with suite.client() as client:
        client.send(conversation, 1, TEXT)
    assert suite.platform.wait_for(conversation, len(PARTS), within=30)
    assert suite.stack.wait_until_idle(within=30)
    assert suite.faults.unattributed[before:] == [], "calls that steps.py finds no conversation in"
    steps: list[Step] = suite.faults.steps(conversation)
    return steps


def kill_points(steps: Sequence[Step]) -> list[KillPoint]:
    """Before and after every step; what assistant and platform answer comes to its end too."""
    points = [KillPoint(step, moment) for step in steps for moment in (Moment.BEFORE, Moment.AFTER)]
    outside = [step for step in steps if step.service in ("agent", "platform")]
    return points + [KillPoint(step, Moment.ANSWERED) for step in outside]


def expected(point: KillPoint, steps: Sequence[Step]) -> Window:
    """The windows: from the assistant's answer, a put and the platform's answer to their record."""
    worker = [step for step in steps if step.function == WORKER]
    before_record = point.step in worker and point.moment == Moment.BEFORE
    before = worker[worker.index(point.step) - 1].service if before_record else None
    answered = point.step.service if point.moment != Moment.BEFORE else None
    in_delivery = point.step.function == DELIVERY and point.step.service != "platform"
    return Window(
        asked_twice="agent" in (answered, before),
        put_twice="sqs" in (answered, before) and point.step in worker,
        doubled=answered == "platform" or in_delivery,
    )


def run(suite, plans: Mapping[str, Sequence[KillPoint]]) -> None:
    """A turn of each conversation, killed at its points one after the other."""

    def say(conversation: str) -> None:
        rules = [Rule(point.step, Kill(point.moment)) for point in plans[conversation]]
        suite.faults.plan(conversation, *rules)
        with suite.client() as client:
            client.send(conversation, 1, TEXT)
        assert suite.faults.wait_for_strike(conversation, within=60)

    with (
        suite.stack.visibility_timeout(VISIBILITY_TIMEOUT),
        ThreadPoolExecutor(max_workers=AT_ONCE) as threads,
    ):
        list(threads.map(say, plans))
        for conversation in plans:
            suite.platform.wait_for(conversation, len(PARTS), within=200)
        assert suite.stack.wait_until_idle(within=120)


def outcome(suite, conversation: str) -> Outcome:
    posts = suite.platform.posts(conversation)
    ids: dict[str, set[str]] = {}
    for post in posts:
        ids.setdefault(post.text, set()).add(post.delivery_id)
    strikes = [each for each in suite.faults.strikes if each.conversation == conversation]
    not_put = [each for each in strikes if each.fault == Kill(Moment.BEFORE) and is_put(each.step)]
    return Outcome(
        strikes=len(strikes),
        asked=suite.agent.times_asked(conversation)[TEXT],
        puts=sum(map(is_put, suite.faults.steps(conversation))) - len(not_put),
        tally=count({conversation: PARTS}, {conversation: [post.text for post in posts]}),
        message_ids=suite.agent.message_ids(conversation),
        delivery_ids=ids,
    )


def is_put(step: Step) -> bool:
    """Whether a step puts a part into the callback queue."""
    return step.function == WORKER and step.service == "sqs"


def test_a_function_killed_at_any_step_loses_nothing(suite, subtests, figures):
    suite.agent.behaviour = in_two_parts
    steps = steps_of_a_turn(suite, "undisturbed-1")
    assert {step.service for step in steps} == {"sqs", "dynamodb", "agent", "platform"}
    points = {f"kill-{number:03}": point for number, point in enumerate(kill_points(steps))}
    run(suite, {conversation: [point] for conversation, point in points.items()})
    outcomes = {point: outcome(suite, conversation) for conversation, point in points.items()}
    for point, happened in outcomes.items():
        with subtests.test(str(point)):
            check(happened, point, expected(point, steps))
    report(figures, f"a function killed at each of {len(steps)} steps of a turn", outcomes.values())


@pytest.mark.slow
def test_functions_killed_at_two_steps_lose_nothing(suite, subtests, figures):
    suite.agent.behaviour = in_two_parts
    points = kill_points(steps_of_a_turn(suite, "undisturbed-2"))
    pairs = random.Random(3).sample(list(product(points, repeat=2)), k=100)  # noqa: S311
    plans = {f"kills-{number:03}": pair for number, pair in enumerate(pairs)}
    run(suite, plans)
    outcomes = {conversation: outcome(suite, conversation) for conversation in plans}
    for conversation, happened in outcomes.items():
        with subtests.test(" and ".join(map(str, plans[conversation]))):
            assert happened.strikes >= 1  # after the first, the second step need not come again
            check_promises(happened)
            assert happened.asked <= 1 + happened.strikes
            assert happened.tally.doubled <= happened.strikes
    report(figures, "functions killed at two steps of a turn, 100 pairs", outcomes.values())


def check_promises(happened: Outcome) -> None:
    """What holds whatever was killed; what comes twice bears the same id both times."""
    assert (happened.tally.lost, happened.tally.out_of_order, happened.tally.strange) == (0, 0, 0)
    assert len(happened.message_ids) == 1
    assert all(len(ids) == 1 for ids in happened.delivery_ids.values())


def check(happened: Outcome, point: KillPoint, window: Window) -> None:
    """What holds for one kill."""
    assert happened.strikes == 1
    check_promises(happened)
    if point.moment == Moment.ANSWERED:  # the caller may have come further, or not
        assert happened.asked <= 1 + window.asked_twice
        assert happened.puts == len(PARTS)
        assert happened.tally.doubled <= window.doubled
    else:
        assert happened.asked == 1 + window.asked_twice
        assert happened.puts == len(PARTS) + window.put_twice
        assert happened.tally.doubled == window.doubled


def report(figures, what: str, outcomes: Collection[Outcome]) -> None:
    kills = sum(each.strikes for each in outcomes)
    total = sum((each.tally for each in outcomes), Tally())
    asked_again = sum(each.asked - 1 for each in outcomes)
    put_again = sum(each.puts - len(PARTS) for each in outcomes)
    figures.tally(
        what,
        total,
        f"{kills} kills; assistant asked again: {asked_again}; part queued again and dropped by "
        f"its deduplication id: {put_again}; POST made again, under the same id: {total.doubled}",
    )
