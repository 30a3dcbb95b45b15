"""The turn journal in DynamoDB."""

import json
import random

import boto3
import pytest
from moto import mock_aws

from channels.aws.state.journal import TurnJournal
from channels.channel import UserMessage
from channels.turns.inbox_message import InboxMessage
from channels.turns.journal import Claim, Turn


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
    assert journal.claim(queued(), 1) == Turn("claimed")
    journal.answered(queued(), REPLIES)
    journal.sent(queued(), 1, "ts-1")
    claims = (Claim(1000.0, 1),)
    assert journal.claim(queued(), 2) == Turn("answered", REPLIES, 1, claims, 1000.0)
    journal.sent(queued(), 2, "ts-2")
    journal.finished(queued(), "done")
    turn = journal.claim(queued(), 3)
    assert (turn.status, turn.parts_sent, turn.claims) == ("done", 2, ())


def test_attempts_that_ended_without_a_word_are_known(journal):
    known = [journal.claim(queued(), receive).claims for receive in (1, 2, 4)]
    assert [[claim.receive for claim in claims] for claims in known] == [[], [1], [1, 2]]
    journal.failed(queued(), "AgentError: x", 1001.0, None)
    assert journal.claim(queued(), 5).claims == ()


def test_only_failures_that_count_are_counted(journal):
    journal.claim(queued(), 1)
    journal.failed(queued(), "RateLimited: x", 1001.0, 900.0)
    turn = journal.claim(queued(), 2)
    assert (turn.failures, turn.retries, turn.outage_since) == (0, 1, 900.0)
    journal.failed(queued(), "AgentError: x", 1001.0, None)
    turn = journal.claim(queued(), 3)
    assert (turn.failures, turn.retries, turn.outage_since) == (1, 2, 900.0)


def test_progress_begins_to_count_anew(journal):
    journal.claim(queued(), 1)
    journal.failed(queued(), "AgentUnavailable: x", 1001.0, 900.0)
    journal.answered(queued(), REPLIES)
    turn = journal.claim(queued(), 2)
    assert (turn.failures, turn.retries, turn.outage_since) == (0, 0, None)


def test_a_dead_turn_starts_afresh(journal):
    journal.claim(queued(), 1)
    journal.failed(queued(), "AgentError: x", 1001.0, None)
    journal.given_up(queued(), "AgentError: x", "sqs-1")
    turn = journal.claim(queued(), 2)
    assert (turn.status, turn.given_up, turn.error) == ("dying", "sqs-1", "AgentError: x")
    journal.finished(queued(), "dead", "AgentError: x")
    turn = journal.claim(queued(), 1)
    assert (turn.status, turn.failures, turn.retries) == ("dead", 0, 0)


def test_a_turn_of_an_earlier_version_can_be_read(journal, dynamodb):
    journal.claim(queued(), 1)
    where = {"pk": {"S": "TURN#slack#Ev1"}, "sk": {"S": "TURN#alice"}}
    dynamodb.update_item(
        TableName="state",
        Key=where,
        UpdateExpression="SET attempts = :two REMOVE unreported",
        ExpressionAttributeValues={":two": {"N": "2"}},
    )
    assert journal.claim(queued(), 3) == Turn("claimed")


def test_replies_larger_than_an_item_are_kept_whole(journal):
    noise = random.Random(1).randbytes(500_000).hex()  # noqa: S311 - not a secret
    replies = [{"text": noise}, {"text": "end"}]
    journal.claim(queued(), 1)
    journal.answered(queued(), replies)
    assert journal.claim(queued(), 1).replies == replies


def test_an_answer_without_messages_is_an_answer(journal):
    journal.claim(queued(), 1)
    journal.answered(queued(), [])
    assert journal.claim(queued(), 1).replies == []


def item(dynamodb, pk, sk):
    answer = dynamodb.get_item(TableName="state", Key={"pk": {"S": pk}, "sk": {"S": sk}})
    return answer["Item"]


def test_every_turn_is_forgotten_in_time(journal, dynamodb):
    journal.claim(queued(), 1)
    assert item(dynamodb, "TURN#slack#Ev1", "TURN#alice")["ttl"] == {"N": str(1000 + 36 * 3600)}


def test_a_dead_turn_is_known_as_long_as_its_dead_letter(journal, dynamodb):
    journal.claim(queued(), 1)
    journal.finished(queued(), "dead", "AgentError: x")
    assert item(dynamodb, "TURN#slack#Ev1", "TURN#alice")["ttl"] == {"N": str(1000 + 14 * 86_400)}


def test_a_conversation_remembers_where_to_answer_and_its_latest_turns(journal, dynamodb):
    for number in range(45):
        journal.claim(queued(f"Ev{number}", reply_to={"channel": f"C{number}"}), 1)
    conversation = item(dynamodb, "SENDER#alice", "CONV#slack")
    assert conversation["reply_to"] == {"S": '{"channel": "C44"}'}
    assert conversation["last_seen"] == {"N": "1000.0"}
    recent = [entry["S"] for entry in conversation["recent"]["L"]]
    assert recent[-1] == "Ev44"
    assert 20 <= len(recent) <= 40


def test_writing_a_conversation_with_long_ids_stays_within_one_unit(journal, dynamodb):
    for number in range(10, 30):
        journal.claim(
            queued(f"T0AWSDEMO:D0AAAAAAA:17672255{number}.000100", reply_to={"c": "C1"}), 1
        )
        conversation = item(dynamodb, "SENDER#alice", "CONV#slack")
        assert len(json.dumps(conversation)) < 1024  # DynamoDB's own form is shorter
    recent = [entry["S"] for entry in conversation["recent"]["L"]]
    assert recent[-1] == "T0AWSDEMO:D0AAAAAAA:1767225529.000100"
    assert len(recent) >= 8


def test_an_id_of_any_length_is_remembered(journal, dynamodb):
    for number in range(3):
        journal.claim(queued(f"{number}" * 900), 1)
    conversation = item(dynamodb, "SENDER#alice", "CONV#slack")
    assert conversation["recent"]["L"][-1] == {"S": "2" * 900}


def test_an_id_that_two_senders_use_is_two_messages(journal):
    journal.claim(queued("1", sender="alice"), 1)
    journal.answered(queued("1", sender="alice"), REPLIES)
    journal.finished(queued("1", sender="alice"), "done")
    assert journal.claim(queued("1", sender="bob"), 1) == Turn("claimed")


def test_channels_do_not_meet(journal):
    journal.claim(queued("Ev1"), 1)
    journal.finished(queued("Ev1"), "done")
    other = InboxMessage("telegram", UserMessage("hi", None, "alice", message_id="Ev1"), 0.0)
    assert journal.claim(other, 1) == Turn("claimed")
