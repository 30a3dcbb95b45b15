"""The retry policy: how pauses grow, what a platform's word does, when patience is over."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.turns.outcome import DeadLetter, RetryLater
from channels.turns.retry import CALLBACK, INBOX, RetryPolicy

POLICY = RetryPolicy(patience=3600.0, longest=60.0)

anything = st.one_of(
    st.floats(), st.integers(), st.none(), st.text(), st.booleans(), st.lists(st.integers())
)


def delays(chance):
    return [POLICY.delay(attempt, chance) for attempt in range(1, 9)]


def test_pauses_grow_to_the_longest_and_chance_shortens_them_by_a_quarter():
    assert delays(0.0) == [1, 2, 4, 8, 16, 32, 60, 60]
    assert delays(1.0) == [1, 1.5, 3, 6, 12, 24, 45, 45]


@pytest.mark.parametrize(
    ("asked", "delay"),
    [
        (35.0, 35.0),
        (35, 35.0),
        ("35", 35.0),
        (3.0, 4.0),
        (0.0, 4.0),
        (-5.0, 4.0),
        (math.nan, 4.0),
        (-math.inf, 4.0),
        (None, 4.0),
        ("soon", 4.0),
        (10**400, 4.0),
        (7200.0, 3600.0),
        (math.inf, 3600.0),
    ],
)
def test_a_platform_s_word_makes_the_pause_longer_up_to_the_patience(asked, delay):
    assert POLICY.delay(3, 0.0, asked) == delay


@given(st.integers(1, 10**9), st.floats(0, 1), anything)
def test_no_pause_is_under_a_second_nor_over_the_patience(attempt, chance, asked):
    for policy in (INBOX, CALLBACK):
        assert 1.0 <= policy.delay(attempt, chance, asked) <= policy.patience


@given(st.floats(0, 1), anything)
def test_no_schedule_takes_more_attempts_than_the_shortest(chance, asked):
    attempts, waited = 0, 0.0
    outcome = None
    while not isinstance(outcome, DeadLetter):
        attempts += 1
        outcome = POLICY.after("down", attempts, waited, chance, asked)
        waited += getattr(outcome, "delay", 0.0)
    assert attempts <= POLICY.most_attempts


def test_a_message_is_given_up_on_before_sqs_has_counted_its_receives():
    assert isinstance(POLICY.after("down", POLICY.receives - 1, 0.0, 0.0), RetryLater)
    assert POLICY.after("down", POLICY.receives, 0.0, 0.0) == DeadLetter("down")


def test_patience_lasts_as_long_as_it_says():
    assert POLICY.after("down", 9, 3600.0, 0.0) == RetryLater(60.0, "down")
    assert POLICY.after("down", 1, 3600.1, 0.0) == DeadLetter("down")
