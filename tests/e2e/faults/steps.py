"""The steps of a turn as its functions' surroundings see them: one call each to a service.

A step is known by its function, service, operation and number: the worker's third UpdateItem for a
conversation is the same step in every undisturbed turn. Numbers are counted for each conversation,
which is read from the request: the suite's message ids are `<sender>:<number>`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

#: Where a sender stands in a request: in keys of the state table, in ids of SQS.
_KEYS = re.compile(rb'"(?:SENDER#|TURN#callback#)([\w-]+)[":]')
_GROUP = re.compile(rb'"MessageGroupId"\s*:\s*"callback:([\w-]+)"')


class Step(NamedTuple):
    """A call of one function for one conversation, the `number`-th of its kind."""

    function: str
    service: str
    operation: str
    number: int

    def __str__(self) -> str:
        """Such as `ConversationFunction: dynamodb UpdateItem 3`."""
        return f"{self.function}: {self.service} {self.operation} {self.number}"


class Call(NamedTuple):
    """A request of a function; `conversation` is None where it names none."""

    function: str
    service: str
    operation: str
    conversation: str | None


def aws_call(function: str, headers: Mapping[str, str], body: bytes) -> Call:
    """A call of AWS's JSON protocol."""
    target, _, operation = headers.get("x-amz-target", "").partition(".")
    service = "sqs" if target == "AmazonSQS" else "dynamodb"
    found = (_GROUP if service == "sqs" else _KEYS).search(body)
    return Call(function, service, operation, found[1].decode() if found else None)


def agent_call(function: str, headers: Mapping[str, str], body: bytes) -> Call:
    """A request to the assistant: Rasa's REST channel."""
    return Call(function, "agent", "ask", str(json.loads(body)["sender"]))


def platform_call(function: str, headers: Mapping[str, str], body: bytes) -> Call:
    """A POST of the callback channel."""
    return Call(function, "platform", "POST", str(json.loads(body)["recipient_id"]))
