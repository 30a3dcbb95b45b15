"""Captured requests as operators read them (`channels.aws.state.captures` writes them)."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from channels.aws.keys import key
from ops.failure import Failure
from ops.stack.aws import Stack
from ops.stack.channel_names import channel_names
from ops.stack.resources import Resources

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Capture(NamedTuple):
    """A captured request: when (seconds since 1970), what it was answered, who wrote in it.

    `left_out` is the size of a body that was too large to keep (bytes), 0 where it is there.
    """

    channel: str
    at: float
    id: str
    status: int
    senders: list[str]
    left_out: int
    event: dict[str, Any]

    @property
    def sort_key(self) -> str:
        """Where it is in its channel's partition."""
        return f"{round(self.at * 1000):013}#{self.id}"


class Captures:
    """The captured requests of one stack."""

    def __init__(
        self,
        table: str,
        dynamodb: DynamoDBClient,
        channels: list[str],
        now: Callable[[], float] = time.time,
    ) -> None:
        """Read those of `channels` from `table`; `now()` is in seconds since 1970."""
        self._table = table
        self._dynamodb = dynamodb
        self._channels = channels
        self._now = now

    @classmethod
    def of_stack(cls, stack: Stack, resources: Resources, channel: str | None = None) -> Self:
        """Those of a stack, of one channel or of all it may have."""
        dynamodb = stack.session.client("dynamodb", endpoint_url=stack.endpoint_url)
        channels = [channel] if channel else channel_names(stack)
        return cls(resources["StateTable"], dynamodb, channels)

    def __iter__(self) -> Iterator[Capture]:
        """All of them, the latest first."""
        found = [each for channel in self._channels for each in self._of_channel(channel)]
        yield from sorted(found, key=lambda capture: -capture.at)

    def get(self, capture_id: str) -> Capture:
        """One of them; Failure when it is not there (any more)."""
        for capture in self:
            if capture.id == capture_id:
                return capture
        raise Failure(
            f"There is no captured event '{capture_id}'",
            "`python -m ops capture list` shows those of the last 24 hours; the stack captures "
            "with the parameter CaptureEvents=on.",
        )

    def event(self, capture_id: str) -> dict[str, Any]:
        """The event of one of them, as it can be sent again; Failure when its body is not there."""
        capture = self.get(capture_id)
        if capture.left_out:
            raise Failure(
                f"The body of '{capture_id}' was too large to keep ({capture.left_out} bytes)",
                "Take an event of events/ and put such a body into it.",
            )
        return capture.event

    def _of_channel(self, channel: str) -> Iterator[Capture]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :channel",
            ExpressionAttributeValues={":channel": {"S": key("CAPTURE", channel)}},
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                if float(item["ttl"]["N"]) > self._now():
                    yield _capture(channel, item)


def _capture(channel: str, item: dict[str, Any]) -> Capture:
    milliseconds, _, request_id = item["sk"]["S"].partition("#")
    return Capture(
        channel=channel,
        at=int(milliseconds) / 1000,
        id=request_id,
        status=int(item["status"]["N"]),
        senders=[each["S"] for each in item["senders"]["L"]],
        left_out=int(item["left_out"]["N"]),
        event=json.loads(zlib.decompress(item["event"]["B"])),
    )
