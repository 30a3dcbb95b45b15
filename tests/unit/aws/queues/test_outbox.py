"""The outbox: documents for another function, in order, each once."""

import json

import pytest

from channels.aws.client.json_api import ServiceError
from channels.aws.queues.outbox import Outbox
from channels.errors import PlatformUnavailable, SendError
from channels.telemetry.logs import begin_fields


class Sqs:
    def __init__(self, error=None):
        self.calls, self.error = [], error

    def call(self, operation, parameters):
        self.calls.append((operation, parameters))
        if self.error:
            raise self.error
        return {}


def test_a_document_is_one_message_of_its_group():
    sqs = Sqs()
    Outbox("http://queue", sqs).put("me", "m1:1", {"a": "é"})
    [(operation, parameters)] = sqs.calls
    assert operation == "SendMessage"
    assert parameters["MessageGroupId"] == "callback:me"
    assert parameters["MessageDeduplicationId"] == "callback:m1:1"
    assert json.loads(parameters["MessageBody"]) == {"a": "é"}


def test_a_queue_that_does_not_answer_is_waited_for():
    with pytest.raises(PlatformUnavailable):
        Outbox("http://queue", Sqs(ServiceError("SendMessage", "x"))).put("me", "1", {})


def test_a_document_too_large_for_sqs_is_refused_for_good():
    sqs = Sqs()
    with pytest.raises(SendError, match="larger than SQS accepts"):
        Outbox("http://queue", sqs).put("me", "1", {"a": "x" * 1_000_001})
    assert sqs.calls == []


def test_the_trace_of_the_log_lines_goes_along():
    sqs = Sqs()
    header = {"DataType": "String", "StringValue": "Root=1-a"}
    for own, sent in (("Root=1-b;Parent=c", header), ("", header)):
        begin_fields(None, "Root=1-a;Parent=b")
        Outbox("http://queue", sqs, lambda own=own: own).put("me", "m1:1", {})
        assert sqs.calls[-1][1]["MessageSystemAttributes"] == {"AWSTraceHeader": sent}
    begin_fields(None)
    Outbox("http://queue", sqs).put("me", "m1:1", {})
    assert "MessageSystemAttributes" not in sqs.calls[-1][1]
