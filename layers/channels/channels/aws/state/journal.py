"""The turn journal: one item of the state table per message, written as the turn proceeds.

    pk TURN#<channel>#<message id>   sk TURN#<sender id>
       status attempts failures replies parts_sent platform_ids sender_id ttl; for `ops trace`:
       times, error, claims and failed_attempts (never reset), asked (whether the agent is asked)
    pk TURN#<channel>#<message id>   sk REPLIES#<sender id>#<n>   replies too long for one item
    pk SENDER#<sender id>            sk CONV#<channel>   conversation: reply_to, last_seen, recent

Only one worker at a time handles a message, because its conversation is one FIFO group. Claiming
therefore needs no lease; it only finds out how far an earlier attempt got.
"""

from __future__ import annotations

import json
import time
import zlib
from typing import TYPE_CHECKING

from channels.aws.keys import key
from channels.turns.journal import DEAD, Turn

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mypy_boto3_dynamodb import DynamoDBClient

    from channels.turns.inbox_message import InboxMessage

#: Replies are stored in pieces of this many bytes; an item holds 400 KB (DynamoDB).
_PIECE = 350_000

#: How long platforms send a message again (seconds): Messenger for 36 hours, others for less
#: (Telegram 24 hours, Slack some minutes).
REDELIVERY_PERIOD = 129_600.0

#: How long a dead letter can be redriven (seconds): the retention period of its queue in the
#: template. Its turn must be known until then.
_DEAD_LETTERS_KEPT = 1_209_600.0

#: Turns remembered in a conversation's record, newest last. The record is cut to its newer half
#: when it has this many turns or their ids this many bytes, so that it stays below the 1,024 bytes
#: that DynamoDB writes for one unit.
_RECENT, _RECENT_SIZE = 40, 640


