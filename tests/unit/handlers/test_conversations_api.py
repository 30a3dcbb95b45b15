"""The conversations API: proactive messages and intents, queued like any other message."""

import json

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from channels.aws.state.conversation_records import ConversationRecords
from channels.aws.state.journal import TurnJournal
from channels.channel import UserMessage
from channels.errors import InboxUnavailable
from channels.handlers.conversations_api import ConversationsApi
from channels.turns.inbox_message import InboxMessage
from channels.turns.journal import ConversationRecord

RECORDS = {
    "alice": [
        ConversationRecord("slack", 100.0, {"channel": "C1"}),
        ConversationRecord("telegram", 200.0, {"chat_id": 42}),
    ]
}


class Inbox:
    def __init__(self, error=None):
        self.queued, self.error = [], error

    def send(self, queued):
        if self.error:
            raise self.error
        self.queued += queued


def call(
    body,
    *,
    sender="alice",
    action="messages",
    channel="",
    token="Bearer secret",
    inbox=None,
    credentials=None,
    **headers,
):
    section = {"token": "secret"} if credentials is None else credentials
    api = ConversationsApi(
        lambda name: section, lambda sender_id: RECORDS.get(sender_id, []), inbox or Inbox()
    )
    event = {
        "rawPath": f"/conversations/{sender}/{action}",
        "rawQueryString": f"output_channel={channel}" if channel else "",
        "pathParameters": {"sender_id": sender},
        "headers": {"authorization": token, **headers},
        "requestContext": {"http": {"method": "POST"}},
        "body": body if isinstance(body, str) else json.dumps(body),
    }
    answer = api(event, None)
    return answer["statusCode"], json.loads(answer["body"])


@pytest.mark.parametrize(
    ("channel", "reply_to", "expected"),
    [
        ("", {"chat_id": 42}, "telegram"),
        ("latest", {"chat_id": 42}, "telegram"),
        ("slack", {"channel": "C1"}, "slack"),
    ],
)
def test_a_bot_message_is_queued_for_the_conversations_channel(channel, reply_to, expected):
    inbox = Inbox()
    status, answer = call({"text": "ding"}, channel=channel, inbox=inbox)
    [queued] = inbox.queued
    assert status == 202
    assert answer == {"message_id": queued.message.message_id}
    assert (queued.channel, queued.message.reply_to) == (expected, reply_to)
    assert queued.replies == [{"text": "ding"}]


def test_several_bot_messages_are_one_turn():
    inbox = Inbox()
    call([{"text": "a"}, {"image": "i"}], inbox=inbox)
    assert inbox.queued[0].replies == [{"text": "a"}, {"image": "i"}]


def test_an_idempotency_key_names_the_message():
    _, answer = call({"text": "ding"}, **{"idempotency-key": "order-7"})
    assert answer == {"message_id": "order-7"}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"name": "EXTERNAL_dry"}, "/EXTERNAL_dry"),
        ({"name": "EXTERNAL_dry", "entities": None}, "/EXTERNAL_dry"),
        ({"name": "dry", "entities": {"plant": "Orchid"}}, '/dry{"plant": "Orchid"}'),
    ],
)
def test_an_intent_is_queued_for_the_agent(body, text):
    inbox = Inbox()
    assert call(body, action="trigger_intent", inbox=inbox)[0] == 202
    [queued] = inbox.queued
    assert (queued.message.text, queued.replies) == (text, None)
    assert queued.message.metadata == {"is_external": True}
    assert queued.message.input_channel == "telegram"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"token": ""}, 401),
        ({"token": "Bearer wrong"}, 401),
        ({"token": "Basic secret"}, 401),
        ({"credentials": {}}, 500),
        ({"credentials": {"token": " "}}, 500),
        ({"credentials": {"token": 5}}, 500),
        ({"sender": "bob"}, 404),
        ({"channel": "facebook"}, 404),
        ({"action": "other"}, 404),
        ({"inbox": Inbox(InboxUnavailable("down"))}, 503),
    ],
)
def test_refusals(changes, status):
    inbox = changes.get("inbox") or Inbox()
    assert call({"text": "ding"}, **{"inbox": inbox, **changes})[0] == status
    assert inbox.queued == []


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("messages", "not json"),
        ("messages", []),
        ("messages", {}),
        ("messages", ["text"]),
        ("messages", "5"),
        ("trigger_intent", {}),
        ("trigger_intent", []),
        ("trigger_intent", {"name": "a b"}),
        ("trigger_intent", {"name": "/greet"}),
        ("trigger_intent", {"name": 5}),
        ("trigger_intent", {"name": "greet", "entities": []}),
    ],
)
def test_bad_bodies_are_400(action, body):
    assert call(body, action=action)[0] == 400


def test_a_body_too_large_is_413():
    assert call({"text": "x" * 300_000})[0] == 413


@given(st.text(), st.sampled_from(["messages", "trigger_intent"]))
def test_any_body_gets_a_civil_answer(body, action):
    assert call(body, action=action)[0] in (202, 400)


def test_records_are_what_the_journal_wrote(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name="eu-west-1")
        schema = [("pk", "HASH"), ("sk", "RANGE")]
        dynamodb.create_table(
            TableName="state",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in schema],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name, _ in schema
            ],
        )
        journal = TurnJournal("state", dynamodb, now=lambda: 100.0)
        for channel, reply_to in (("slack", {"channel": "C1"}), ("callback", None)):
            message = UserMessage("hi", sender_id="alice", message_id="1", reply_to=reply_to)
            journal.claim(InboxMessage(channel, message, 99.0), 1)
        found = ConversationRecords("state", dynamodb)("alice")
        dynamodb.close()
    assert found == [
        ConversationRecord("callback", 100.0, None),
        ConversationRecord("slack", 100.0, {"channel": "C1"}),
    ]
