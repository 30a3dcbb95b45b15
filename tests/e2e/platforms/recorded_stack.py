"""The folder's stack with a recorder between each of its functions and AWS."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from ops.stack.aws import local_stack
from ops.stack.stack_file import StackFile
from tests.e2e.conftest import LocalRun
from tests.e2e.faults.deployed_stack import DeployedStack
from tests.e2e.platforms.aws_calls import Recorders

PATIENCE = 60.0


class RecordedStack:
    """The stack with a recorder before AWS for each function, and its operator's AWS clients."""

    def __init__(self, run: LocalRun, found: StackFile, recorded: Recorders) -> None:
        self.run = run
        self.found = found
        self.recorded = recorded
        self.aws = local_stack(found.stack_name, found.endpoint_url)
        self._sqs = self.aws.session.client("sqs", endpoint_url=found.endpoint_url)
        self._lambda = self.aws.session.client("lambda", endpoint_url=found.endpoint_url)
        self._table = self.aws.session.client("dynamodb", endpoint_url=found.endpoint_url)
        self._deployed = DeployedStack(run, found)

    def record(self, functions: list[str]) -> None:
        """Lead the functions' calls through the recorders, for good."""
        api = self.found.resources["SocketApi"]
        for function in functions:
            self._deployed.set_environment(function, self.recorded.endpoints(function, api))

    def put(self, queue: str, body: str, **options: Any) -> None:
        """Put a message into a queue, as its function would."""
        self._sqs.send_message(QueueUrl=self.found.resources[queue], MessageBody=body, **options)

    def put_junk(self, queue: str) -> None:
        self.put(queue, "junk", MessageGroupId="junk", MessageDeduplicationId="junk")

    def queue_name(self, queue: str) -> str:
        """The name of a queue in AWS."""
        return self.found.resources[queue].rpartition("/")[2]

    def check(self, connection_id: str, check: str) -> None:
        """Have a connection looked at now."""
        self.put("SocketChecksQueue", json.dumps({"connection": connection_id, "check": check}))

    def purge(self, queue: str) -> None:
        """Throw away what a queue holds."""
        self._sqs.purge_queue(QueueUrl=self.found.resources[queue])

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

    def wait_for(self, function: str, action: str, on: str = "") -> None:
        """Wait until a function has called an action, on a queue or an item whose key begins so."""

        def seen() -> bool:
            return any(
                (each.function, each.action) == (function, action)
                and (each.leading_key or each.queue).startswith(on)
                for each in self.recorded.calls()
            )

        until(seen, f"{action} of {function} {on}")


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition; fails when it does not come."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)
