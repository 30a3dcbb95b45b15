"""The model of the inbox agrees with queueing theory where that has an answer."""

from __future__ import annotations

import math
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.queue_model import Load, among, simulate

MANY = among(10**9)
SEEDS = st.integers(0, 2**32)


def exponential(seconds):
    return lambda random: random.expovariate(1 / seconds)


def erlang_c(servers, load):
    """The probability that an arrival of an M/M/c queue waits (Erlang's second formula)."""
    terms = [load**number / math.factorial(number) for number in range(servers)]
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(terms) + last)


@pytest.mark.parametrize(
    ("servers", "use"), [(1, 0.5), (1, 0.8), (2, 0.7), (5, 0.8), (20, 0.8), (50, 0.5)]
)
def test_many_conversations_wait_as_in_an_m_m_c_queue(servers, use):
    rate = use * servers
    load = Load(rate, servers, exponential(1.0), MANY)
    runs = [simulate(load, 10_000 / rate, seed) for seed in range(4)]
    expected = erlang_c(servers, rate) / (servers - rate)
    seen = mean(mean(run.waits) for run in runs)
    assert seen == pytest.approx(expected, rel=0.2, abs=0.005)
    assert mean(run.busy for run in runs) == pytest.approx(rate, rel=0.05)


def test_one_conversation_waits_as_in_an_m_m_1_queue_however_many_workers_there_are():
    load = Load(0.8, 100, exponential(1.0), among(1))
    seen = mean(mean(simulate(load, 15_000, seed).waits) for seed in range(4))
    assert seen == pytest.approx(0.8 / (1 - 0.8), rel=0.2)


def test_with_workers_for_all_nobody_waits():
    observed = simulate(Load(30.0, 1000, exponential(2.0), MANY), 500, 1)
    assert max(observed.waits) == 0
    assert observed.busy == pytest.approx(60, rel=0.05)


@settings(max_examples=30)
@given(SEEDS, st.floats(1, 20), st.integers(1, 30), st.integers(1, 4), st.integers(1, 60))
def test_nothing_is_lost_and_little_s_law_holds(seed, rate, workers, batch, conversations):
    load = Load(rate, workers, exponential(1.0), among(conversations), batch)
    seconds = 200.0
    observed = simulate(load, seconds, seed)
    assert observed.arrived == observed.answered + observed.left
    assert observed.busy <= workers + 1e-9
    # Little: those present are the rate times the stay; who is still there has stayed up to now.
    if observed.left == 0:
        assert observed.present * seconds == pytest.approx(sum(observed.stays))
    else:
        assert observed.present * seconds >= sum(observed.stays) - 1e-6


@settings(max_examples=20)
@given(SEEDS, st.integers(1, 20), st.floats(1.2, 3))
def test_a_backlog_grows_by_what_the_workers_cannot_take(seed, workers, over):
    rate = over * workers
    load = Load(rate, workers, lambda random: 1.0, MANY)
    observed = simulate(load, 3_000 / rate + 100, seed)
    assert observed.growth == pytest.approx(rate - workers, rel=0.35, abs=1.0)


def test_a_hot_conversation_grows_alone():
    calm = Load(100.0, 500, lambda random: 1.0, among(100_000))
    hot = calm._replace(conversation=among(100_000, hot_share=0.05))  # five a second, one answered
    assert simulate(calm, 60, 1).growth == pytest.approx(0, abs=0.2)
    assert simulate(hot, 60, 1).growth == pytest.approx(4, abs=1)


def test_a_batch_is_as_slow_as_its_slowest_and_takes_more_at_once():
    single = Load(30.0, 10, lambda random: 1.0, MANY)
    assert simulate(single, 100, 1).growth == pytest.approx(20, rel=0.2)
    assert simulate(single._replace(batch=10), 100, 1).growth == pytest.approx(0, abs=0.5)
