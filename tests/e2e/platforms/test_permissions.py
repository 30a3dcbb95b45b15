"""Least privilege: each function is driven through all that it does, its calls of AWS recorded.

MiniStack refuses what a role does not allow. What it does not check, the condition on keys of the
state table, is checked here; and what no function ever uses is found here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
import yaml
from websockets.sync.client import ClientConnection, connect

from ops.aws import local_stack
from ops.stack_file import StackFile
from tests.e2e.conftest import LocalRun
from tests.e2e.faults.deployed_stack import DeployedStack
from tests.e2e.platforms.aws_calls import AwsCall, Recorders, recorders
from tests.e2e.platforms.conftest import OPERATOR
from tests.e2e.platforms.phone import Phone
from tests.e2e.platforms.rights import Right, rights_of
from tests.recording_server import recording_server

PATIENCE = 60.0

#: Serves files: no rights, no calls.
WITHOUT_CALLS = {"WebchatFunction"}

#: Has no channels here: test_custom_channels has.
ELSEWHERE = {"CustomFunction"}

#: Read by agents that call a service; the demo agent, which answers here, does not.
OF_AGENTS = "/credentials/agent"

#: What Lambda does in the name of a function that it hands messages of a queue to (AWS, "Using
#: Lambda with Amazon SQS", execution role permissions; the rest is SAM's SQSPollerPolicy).
POLLERS = {
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:DeleteMessageBatch",
    "sqs:GetQueueAttributes",
    "sqs:ChangeMessageVisibility",
    "sqs:ChangeMessageVisibilityBatch",
}


class Stack:
    """The stack with a recorder before AWS for each function, and its operator's AWS clients."""

    def __init__(self, run: LocalRun, found: StackFile, recorded: Recorders) -> None:
        self.found = found
        self.recorded = recorded
        self.aws = local_stack(found.stack_name, found.endpoint_url)
        self._sqs = self.aws.session.client("sqs", endpoint_url=found.endpoint_url)
        self._lambda = self.aws.session.client("lambda", endpoint_url=found.endpoint_url)
        self._table = self.aws.session.client("dynamodb", endpoint_url=found.endpoint_url)
        self._deployed = DeployedStack(run, found)

    def record(self, functions: list[str]) -> None:
        api = self.found.resources["SocketApi"]
        for function in functions:
            self._deployed.set_environment(function, self.recorded.endpoints(function, api))

    def put(self, queue: str, body: str, **options: Any) -> None:
        """Put a message into a queue, as its function would."""
        self._sqs.send_message(QueueUrl=self.found.resources[queue], MessageBody=body, **options)

    def put_junk(self, queue: str) -> None:
        self.put(queue, "junk", MessageGroupId="junk", MessageDeduplicationId="junk")

    def pretend(self, **texts: str) -> None:
        """Put an item of a connection that nobody has into the state table."""
        item: Any = {name: {"S": text} for name, text in texts.items()}
        item["ttl"] = {"N": str(int(time.time()) + 3600)}
        self._table.put_item(TableName=self.found.resources["StateTable"], Item=item)

    def forget(self, connection_id: str) -> None:
        """Take a connection's item out of the state table."""
        key: Any = {"pk": {"S": f"CONN#{connection_id}"}, "sk": {"S": "META"}}
        self._table.delete_item(TableName=self.found.resources["StateTable"], Key=key)

    def open(self, connection_id: str) -> None:
        """Ask for OPEN to a connection, as $connect does."""
        self._lambda.invoke(
            FunctionName=self.found.resources["SocketOpenerFunction"],
            InvocationType="Event",
            Payload=json.dumps({"connection": connection_id}),
        )

    def wait_for(self, function: str, action: str, key: str = "") -> None:
        """Wait until a function has called an action, on an item whose key begins so."""

        def seen() -> bool:
            return any(
                (each.function, each.action) == (function, action)
                and (each.leading_key or "").startswith(key)
                for each in self.recorded.calls()
            )

        _until(seen, f"{action} of {function} {key}")


@pytest.fixture(scope="module")
def functions(deployed) -> dict[str, str]:
    _, found = deployed
    return {
        name: physical
        for name, physical in found.resources.items()
        if name.endswith("Function") and name not in ELSEWHERE
    }


@pytest.fixture(scope="module")
def stack(deployed, functions, chats, tmp_path_factory) -> Iterator[Stack]:
    """The folder's stack after everything was done once that its functions do."""
    run, found = deployed
    refusals = [503]

    def take(_: object) -> tuple[int, bytes, dict[str, str]]:
        return (refusals.pop() if refusals else 200), b"", {}

    with recording_server(take) as receiver, recorders(list(functions), found.endpoint_url) as to:
        sections = {
            "rest": None,
            "socketio": {"session_persistence": True},
            "callback": {"url": receiver.url, "allow_private_addresses": True},
        }
        path = tmp_path_factory.mktemp("more") / "credentials.yml"
        path.write_text(yaml.safe_dump(sections), "utf-8")
        done = run.ops("credentials", "push", str(path))
        assert done.returncode == 0, done.stderr
        stack = Stack(run, found, to)
        stack.record(list(functions))
        _talk_on_platforms(chats, found.http_url)
        _call_back(stack, receiver)
        _open_sockets(stack)
        yield stack


