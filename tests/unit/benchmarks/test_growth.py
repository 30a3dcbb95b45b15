import json
from pathlib import Path
from random import Random
from statistics import mean

import pytest

from benchmarks import growth
from benchmarks.growth import CASES, RATES, Case, answer_time, capacity, load_of, needs, observe
from ops import ROOT


def test_every_quota_limits_something_that_is_counted():
    quotas = json.loads((Path(growth.__file__).parent / "quotas.json").read_text())
    assert {each["of"] for each in quotas} <= needs(1).keys()
    assert all(each["limit"] > 0 and each["turn"] for each in quotas)


def test_what_a_rate_needs_grows_with_it_but_for_a_person_s_typing():
    one, many = needs(1), needs(1_000)
    for name, value in one.items():
        busiest = name.endswith("of the busiest conversation")
        assert many[name] == pytest.approx(value if busiest else 1_000 * value)


def test_an_answer_takes_its_mean_time():
    random = Random(1)  # noqa: S311 - no secret
    assert mean(answer_time(random) for _ in range(20_000)) == pytest.approx(1.25, rel=0.03)


def test_the_capacity_of_single_messages_is_workers_over_time():
    assert capacity(20, 1, lambda random: 1.25, 4_000) == pytest.approx(16, rel=0.1)


def test_a_batch_takes_less_than_its_size_promises():
    one, five = capacity(20, 1, messages=4_000), capacity(20, 5, messages=4_000)
    assert one < five < 5 * one


@pytest.mark.parametrize("case", [each for each in CASES if each.rate <= 10])
def test_the_defaults_take_ten_a_second_and_a_spike(case):
    growing = observe(case).growth
    assert growing < 0.3, case  # only the one conversation, by what is too much for it


def test_every_rate_has_settings_that_keep_up():
    for rate in RATES:
        last = [case for case in CASES if case.rate == rate and not case.hot][-1]
        expected = load_of(last).rate
        assert observe(last).growth < expected / 200, last


def test_the_defaults_are_not_for_a_thousand_a_second():
    assert observe(Case(1_000, "as it comes", 50)).growth > 900


def test_the_template_s_own_settings_are_simulated():
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    _, _, section = text.partition("  ConversationConcurrency:\n")
    assert "    Default: 50\n" in section[:80]
    assert "    MaxValue: 1000\n" in section[:120]
