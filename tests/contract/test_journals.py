"""The journal of the tests is not kinder than the one in DynamoDB: both give the same turns."""

from __future__ import annotations

import uuid

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from channels.aws.state.journal import TurnJournal
from channels.channel import UserMessage
from channels.turns.inbox_message import InboxMessage
from tests.contract.worker import WRITES, Journal

REPLIES = [{"text": "one"}, {"text": "two"}]


@pytest.fixture
def table(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(
            TableName="state",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
        )
        yield client


ENDS = [("done", ""), ("gone", "blocked"), ("dead", "x")]


def arguments(name, number):
    """What a write is given beside the message; numbers make them differ."""
    return {
        "claim": (number,),
        "answered": (REPLIES,),
        "sent": (number, f"id-{number}"),
        "paused": (2000.0,),
        "failed": (f"error {number}", 2000.0, (None, 900.0)[number % 2]),
        "given_up": (f"error {number}", f"sqs-{number}"),
        "finished": ENDS[number % 3],
    }[name]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.sampled_from((*WRITES, "claim")), st.integers(1, 9)), max_size=12),
)
def test_whatever_is_written_both_know_the_same(table, events):
    message_id = uuid.uuid4().hex
    queued = InboxMessage("myio", UserMessage("hi", None, "me", message_id=message_id), 0.0)
    clock = iter(range(1000, 2000))
    now = 1000.0
    journals = [TurnJournal("state", table, now=lambda: now), Journal(lambda: now)]
    answered = False
    for name, number in [("claim", 1), *events, ("claim", 2)]:
        answered = answered or name == "answered"
        if name == "sent" and not answered:
            continue
        now = float(next(clock))
        real, fake = [getattr(each, name)(queued, *arguments(name, number)) for each in journals]
        assert real == fake, name
