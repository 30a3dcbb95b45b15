"""The turn journal in DynamoDB."""

import json
import random

import boto3
import pytest
from moto import mock_aws

from channels.aws.state.journal import TurnJournal
from channels.channel import UserMessage
from channels.turns.inbox_message import InboxMessage
from channels.turns.journal import Turn


@pytest.fixture
def dynamodb(monkeypatch):
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


@pytest.fixture
def journal(dynamodb):
    return TurnJournal("state", dynamodb, now=lambda: 1000.0)


def queued(message_id="Ev1", sender="alice", reply_to=None):
    message = UserMessage("hi", sender_id=sender, message_id=message_id, reply_to=reply_to)
    return InboxMessage("slack", message, 999.5)


REPLIES = [{"text": "é" * 3, "buttons": [{"title": "T", "payload": "/p"}]}, {"custom": {"n": 1.5}}]


def test_a_turn_from_claim_to_done(journal):
    assert journal.claim(queued()) == Turn("claimed")
    journal.answered(queued(), REPLIES)
    journal.sent(queued(), 1, "ts-1")
    assert journal.claim(queued()) == Turn("answered", 1, REPLIES, 1)
    journal.sent(queued(), 2, "ts-2")
    journal.finished(queued(), "done")
    turn = journal.claim(queued())
    assert (turn.status, turn.parts_sent) == ("done", 2)


def test_deaths_are_attempts_that_ended_without_a_word(journal):
    assert [journal.claim(queued()).deaths for _ in range(3)] == [0, 1, 2]
    journal.failed(queued(), "AgentError: x", counts=True)
    assert journal.claim(queued()).deaths == 0


def test_only_failures_that_count_are_counted(journal):
    journal.claim(queued())
    assert journal.failed(queued(), "RateLimited: x", counts=False) == 0
    assert journal.failed(queued(), "AgentError: x", counts=True) == 1
    assert journal.failed(queued(), "AgentError: x", counts=True) == 2


def test_a_dead_turn_starts_afresh(journal):
    journal.claim(queued())
    journal.failed(queued(), "AgentError: x", counts=True)
    journal.finished(queued(), "dead", "AgentError: x")
    assert journal.claim(queued()) == Turn("dead", failed=1)
    assert journal.failed(queued(), "AgentError: x", counts=True) == 1


def test_replies_larger_than_an_item_are_kept_whole(journal):
    noise = random.Random(1).randbytes(500_000).hex()  # noqa: S311 - not a secret
    replies = [{"text": noise}, {"text": "end"}]
    journal.claim(queued())
    journal.answered(queued(), replies)
    assert journal.claim(queued()).replies == replies


def test_an_answer_without_messages_is_an_answer(journal):
    journal.claim(queued())
    journal.answered(queued(), [])
    assert journal.claim(queued()).replies == []


def item(dynamodb, pk, sk):
    answer = dynamodb.get_item(TableName="state", Key={"pk": {"S": pk}, "sk": {"S": sk}})
    return answer["Item"]


def test_every_turn_is_forgotten_in_time(journal, dynamodb):
    journal.claim(queued())
    assert item(dynamodb, "TURN#slack#Ev1", "TURN#alice")["ttl"] == {"N": str(1000 + 36 * 3600)}


def test_a_dead_turn_is_known_as_long_as_its_dead_letter(journal, dynamodb):
    journal.claim(queued())
    journal.finished(queued(), "dead", "AgentError: x")
    assert item(dynamodb, "TURN#slack#Ev1", "TURN#alice")["ttl"] == {"N": str(1000 + 14 * 86_400)}


def test_a_conversation_remembers_where_to_answer_and_its_latest_turns(journal, dynamodb):
    for number in range(45):
        journal.claim(queued(f"Ev{number}", reply_to={"channel": f"C{number}"}))
    conversation = item(dynamodb, "SENDER#alice", "CONV#slack")
    assert conversation["reply_to"] == {"S": '{"channel": "C44"}'}
    assert conversation["last_seen"] == {"N": "1000.0"}
    recent = [entry["S"] for entry in conversation["recent"]["L"]]
    assert recent[-1] == "Ev44"
    assert 20 <= len(recent) <= 40


def test_writing_a_conversation_with_long_ids_stays_within_one_unit(journal, dynamodb):
    for number in range(10, 30):
        journal.claim(queued(f"T0AWSDEMO:D0AAAAAAA:17672255{number}.000100", reply_to={"c": "C1"}))
        conversation = item(dynamodb, "SENDER#alice", "CONV#slack")
        assert len(json.dumps(conversation)) < 1024  # DynamoDB's own form is shorter
    recent = [entry["S"] for entry in conversation["recent"]["L"]]
    assert recent[-1] == "T0AWSDEMO:D0AAAAAAA:1767225529.000100"
    assert len(recent) >= 8


def test_an_id_of_any_length_is_remembered(journal, dynamodb):
    for number in range(3):
        journal.claim(queued(f"{number}" * 900))
    conversation = item(dynamodb, "SENDER#alice", "CONV#slack")
    assert conversation["recent"]["L"][-1] == {"S": "2" * 900}


def test_an_id_that_two_senders_use_is_two_messages(journal):
    journal.claim(queued("1", sender="alice"))
    journal.answered(queued("1", sender="alice"), REPLIES)
    journal.finished(queued("1", sender="alice"), "done")
    assert journal.claim(queued("1", sender="bob")) == Turn("claimed")


def test_channels_do_not_meet(journal):
    journal.claim(queued("Ev1"))
    journal.finished(queued("Ev1"), "done")
    other = InboxMessage("telegram", UserMessage("hi", None, "alice", message_id="Ev1"), 0.0)
    assert journal.claim(other) == Turn("claimed")
