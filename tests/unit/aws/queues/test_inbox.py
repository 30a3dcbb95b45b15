"""The inbox: groups, deduplication, batches, refusals."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.aws.client.json_api import ServiceError
from channels.aws.keys import key, sqs_id
from channels.aws.queues.inbox import Inbox
from channels.channel import UserMessage
from channels.errors import InboxUnavailable
from channels.telemetry.logs import begin_fields


class Sqs:
    def __init__(self, answer=None):
        self.calls = []
        self.answer = answer or {}

    def call(self, operation, parameters):
        self.calls.append((operation, parameters))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def message(number, text="hi"):
    return UserMessage(text, sender_id="alice", message_id=f"Ev{number}")


def test_one_message_is_one_call():
    sqs = Sqs()
    Inbox("http://queue", sqs, now=lambda: 12.5).put("slack", [message(1)])
    [(operation, parameters)] = sqs.calls
    assert operation == "SendMessage"
    assert parameters["QueueUrl"] == "http://queue"
    assert parameters["MessageGroupId"] == "slack:alice"
    assert parameters["MessageDeduplicationId"] == "slack:Ev1"
    body = json.loads(parameters["MessageBody"])
    assert (body["channel"], body["received_at"]) == ("slack", 12.5)


def test_many_messages_are_batches_of_ten_in_order():
    sqs = Sqs()
    Inbox("http://queue", sqs).put("slack", [message(number) for number in range(23)])
    assert [operation for operation, _ in sqs.calls] == ["SendMessageBatch"] * 3
    entries = [entry for _, parameters in sqs.calls for entry in parameters["Entries"]]
    assert [entry["MessageDeduplicationId"] for entry in entries] == [
        f"slack:Ev{number}" for number in range(23)
    ]
    assert all(len(parameters["Entries"]) <= 10 for _, parameters in sqs.calls)


def test_a_batch_stays_below_sqs_limit():
    sqs = Sqs()
    Inbox("http://queue", sqs).put("slack", [message(n, "x" * 400_000) for n in range(5)])
    for operation, parameters in sqs.calls:
        entries = parameters["Entries"] if operation == "SendMessageBatch" else [parameters]
        assert sum(len(entry["MessageBody"]) for entry in entries) < 1_048_576


@pytest.mark.parametrize(
    "answer",
    [
        ServiceError("SendMessageBatch", "ConnectionError"),
        {"Failed": [{"Id": "1", "Code": "InternalError"}], "Successful": [{"Id": "0"}]},
    ],
)
def test_a_message_that_is_not_safe_is_not_acknowledged(answer):
    with pytest.raises(InboxUnavailable):
        Inbox("http://queue", Sqs(answer)).put("slack", [message(1), message(2)])


@given(st.text(), st.text())
def test_sqs_ids_are_legal_and_tell_conversations_apart(first, second):
    one, other = sqs_id("slack", first), sqs_id("slack", second)
    for identity in (one, other):
        assert 0 < len(identity) <= 128
        assert all("!" <= character <= "~" for character in identity)
    assert (one == other) == (first == second)


def test_ids_that_are_too_long_differ_to_their_last_character():
    first, second = ("x" * 3000 + end for end in "12")
    assert sqs_id("slack", first) != sqs_id("slack", second)
    assert key("SENDER", first) != key("SENDER", second)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=3000))
def test_table_keys_fit_dynamodb(text):
    assert len(key("TURN", "slack", text).encode()) < 1024


@pytest.mark.parametrize("count", [1, 2])
def test_x_rays_header_goes_along_whole_so_that_the_worker_joins_the_trace(count):
    sqs, whole = Sqs(), "Root=1-a;Parent=b;Sampled=1"
    begin_fields(None, whole)
    messages = [message(number) for number in range(count)]
    Inbox("http://queue", sqs, trace=lambda: whole).put("slack", messages)
    begin_fields(None)
    [(_, parameters)] = sqs.calls
    for entry in parameters.get("Entries", [parameters]):
        sent = entry["MessageSystemAttributes"]["AWSTraceHeader"]
        assert sent == {"DataType": "String", "StringValue": whole}


def test_without_a_trace_nothing_goes_along():
    sqs = Sqs()
    Inbox("http://queue", sqs).put("slack", [message(1)])
    assert "MessageSystemAttributes" not in sqs.calls[0][1]
