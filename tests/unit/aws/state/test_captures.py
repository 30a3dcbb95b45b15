import base64
import hashlib
import json
import logging
import subprocess
import sys

import boto3
import pytest
from moto import mock_aws

from channels.agents.demo import DemoAgent
from channels.aws.client.json_api import ServiceError
from channels.aws.state.captures import KEPT, TableCaptures
from channels.handlers.custom_channels import custom_webhook
from channels.handlers.webhook import webhook
from channels.wiring.services import Services
from ops import ROOT
from ops.stack.captures import Captures
from tests.functions.harness import example

TELEGRAM = {"access_token": "1:made-up", "secret_token": "Rasa-on_AWS-2026"}


class Table:
    """DynamoDB's PutItem, remembered as boto3 reads it again; fails when told to."""

    def __init__(self):
        self.items = []
        self.failure = None

    def call(self, operation, parameters):
        assert operation == "PutItem"
        assert parameters["TableName"] == "state"
        json.dumps(parameters)
        if self.failure:
            raise self.failure
        self.items.append(parameters["Item"])
        return {}


class Inbox:
    def __init__(self):
        self.queued = []

    def put(self, channel, messages):
        self.queued += messages


@pytest.fixture
def table():
    return Table()


def captures(table, **settings):
    return TableCaptures("state", table, now=lambda: 1_767_225_600.25, **settings)


def services(kept, inbox=None):
    return Services(lambda _: TELEGRAM, DemoAgent, 5.0, inbox or Inbox(), captures=kept)


def test_a_webhooks_request_is_kept_with_its_answer_and_sender(table):
    event = example("telegram/text")
    answer = webhook("telegram", services(captures(table)))(event, None)
    [item] = table.items
    assert answer["statusCode"] == 200
    request_id = event["requestContext"]["requestId"]
    assert item["pk"] == {"S": "CAPTURE#telegram"}
    assert item["sk"] == {"S": f"1767225600250#{request_id}"}
    assert item["status"] == {"N": "200"}
    assert item["senders"] == {"L": [{"S": "4242"}]}
    assert item["ttl"] == {"N": str(int(1_767_225_600.25 + KEPT))}


def test_a_refused_request_is_kept_too(table):
    answer = webhook("telegram", services(captures(table)))(example("telegram/no_secret"), None)
    assert answer["statusCode"] == 401
    assert table.items[0]["status"] == {"N": "401"}


def test_a_request_that_cannot_be_read_is_kept_without_senders(table):
    answer = webhook("telegram", services(captures(table)))(example("telegram/malformed"), None)
    assert answer["statusCode"] == 400
    assert table.items[0]["senders"] == {"L": []}


def test_health_is_not_kept(table):
    webhook("telegram", services(captures(table)))(example("telegram/health"), None)
    assert table.items == []


def test_nothing_is_kept_where_it_is_off():
    answer = webhook("telegram", services(None))(example("telegram/text"), None)
    assert answer["statusCode"] == 200


@pytest.mark.parametrize(
    ("setting", "loaded"),
    [("off", []), ("", []), ("on", ["channels.aws.state.captures", "channels.http.redaction"])],
)
def test_what_is_loaded_for_it(setting, loaded):
    slow = ["boto3", "requests", "aws_lambda_powertools", "yaml", "jwt", "asyncio"]
    code = (
        "import sys; from channels.handlers.webhook import webhook; "
        "from channels.wiring.settings import Settings; "
        "from channels.wiring.services import services_of; "
        f"settings = Settings({{'STATE_TABLE': 'state', 'CAPTURE_EVENTS': {setting!r}, "
        "'AWS_REGION': 'eu-west-1'}); "
        "webhook('slack', services_of(settings)); "
        f"wanted = ['channels.aws.state.captures', 'channels.http.redaction', *{slow!r}]; "
        "print(','.join(name for name in wanted if name in sys.modules))"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT / "layers" / "channels")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ",".join(loaded)


@pytest.mark.parametrize(
    "failure", [ServiceError("PutItem", "AccessDenied", "no"), TimeoutError("slow")]
)
def test_the_webhook_answers_though_nothing_can_be_kept(table, failure, caplog):
    table.failure, inbox = failure, Inbox()
    with caplog.at_level(logging.WARNING):
        answer = webhook("telegram", services(captures(table), inbox))(
            example("telegram/text"), None
        )
    assert answer["statusCode"] == 200
    assert len(inbox.queued) == 1
    assert "not captured" in caplog.text


@pytest.mark.parametrize("event", [None, {}, {"rawPath": None, "path": 3}, "x"])
def test_what_is_no_event_is_answered_as_ever(table, event):
    answer = webhook("telegram", services(captures(table)))(event, None)
    assert answer["statusCode"] == 400
    assert table.items == []


def test_a_custom_channel_is_captured_under_its_name(table):
    event = example("telegram/text")
    event["rawPath"] = "/webhooks/myio/webhook"
    custom_webhook(services(captures(table)))(event, None)
    assert table.items[0]["pk"] == {"S": "CAPTURE#myio"}
    assert table.items[0]["senders"] == {"L": []}


def test_a_body_that_is_too_large_is_left_out(table):
    event = example("telegram/text")
    ids = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(15_000)]
    event["body"] = json.dumps({"update_id": 1, "ids": ids})
    captures(table).keep(event, 200, list)
    [item] = table.items
    assert int(item["left_out"]["N"]) > 1_000_000
    assert len(item["event"]["B"]) < 10_000


@pytest.mark.parametrize(("with_text", "text"), [(True, "hi"), (False, "xx")])
def test_operators_read_what_was_kept(with_text, text):
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name="eu-west-1")
        keys = [("pk", "HASH"), ("sk", "RANGE")]
        dynamodb.create_table(
            TableName="state",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name, _ in keys
            ],
        )
        kept = captures(Boto(dynamodb), with_text=with_text)
        event = example("rest/text")
        event["body"] = json.dumps({"sender": "ann", "message": "hi"})
        kept.keep(event, 502, lambda: ["ann"])
        read = Captures("state", dynamodb, ["rest", "slack"], now=lambda: 1_767_225_601.0)
        [capture] = read
        late = Captures("state", dynamodb, ["rest"], now=lambda: 1_767_225_601.0 + KEPT)
        assert list(late) == []
    assert (capture.channel, capture.at, capture.status) == ("rest", 1_767_225_600.25, 502)
    assert capture.senders == ["ann"]
    assert json.loads(capture.event["body"]) == {"sender": "ann", "message": text}


class Boto:
    """The small client's call, by boto3: what is Base64 there are bytes here."""

    def __init__(self, dynamodb):
        self._dynamodb = dynamodb

    def call(self, operation, parameters):
        item = parameters["Item"]
        item["event"] = {"B": base64.b64decode(item["event"]["B"])}
        self._dynamodb.put_item(**parameters)
        return {}
