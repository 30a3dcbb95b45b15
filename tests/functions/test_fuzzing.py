"""Whatever comes to a webhook, proved and not: for every channel that `channel_rows` has."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.functions.bodies import has_values, one_wrong_value
from tests.functions.channel_rows import ROWS

each_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


def each_kind(which):
    """For all kinds of requests that `which(row)` has, in all rows."""
    return pytest.mark.parametrize(
        ("row", "kind"),
        [
            pytest.param(row, kind, id=f"{row.name}-{kind}")
            for row in ROWS.values()
            for kind in which(row)
        ],
    )


@each_kind(lambda row: row.proved)
@given(data=st.data())
def test_what_is_proved_has_a_civil_answer(row, kind, data):
    posts, statuses = row.proved[kind]
    event = row.event(data.draw(posts), proved=True)
    row.assert_answered(data.draw(st.sampled_from(row.functions)), event, statuses)


@each_kind(lambda row: row.forged)
@given(data=st.data())
def test_what_is_not_proved_is_refused_and_never_queued(row, kind, data):
    event = row.event(data.draw(row.forged[kind]), proved=False)
    answer, queued = data.draw(st.sampled_from(row.functions)).post(event)
    assert answer["statusCode"] in row.refusals
    assert queued == []
    assert "Traceback" not in answer["body"]


@cache
def examples_with_one_wrong_value(row):
    """Strategies of events, by the name of the example."""
    events = {name: row.example(name) for name in sorted(row.outcomes)}
    return {
        name: one_wrong_value(event, row.values)
        for name, event in events.items()
        if has_values(event)
    }


@each_row
@given(data=st.data())
def test_one_wrong_value_anywhere_in_an_example_has_a_civil_answer(row, data):
    strategies = examples_with_one_wrong_value(row)
    event = data.draw(strategies[data.draw(st.sampled_from(list(strategies)))])
    row.prove(event)
    row.assert_answered(data.draw(st.sampled_from(row.functions)), event)


@each_row
@settings(max_examples=25)
@given(body=st.text(max_size=200))
def test_a_body_that_is_no_base64_is_no_failure(row, body):
    event = {**row.example(), "body": body, "isBase64Encoded": True}
    row.assert_answered(row.functions[0], event, {400, *row.statuses, *row.refusals})


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.text_path])
@given(text=st.text(min_size=1))
def test_any_text_arrives_once_stripped(name, text):
    row = ROWS[name]
    written = f"a {text}"
    _, [message] = row.functions[0].post(row.saying(written))
    assert message.text == written.encode("utf-8", "replace").decode().strip()
