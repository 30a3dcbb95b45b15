"""The turn journal as operators read it (`channels.aws.state.journal` writes it)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from channels.aws.keys import key
from channels.aws.state.journal import TurnJournal, turn_key, unreported

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_REFUSED = "refused: "


class Part(NamedTuple):
    """A part of an answer: when it was sent (seconds since 1970) and under which platform's id.

    `refusal` says why the platform will never take it, "" for a part that it took.
    """

    at: float
    platform_id: str
    refusal: str


class TurnRecord(NamedTuple):
    """What the journal holds of one message; times in seconds since 1970, None where not (yet).

    `attempts` counts the workers that took it since one last reported an end. `claims` and
    `failed_attempts` count all of its life. `hidden_until` is when the message is tried again after
    the last end that was reported. `asked` is False for messages that the bot sends unasked.
    `replies` is None until there is an answer.
    """

    channel: str
    message_id: str
    sender_id: str
    status: str
    received_at: float
    first_claimed_at: float
    claimed_at: float
    failed_at: float | None
    paused_at: float | None
    hidden_until: float | None
    answered_at: float | None
    dead_at: float | None
    finished_at: float | None
    attempts: int
    claims: int
    failed_attempts: int
    error: str
    asked: bool
    parts: list[Part]
    replies: list[dict[str, Any]] | None


class ConversationRecord(NamedTuple):
    """A sender's conversation on one channel, with the ids of its latest messages, newest last.

    `reply_to` are the names, not the values, of what an answer is addressed with.
    """

    channel: str
    last_seen: float
    reply_to: list[str]
    recent: list[str]


class Turns:
    """Reads the state table of one stack."""

    def __init__(self, table: str, dynamodb: DynamoDBClient) -> None:
        """Read from `table`."""
        self._table = table
        self._dynamodb = dynamodb
        self._journal = TurnJournal(table, dynamodb)

    def get(self, channel: str, message_id: str, sender_id: str) -> TurnRecord | None:
        """The turn of a sender's message; None when the journal has none (any more)."""
        where = {
            "pk": {"S": key("TURN", channel, message_id)},
            "sk": {"S": turn_key(sender_id)},
        }
        answer = self._dynamodb.get_item(TableName=self._table, Key=where, ConsistentRead=True)
        return self._turn(answer["Item"]) if "Item" in answer else None

    def of_message(self, channel: str, message_id: str) -> list[TurnRecord]:
        """The turns of a message id, one for each sender that used it."""
        answer = self._dynamodb.query(
            TableName=self._table,
            KeyConditionExpression="pk = :message AND begins_with(sk, :turn)",
            ExpressionAttributeValues={
                ":message": {"S": key("TURN", channel, message_id)},
                ":turn": {"S": "TURN#"},
            },
            ConsistentRead=True,
        )
        return [self._turn(item) for item in answer["Items"]]

    def scan(self, message_id: str) -> Iterator[TurnRecord]:
        """The turns of a message on whatever channel; reads the whole table."""
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._table,
            FilterExpression="begins_with(sk, :turn) AND message_id = :message",
            ExpressionAttributeValues={":turn": {"S": "TURN#"}, ":message": {"S": message_id}},
        )
        for page in pages:
            yield from map(self._turn, page["Items"])

    def conversations(self, sender_id: str) -> list[ConversationRecord]:
        """A sender's conversations, the latest first."""
        answer = self._dynamodb.query(
            TableName=self._table,
            KeyConditionExpression="pk = :sender AND begins_with(sk, :conversation)",
            ExpressionAttributeValues={
                ":sender": {"S": key("SENDER", sender_id)},
                ":conversation": {"S": "CONV#"},
            },
            ConsistentRead=True,
        )
        found = [_conversation(item) for item in answer["Items"]]
        return sorted(found, key=lambda conversation: -conversation.last_seen)

    def _turn(self, item: dict[str, Any]) -> TurnRecord:
        received_at = float(item["received_at"]["N"])
        claimed_at = _time(item, "claimed_at") or received_at
        return TurnRecord(
            channel=item["channel"]["S"],
            message_id=item["message_id"]["S"],
            sender_id=item["sender_id"]["S"],
            status=item["status"]["S"],
            received_at=received_at,
            first_claimed_at=_time(item, "first_claimed_at") or claimed_at,
            claimed_at=claimed_at,
            failed_at=_time(item, "failed_at"),
            paused_at=_time(item, "paused_at"),
            hidden_until=_time(item, "hidden_until"),
            answered_at=_time(item, "answered_at"),
            dead_at=_time(item, "dead_at"),
            finished_at=_time(item, "finished_at"),
            attempts=len(unreported(item)),
            claims=_count(item, "claims"),
            failed_attempts=_count(item, "failed_attempts"),
            error=item.get("error", {}).get("S", ""),
            asked=item.get("asked", {}).get("BOOL", True),
            parts=[_part(each["S"]) for each in item.get("platform_ids", {}).get("L", [])],
            replies=self._journal.replies(item),
        )


def _time(item: dict[str, Any], name: str) -> float | None:
    return float(item[name]["N"]) if name in item else None


def _count(item: dict[str, Any], name: str) -> int:
    return int(item.get(name, {}).get("N", "0"))


def _part(mark: str) -> Part:
    at, _, rest = mark.partition(" ")
    if rest.startswith(_REFUSED):
        return Part(float(at), "", rest.removeprefix(_REFUSED))
    return Part(float(at), rest, "")


def _conversation(item: dict[str, Any]) -> ConversationRecord:
    reply_to = json.loads(item["reply_to"]["S"]) if "reply_to" in item else {}
    recent = (each["S"] for each in item.get("recent", {}).get("L", []))
    return ConversationRecord(
        channel=item["sk"]["S"].removeprefix("CONV#"),
        last_seen=float(item["last_seen"]["N"]),
        reply_to=sorted(reply_to),
        recent=list(dict.fromkeys(recent)),
    )
