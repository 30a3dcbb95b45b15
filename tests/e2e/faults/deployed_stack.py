"""The stack under test, deployed from the repository's template and turned towards the proxies.

Everything is done through AWS's public APIs on the deployed resources; neither the template nor the
code knows of it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Any

from ops.emulator.processes import ProcessRecord
from ops.stack.aws import local_stack
from ops.stack.stack_file import StackFile
from tests.e2e.conftest import LocalRun

QUEUES = ("InboxQueue", "CallbackQueue")
_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


class DeployedStack:
    """A stack that `ops up` brought up, and the AWS clients that change its settings."""

    def __init__(self, run: LocalRun, found: StackFile) -> None:
        self.run = run
        self.http_url = found.http_url
        self.endpoint_url = found.endpoint_url
        self._resources = found.resources
        session = local_stack(found.stack_name, found.endpoint_url).session
        self._lambda = session.client("lambda", endpoint_url=found.endpoint_url)
        self._sqs = session.client("sqs", endpoint_url=found.endpoint_url)

    @property
    def ministack_pid(self) -> int:
        """The process whose children are the Lambdas."""
        record = ProcessRecord.read(self.run.local_dir / "ministack.json")
        assert record is not None, "MiniStack has ended"
        return record.pid

    def set_environment(self, function: str, variables: Mapping[str, str]) -> None:
        """Set variables of a function and keep its others; its processes start anew."""
        self._replace_environment(function, self._environment(function) | dict(variables))

    @contextlib.contextmanager
    def environment(self, function: str, **variables: str) -> Iterator[None]:
        """Variables of a function for the length of the block; then it has those from before."""
        before = self._environment(function)
        self._replace_environment(function, before | variables)
        try:
            yield
        finally:
            self._replace_environment(function, before)

    def _environment(self, function: str) -> dict[str, str]:
        name = self._resources[function]
        found = self._lambda.get_function_configuration(FunctionName=name)["Environment"]
        return dict(found["Variables"])

    def _replace_environment(self, function: str, variables: Mapping[str, str]) -> None:
        environment: Any = {"Variables": dict(variables)}
        self._lambda.update_function_configuration(
            FunctionName=self._resources[function], Environment=environment
        )

    @contextlib.contextmanager
    def visibility_timeout(self, seconds: int) -> Iterator[None]:
        """Let the messages of a dead worker come back sooner than the template says."""
        before = {name: self._attribute(name, "VisibilityTimeout") for name in QUEUES}
        try:
            for name in QUEUES:
                self._set_visibility_timeout(name, str(seconds))
            yield
        finally:
            for name, value in before.items():
                self._set_visibility_timeout(name, value)

    def depth(self, queue: str) -> int:
        """How many messages a queue holds, those in flight included."""
        return sum(int(self._attribute(queue, count)) for count in _COUNTS)

    def put_into_inbox(self, body: str, group: str, deduplication_id: str) -> None:
        """Put a message into the inbox past the webhook."""
        self._sqs.send_message(
            QueueUrl=self._resources["InboxQueue"],
            MessageBody=body,
            MessageGroupId=group,
            MessageDeduplicationId=deduplication_id,
        )

    def wait_until_idle(self, within: float) -> bool:
        """Wait until inbox and callback queue are empty; False when time is over (seconds)."""
        end = time.monotonic() + within
        while any(self.depth(queue) for queue in QUEUES):
            if time.monotonic() > end:
                return False
            time.sleep(0.2)
        return True

    def _attribute(self, queue: str, name: Any) -> str:
        url = self._resources[queue]
        answer = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])
        return answer["Attributes"][name]

    def _set_visibility_timeout(self, queue: str, seconds: str) -> None:
        self._sqs.set_queue_attributes(
            QueueUrl=self._resources[queue], Attributes={"VisibilityTimeout": seconds}
        )
