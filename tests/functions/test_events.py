"""The example events of every channel, through its webhook: for all that `channel_rows` has."""

from __future__ import annotations

import copy
import json

import pytest

from channels.wiring.registry import BUILT_IN
from tests.functions.channel_rows import ROWS
from tests.functions.harness import Function, names_of_examples, queuing

#: `rest` proves nothing of its own and queues nothing; console and sockets have no webhook.
OTHERS = {"rest", "cmdline", "socketio"}

each_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


def each_example(which=lambda row: row.outcomes):
    """For all examples that `which(row)` names, in all rows."""
    return pytest.mark.parametrize(
        ("row", "name"),
        [
            pytest.param(row, name, id=f"{row.name}-{name}")
            for row in ROWS.values()
            for name in which(row)
        ],
    )


def test_every_channel_has_a_row():
    assert set(ROWS) | OTHERS == set(BUILT_IN)


@each_row
def test_every_example_has_an_outcome(row):
    assert set(row.outcomes) == names_of_examples(row.name)


def secrets(row):
    """The credentials that no answer may hold."""
    strings = [each for each in row.credentials.values() if isinstance(each, str)]
    return [each for each in strings if len(each) > 8 and not each.startswith("http")]


@each_example()
def test_an_event_has_its_answer(row, name):
    event = row.example(name)
    before = copy.deepcopy(event)
    answer, queued = row.post(event)
    assert event == before
    assert not any(secret in json.dumps(answer) for secret in secrets(row))
    outcome = row.outcomes[name]
    if isinstance(outcome, int):
        assert (answer["statusCode"], queued) == (outcome, [])
        if outcome in (401, 403):
            assert json.loads(answer["body"])["message"] == "request refused"
    else:
        assert answer["statusCode"] == 200
        assert [row.said(message) for message in queued] == outcome


@each_example(lambda row: [name for name, each in row.outcomes.items() if isinstance(each, list)])
def test_the_platform_hears_what_it_reads(row, name):
    answer, queued = row.post(row.example(name))
    if name == "health":
        assert answer["body"] == '{"status": "ok"}'
        return
    row.check(answer, queued)
    if row.content_type is not None:
        assert answer["headers"]["content-type"] == row.content_type
    body = row.bodies.get(name, row.acknowledgement)
    if body is not None:
        assert answer["body"] == body


@each_example(lambda row: [] if row.asks_the_agent else queuing(row.outcomes))
def test_what_the_inbox_does_not_take_is_not_acknowledged(row, name):
    usual, _ = row.post(row.example(name))
    answer, queued = row.post(row.example(name), is_down=True)
    assert queued == []
    if row.apologises:
        assert answer["statusCode"] == 200, "the platform never sends again"
        assert answer["body"] != usual["body"], "the user is told"
        assert answer["headers"]["content-type"] == row.content_type
    else:
        assert answer["statusCode"] == 503
        assert int(answer["headers"]["retry-after"]) > 0
        assert answer["body"] not in ("", row.bodies.get(name), row.acknowledgement)


@each_example(lambda row: [name for name, texts in row.outcomes.items() if not texts])
def test_what_is_no_message_needs_no_inbox(row, name):
    answer, _ = row.post(row.example(name), is_down=True)
    assert answer == row.post(row.example(name))[0]


@each_row
def test_without_what_proves_requests_the_channel_is_closed_and_only_the_log_says_why(row, caplog):
    credentials = {name: row.credentials[name] for name in row.credentials.keys() - {*row.needs}}
    refused = [name for name, status in row.outcomes.items() if status in (401, 403)]
    for name in refused or [row.base]:
        answer, queued = Function(row, credentials).post(row.example(name))
        assert (answer["statusCode"], queued) == (500, [])
        assert row.needs[0] not in answer["body"]
    assert f"'{row.needs[0]}' is needed" in caplog.text


@each_row
def test_the_lambda_itself_answers_health_and_is_closed_without_credentials(row, lambda_handler):
    handler = lambda_handler(row.name)
    answer = handler(row.example("health"), None)
    assert (answer["statusCode"], answer["body"]) == (200, '{"status": "ok"}')
    for name in (row.base, "malformed"):
        if name in row.outcomes:
            answer = handler(row.example(name), None)
            assert answer["statusCode"] == 500
            assert "the channel is not set up" in answer["body"]