@pytest.fixture(scope="module")
def calls(stack) -> list[AwsCall]:
    found = stack.recorded.calls()
    assert found
    return found


@pytest.fixture(scope="module")
def rights(stack, functions) -> list[Right]:
    found = rights_of(stack.aws, functions)
    assert found
    return found


def _until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)


def _talk_on_platforms(chats, http_url: str) -> None:
    for number, chat in enumerate(chats.values(), start=60):
        answer = chat.request(chat.platform.message("hi", number))
        assert answer.status_code == 200, answer.text
    chats["slack"].say_unasked("U0ALICE00", "a reminder", OPERATOR)
    Phone(http_url).call()
    answer = requests.post(
        f"{http_url}/webhooks/rest/webhook", json={"sender": "me", "message": "hi"}, timeout=30
    )
    assert answer.status_code == 200
    assert requests.post(f"{http_url}/webhooks/socketio/webhook", timeout=30).status_code == 404


def _call_back(stack: Stack, receiver) -> None:
    """An answer that is taken at the second attempt, and what no worker can read."""
    url = f"{stack.found.http_url}/webhooks/callback/webhook"
    assert requests.post(url, json={"sender": "me", "message": "bye"}, timeout=30).ok
    _until(lambda: len(receiver.requests) == 2, "a second attempt")
    stack.put_junk("CallbackQueue")
    stack.put_junk("InboxQueue")
    stack.wait_for("CallbackDeliveryFunction", "sqs:SendMessage")
    stack.wait_for("ConversationFunction", "sqs:SendMessage")


def _open_sockets(stack: Stack) -> None:
    """Clients that leave in both ways, and what those leave behind that were never seen again."""
    stack.pretend(pk="ROOM#one", sk="CONN#lost", eio="4", nsp="/")
    with _joined(stack) as (socket, about):
        socket.send('42["user_uttered",{"message":"bye","session_id":"one"}]')
        _hear(socket, "Bye")
        _hear(socket, "2")
        socket.send("3")
        stack.put(
            "SocketChecksQueue", json.dumps({"connection": about["connection"], "check": "keep"})
        )
        stack.wait_for("SocketKeepaliveFunction", "sqs:SendMessage")
        socket.send("41")
        stack.wait_for("SocketDefaultFunction", "dynamodb:DeleteItem", "ROOM#")
    with _joined(stack, pid=about["pid"]):
        pass  # gone without a word
    with _joined(stack) as (socket, about):
        stack.forget(about["connection"])
        socket.send("42")
        stack.wait_for("SocketDefaultFunction", "dynamodb:DeleteItem", "CONN#")
    stack.wait_for("ConversationFunction", "dynamodb:DeleteItem", "ROOM#")
    stack.wait_for("SocketDisconnectFunction", "dynamodb:DeleteItem", "ROOM#")
    stack.pretend(pk="CONN#silent", sk="META", eio="4", session="one")
    stack.put("SocketChecksQueue", json.dumps({"connection": "silent", "check": "connected"}))
    stack.pretend(pk="CONN#never", sk="META", eio="4", session="one")
    stack.open("never")
    stack.wait_for("SocketKeepaliveFunction", "dynamodb:DeleteItem", "ROOM#")
    stack.wait_for("SocketOpenerFunction", "dynamodb:DeleteItem", "ROOM#")


@contextmanager
def _joined(stack: Stack, **recovered: str) -> Iterator[tuple[ClientConnection, dict[str, str]]]:
    """A Socket.IO client in the session "one", its connection's id and its `pid`."""
    url = f"{stack.found.websocket_url}/?EIO=4&transport=websocket"
    with connect(url, open_timeout=PATIENCE) as socket:
        opened = json.loads(_hear(socket, "0{")[1:])
        socket.send("40" + json.dumps({"recovery": True, **recovered}))
        connected = json.loads(_hear(socket, "40{")[2:])
        socket.send('42["session_request",{"session_id":"one"}]')
        _hear(socket, "session_confirm")
        yield socket, {"connection": opened["sid"], "pid": connected["pid"]}


def _hear(socket: ClientConnection, word: str) -> str:
    """Wait for a frame with a word in it; the pings on the way are answered."""
    while word not in (frame := str(socket.recv(timeout=PATIENCE))):
        if frame == "2":
            socket.send("3")
    return frame


def test_every_function_was_watched(calls, functions):
    assert {call.function for call in calls} == set(functions) - WITHOUT_CALLS


def test_no_function_does_what_its_policies_do_not_allow(calls, rights):
    refused = {call for call in calls if not any(right.allows(call) for right in rights)}
    assert refused == set()


def test_no_function_may_do_what_it_never_does(calls, rights):
    assert any(right.action in POLLERS for right in rights)
    unused = {
        right
        for right in rights
        if right.action not in POLLERS
        and not any(right.allows(call) for call in calls)
        and not right.resource.endswith(OF_AGENTS)
    }
    assert unused == set()