class TurnJournal:
    """`turns.journal.Journal` in DynamoDB."""

    def __init__(
        self,
        table: str,
        dynamodb: DynamoDBClient,
        *,
        keep: float = REDELIVERY_PERIOD,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Write to `table`; a turn is remembered for `keep` seconds after its last change.

        For that long, a message that is received again is recognised.
        """
        self._table = table
        self._dynamodb = dynamodb
        self._keep = keep
        self._now = now

    def claim(self, queued: InboxMessage) -> Turn:
        """Record a new attempt on a message and return how far earlier attempts got."""
        now = self._now()
        old = self._update(
            queued,
            "SET #status = if_not_exists(#status, :claimed), claimed_at = :now, #ttl = :ttl, "
            "first_claimed_at = if_not_exists(first_claimed_at, :now), "
            "received_at = if_not_exists(received_at, :received), sender_id = :sender, "
            "channel = :channel, message_id = :message, asked = :asked "
            "ADD attempts :one, claims :one",
            {
                ":claimed": {"S": "claimed"},
                ":now": {"N": repr(now)},
                ":received": {"N": repr(queued.received_at)},
                ":sender": {"S": queued.message.sender_id},
                ":channel": {"S": queued.channel},
                ":message": {"S": queued.message.message_id},
                ":asked": {"BOOL": queued.replies is None},
                ":one": {"N": "1"},
            },
            returned="ALL_OLD",
        )
        deaths = int(old["attempts"]["N"]) if old else 0
        if not old or deaths:
            self._note_conversation(queued)
        if not old:
            return Turn("claimed")
        parts_sent = int(old.get("parts_sent", {}).get("N", "0"))
        failed = int(old.get("failed_attempts", {}).get("N", "0"))
        return Turn(old["status"]["S"], deaths, self.replies(old), parts_sent, failed)

    def answered(self, queued: InboxMessage, replies: list[dict[str, Any]]) -> None:
        """Store the agent's replies before the first one is sent."""
        packed = zlib.compress(json.dumps(replies).encode())
        pieces = [packed[start : start + _PIECE] for start in range(0, len(packed), _PIECE)]
        for number, piece in enumerate(pieces[1:], start=1):
            self._dynamodb.put_item(
                TableName=self._table,
                Item={
                    "pk": {"S": self._key(queued)},
                    "sk": {"S": _piece_key(queued.message.sender_id, number)},
                    "data": {"B": piece},
                    "ttl": self._ttl(_DEAD_LETTERS_KEPT),
                },
            )
        self._update(
            queued,
            "SET #status = :answered, answered_at = :now, replies = :replies, pieces = :pieces, "
            "parts_sent = :none, platform_ids = :empty, #ttl = :ttl",
            {
                ":answered": {"S": "answered"},
                ":now": {"N": repr(self._now())},
                ":replies": {"B": pieces[0]},
                ":pieces": {"N": str(len(pieces))},
                ":none": {"N": "0"},
                ":empty": {"L": []},
            },
        )

    def sent(self, queued: InboxMessage, parts: int, platform_id: str) -> None:
        """Mark the turn's first `parts` parts as sent, the last with the platform's id."""
        self._update(
            queued,
            "SET parts_sent = :parts, platform_ids = list_append(platform_ids, :part), #ttl = :ttl",
            {
                ":parts": {"N": str(parts)},
                ":part": {"L": [{"S": f"{self._now():.3f} {platform_id}"}]},
            },
        )

    def failed(self, queued: InboxMessage, error: str, *, counts: bool) -> int:
        """Record that an attempt ended with an error; return the number of failures that count."""
        new = self._update(
            queued,
            "SET #error = :error, failed_at = :now, attempts = :none, #ttl = :ttl "
            "ADD failures :counted, failed_attempts :one",
            {
                ":error": {"S": error[:1000]},
                ":now": {"N": repr(self._now())},
                ":none": {"N": "0"},
                ":one": {"N": "1"},
                ":counted": {"N": "1" if counts else "0"},
            },
            returned="ALL_NEW",
        )
        return int(new["failures"]["N"])

    def finished(self, queued: InboxMessage, status: str, error: str = "") -> None:
        """End the turn as `done`, `gone` or `dead`; a dead turn resumes when it is redriven.

        Without an error, that of an earlier attempt is kept for people to read.
        """
        expression = (
            "SET #status = :status, finished_at = :now, attempts = :none, failures = :none, "
            "#ttl = :ttl"
        )
        values: dict[str, Any] = {
            ":status": {"S": status},
            ":now": {"N": repr(self._now())},
            ":none": {"N": "0"},
        }
        if error:
            expression += ", #error = :error"
            values[":error"] = {"S": error[:1000]}
        if status == DEAD:
            expression += ", dead_at = :now"
            values[":ttl"] = self._ttl(_DEAD_LETTERS_KEPT)
        self._update(queued, expression, values)

    def _key(self, queued: InboxMessage) -> str:
        return key("TURN", queued.channel, queued.message.message_id)

    def _ttl(self, keep: float) -> dict[str, str]:
        return {"N": str(int(self._now() + keep))}

    def _update(
        self, queued: InboxMessage, expression: str, values: dict[str, Any], returned: Any = "NONE"
    ) -> dict[str, Any]:
        names = {"#status": "status", "#error": "error", "#ttl": "ttl"}
        answer = self._dynamodb.update_item(
            TableName=self._table,
            Key={"pk": {"S": self._key(queued)}, "sk": {"S": turn_key(queued.message.sender_id)}},
            UpdateExpression=expression,
            ExpressionAttributeNames={
                alias: name for alias, name in names.items() if alias in expression
            },
            ExpressionAttributeValues={":ttl": self._ttl(self._keep), **values},
            ReturnValues=returned,
        )
        return answer.get("Attributes", {})

    def replies(self, item: dict[str, Any]) -> list[dict[str, Any]] | None:
        """Return the replies in a turn's item, None if the agent has not replied."""
        if "replies" not in item:
            return None
        packed = item["replies"]["B"]
        for number in range(1, int(item["pieces"]["N"])):
            piece = self._dynamodb.get_item(
                TableName=self._table,
                Key={"pk": item["pk"], "sk": {"S": _piece_key(item["sender_id"]["S"], number)}},
                ConsistentRead=True,
            )
            packed += piece["Item"]["data"]["B"]
        replies: list[dict[str, Any]] = json.loads(zlib.decompress(packed))
        return replies

    def _note_conversation(self, queued: InboxMessage) -> None:
        message = queued.message
        conversation: Any = {
            "pk": {"S": key("SENDER", message.sender_id)},
            "sk": {"S": key("CONV", queued.channel)},
        }
        values: dict[str, Any] = {
            ":now": {"N": repr(self._now())},
            ":message": {"L": [{"S": message.message_id}]},
            ":empty": {"L": []},
        }
        expression = (
            "SET last_seen = :now, recent = list_append(if_not_exists(recent, :empty), :message)"
        )
        if message.reply_to is not None:
            expression += ", reply_to = :reply_to"
            values[":reply_to"] = {"S": json.dumps(message.reply_to)}
        answer = self._dynamodb.update_item(
            TableName=self._table,
            Key=conversation,
            UpdateExpression=expression,
            ExpressionAttributeValues=values,
            ReturnValues="UPDATED_NEW",
        )
        recent = [each["S"] for each in answer["Attributes"]["recent"]["L"]]
        too_many = len(recent) >= _RECENT or len("".join(recent).encode()) >= _RECENT_SIZE
        older = len(recent) // 2
        if too_many and older:
            oldest = ", ".join(f"recent[{index}]" for index in range(older))
            self._dynamodb.update_item(
                TableName=self._table, Key=conversation, UpdateExpression=f"REMOVE {oldest}"
            )


def turn_key(sender_id: str) -> str:
    """Return the sort key of a sender's turn: message ids need not be unique among senders."""
    return key("TURN", sender_id)


def _piece_key(sender_id: str, number: int) -> str:
    return f"{key('REPLIES', sender_id)}#{number}"
