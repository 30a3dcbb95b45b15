"""The functions of a stack in this process, with every AWS call and their processor time counted.

They are made as functions/*/app.py makes them; a meter stands where AWS would be. What does not run
here, API Gateway and the pollers of queues, is counted as AWS does it: a request for each event, a
receive and a delete for each message.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from benchmarks.local_stack import free_port
from benchmarks.meter import Call, Meter, metered
from channels.handlers.callback_worker import callback_worker
from channels.handlers.sockets.functions import socket_handlers
from channels.handlers.webhook import webhook
from channels.handlers.worker import conversation_worker
from channels.wiring.services import services_of
from channels.wiring.settings import Settings
from ops.emulator import ministack

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

type Handler = Callable[[dict[str, Any], Any], Any]

#: Queues by the setting that names them; the checks' has no order.
_QUEUES = (
    "INBOX_QUEUE_URL",
    "INBOX_DEAD_LETTER_URL",
    "CALLBACK_QUEUE_URL",
    "CALLBACK_DEAD_LETTER_URL",
    "SOCKET_CHECKS_QUEUE_URL",
)

#: The functions that the WebSocket API calls.
SOCKET_ROUTES = ("connect", "default", "disconnect")

_TABLE, _CREDENTIALS = "state", "/costs/credentials"


@dataclass
class Counted:
    """What was taken: `processor` is the functions' processor time by name (seconds).

    `calls` are those of AWS and of platforms; `events` are the functions that an API called,
    `invocations` all that ran, `log_lines` what they logged.
    """

    calls: list[Call] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    invocations: list[str] = field(default_factory=list)
    processor: dict[str, float] = field(default_factory=dict)
    log_lines: list[str] = field(default_factory=list)

    def requests(self, service: str) -> float:
        """The requests of a service that are charged."""
        return sum(call.units for call in self.calls if call.service == service)

    @property
    def writes(self) -> float:
        """DynamoDB's write units."""
        return sum(call.units for call in self.calls if call.is_write)

    @property
    def reads(self) -> float:
        """DynamoDB's read units."""
        return sum(call.units for call in self.calls if call.is_read)


class CountedApplication:
    """The functions by name: `slack`, `conversation`, `connect`, ..."""

    def __init__(self, meter: Meter, settings: Settings) -> None:
        """Make them; `settings` lead to `meter`."""
        self._meter = meter
        self._settings = settings
        self._sqs: SQSClient = boto3.client("sqs")
        names = ("rest", "callback", "slack")
        self._handlers: dict[str, Handler] = {
            **{name: webhook(name, services_of(settings)) for name in names},
            **socket_handlers(settings),
            "conversation": conversation_worker(settings),
            "callback_delivery": callback_worker(settings),
        }
        self._log = _Log()
        logging.getLogger("channels").handlers[:] = [self._log]
        logging.getLogger("channels").propagate = False
        self._counted = Counted()

    def taken(self) -> Counted:
        """What was taken since this was last asked."""
        counted, self._counted = self._counted, Counted()
        counted.calls = self._meter.taken()
        counted.log_lines, self._log.lines = self._log.lines, []
        return counted

    def event(self, function: str, event: dict[str, Any]) -> Any:
        """A function's answer to an event that an API brings; RuntimeError unless it is a 200."""
        self._counted.events.append(function)
        answer = self.run(function, event)
        if answer["statusCode"] != 200:
            raise RuntimeError(f"{function} answered {answer}")
        return answer

    def run(self, function: str, event: dict[str, Any]) -> Any:
        """A function's answer to an event."""
        start = time.process_time()
        answer = self._handlers[function](event, None)
        taken = time.process_time() - start
        self._counted.processor[function] = self._counted.processor.get(function, 0.0) + taken
        self._counted.invocations.append(function)
        return answer

    def work(self, function: str, messages: int = 1) -> None:
        """Have a worker handle as many messages as its queue holds, one at a time."""
        url = {
            "conversation": self._settings.inbox_queue_url,
            "callback_delivery": self._settings.callback_queue_url,
        }[function]
        for _ in range(messages):
            records = self._received(url)
            answer = self.run(function, {"Records": records})
            if answer["batchItemFailures"]:
                raise RuntimeError(f"{function} did not take {records[0]['body']}")
            for record in records:
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=record["receiptHandle"])

    def _received(self, url: str) -> list[dict[str, Any]]:
        """A message as the event of a worker has it."""
        answer = self._sqs.receive_message(
            QueueUrl=url, MessageSystemAttributeNames=["All"], WaitTimeSeconds=10
        )
        [message] = answer["Messages"]
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
            }
        ]


class _Log(logging.Handler):
    """Keeps the texts of log lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def counted_application(
    credentials: Callable[[str], Mapping[str, dict[str, Any]]],
) -> Iterator[CountedApplication]:
    """An application on a MiniStack of its own, for the length of the block.

    `credentials(url)` are its sections; `url` takes what goes to platforms.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        _ministack(Path(folder)) as upstream,
        metered(upstream) as meter,
        _environment(meter.url),
    ):
        made = _resources(upstream, credentials(meter.url))
        settings = Settings({**os.environ, **_variables(made)})
        yield CountedApplication(meter, settings)


@contextmanager
def _ministack(folder: Path) -> Iterator[str]:
    port = free_port()
    ministack.launch(folder, port)
    try:
        yield ministack.endpoint(port)
    finally:
        ministack.shut_down(folder)


@contextmanager
def _environment(url: str) -> Iterator[None]:
    """Environment variables for boto3: the AWS at `url`."""
    variables = {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def _resources(upstream: str, credentials: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """Make queues, table and credentials in MiniStack; gives the queues' URLs by setting."""
    sqs = boto3.client("sqs", endpoint_url=upstream)
    urls = {}
    for name in _QUEUES:
        if name == "SOCKET_CHECKS_QUEUE_URL":
            queue = sqs.create_queue(QueueName=name)
        else:
            queue = sqs.create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true"})
        urls[name] = queue["QueueUrl"]
    boto3.client("dynamodb", endpoint_url=upstream).create_table(
        TableName=_TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    )
    ssm = boto3.client("ssm", endpoint_url=upstream)
    for name, section in credentials.items():
        ssm.put_parameter(
            Name=f"{_CREDENTIALS}/{name}", Value=json.dumps(section), Type="SecureString"
        )
    return urls


def _variables(queues: Mapping[str, str]) -> dict[str, str]:
    return {
        **queues,
        "STATE_TABLE": _TABLE,
        "CREDENTIALS_PATH": _CREDENTIALS,
        "SOCKET_API": "api",
        "SOCKET_STAGE": "prod",
        "SOCKET_OPENER_FUNCTION": "opener",
        "AGENT_TIMEOUT": "60",
    }
