"""The turn journal: one item of the state table per message, written as the turn proceeds.

    pk TURN#<channel>#<message id>   sk TURN#<sender id>
       status unreported failures retries outage_since progressed_at replies parts_sent
       platform_ids given_up error sender_id ttl; for `ops trace`: times, hidden_until, claims and
       failed_attempts (never reset), asked (the agent, or unasked)
    pk TURN#<channel>#<message id>   sk REPLIES#<sender id>#<n>   replies too long for one item
    pk SENDER#<sender id>            sk CONV#<channel>   conversation: reply_to, last_seen, recent

Only one worker at a time handles a message, because its conversation is one FIFO group. Claiming
therefore needs no lease; it only finds out how far an earlier attempt got.
"""

from __future__ import annotations

import json
import time
import zlib
from typing import TYPE_CHECKING, Any

from channels.aws.keys import key
from channels.aws.state.conversation_records import note_conversation
from channels.turns.journal import DEAD, DYING, Claim, Turn

if TYPE_CHECKING:
    from collections.abc import Callable

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

_EMPTY: Any = {"L": []}

#: What every progress of a turn changes: errors are counted, and outages measured, anew.
_PROGRESS = "failures = :none, retries = :none, progressed_at = :now REMOVE outage_since"


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

    def claim(self, queued: InboxMessage, receive: int) -> Turn:
        """Note a new attempt on a message and learn how far the earlier ones came."""
        now = self._now()
        old = self._update(
            queued,
            "SET #status = if_not_exists(#status, :claimed), claimed_at = :now, #ttl = :ttl, "
            "first_claimed_at = if_not_exists(first_claimed_at, :now), "
            "received_at = if_not_exists(received_at, :received), sender_id = :sender, "
            "channel = :channel, message_id = :message, asked = :asked, "
            "unreported = list_append(if_not_exists(unreported, :empty), :claim) "
            "ADD claims :one",
            {
                ":claimed": {"S": "claimed"},
                ":now": {"N": repr(now)},
                ":received": {"N": repr(queued.received_at)},
                ":sender": {"S": queued.message.sender_id},
                ":channel": {"S": queued.channel},
                ":message": {"S": queued.message.message_id},
                ":asked": {"BOOL": queued.replies is None},
                ":claim": {"L": [{"S": f"{now!r} {receive}"}]},
                ":empty": _EMPTY,
                ":one": {"N": "1"},
            },
            returned="ALL_OLD",
        )
        turn = self._turn(old) if old else Turn("claimed")
        if not old or turn.claims:
            note_conversation(self._dynamodb, self._table, queued, now)
        return turn

    def _turn(self, item: dict[str, Any]) -> Turn:
        since = number(item, "outage_since", None)
        return Turn(
            item["status"]["S"],
            self.replies(item),
            int(number(item, "parts_sent", 0.0)),
            unreported(item),
            number(item, "progressed_at", 0.0),
            int(number(item, "failures", 0.0)),
            int(number(item, "retries", 0.0)),
            since,
            item.get("given_up", {}).get("S"),
            item.get("error", {}).get("S", ""),
        )

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
            f"parts_sent = :none, platform_ids = :empty, #ttl = :ttl, {_PROGRESS}",
            {
                ":answered": {"S": "answered"},
                ":now": {"N": repr(self._now())},
                ":replies": {"B": pieces[0]},
                ":pieces": {"N": str(len(pieces))},
                ":none": {"N": "0"},
                ":empty": _EMPTY,
            },
        )

    def sent(self, queued: InboxMessage, parts: int, platform_id: str) -> None:
        """Mark the turn's first `parts` parts as sent, the last under the platform's id."""
        now = self._now()
        self._update(
            queued,
            "SET parts_sent = :parts, platform_ids = list_append(platform_ids, :part), "
            f"#ttl = :ttl, {_PROGRESS}",
            {
                ":parts": {"N": str(parts)},
                ":part": {"L": [{"S": f"{now:.3f} {platform_id}"}]},
                ":now": {"N": repr(now)},
                ":none": {"N": "0"},
            },
        )

    def paused(self, queued: InboxMessage, until: float) -> None:
        """Note that an attempt ended without an error, and when the turn goes on."""
        self._update(
            queued,
            "SET paused_at = :now, hidden_until = :until, unreported = :empty, #ttl = :ttl",
            {
                ":now": {"N": repr(self._now())},
                ":until": {"N": repr(until)},
                ":empty": _EMPTY,
            },
        )

    def failed(
        self, queued: InboxMessage, error: str, until: float, outage_since: float | None
    ) -> None:
        """Note that an attempt ended with an error, and until when the message is hidden.

        The error counts against the message if `outage_since` is None.
        """
        expression = (
            "SET #error = :error, failed_at = :now, hidden_until = :until, unreported = :empty, "
            "#ttl = :ttl"
        )
        values: dict[str, Any] = {
            ":error": {"S": error[:1000]},
            ":now": {"N": repr(self._now())},
            ":until": {"N": repr(until)},
            ":empty": _EMPTY,
            ":one": {"N": "1"},
            ":counted": {"N": "1" if outage_since is None else "0"},
        }
        if outage_since is not None:
            expression += ", outage_since = :since"
            values[":since"] = {"N": repr(outage_since)}
        expression += " ADD failures :counted, failed_attempts :one, retries :one"
        self._update(queued, expression, values)

    def given_up(self, queued: InboxMessage, error: str, sqs_id: str) -> None:
        """Note that the message becomes a dead letter, before that is written."""
        self._update(
            queued,
            "SET #status = :dying, #error = :error, given_up = :id, dead_at = :now, "
            "unreported = :empty, #ttl = :ttl",
            {
                ":dying": {"S": DYING},
                ":error": {"S": error[:1000]},
                ":id": {"S": sqs_id},
                ":now": {"N": repr(self._now())},
                ":empty": _EMPTY,
                ":ttl": self._ttl(_DEAD_LETTERS_KEPT),
            },
        )

    def finished(self, queued: InboxMessage, status: str, error: str = "") -> None:
        """End the turn as `done`, `gone` or `dead`; a dead turn resumes when it is redriven.

        Without an error, that of an earlier attempt is kept for people to read.
        """
        expression = (
            "SET #status = :status, finished_at = :now, unreported = :empty, failures = :none, "
            "retries = :none, #ttl = :ttl"
        )
        values: dict[str, Any] = {
            ":status": {"S": status},
            ":now": {"N": repr(self._now())},
            ":none": {"N": "0"},
            ":empty": _EMPTY,
        }
        if error:
            expression += ", #error = :error"
            values[":error"] = {"S": error[:1000]}
        if status == DEAD:
            expression += ", dead_at = :now"
            values[":ttl"] = self._ttl(_DEAD_LETTERS_KEPT)
        self._update(queued, f"{expression} REMOVE outage_since", values)

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


def turn_key(sender_id: str) -> str:
    """Return the sort key of a sender's turn: message ids need not be unique among senders."""
    return key("TURN", sender_id)


def number[T](item: dict[str, Any], name: str, default: T) -> float | T:
    """A number of an item, `default` if it has none of that name."""
    return float(item[name]["N"]) if name in item else default


def unreported(item: dict[str, Any]) -> tuple[Claim, ...]:
    """The attempts of a turn's item since one last reported its end."""
    claims = (each["S"].split() for each in item.get("unreported", {}).get("L", []))
    return tuple(Claim(float(at), int(receive)) for at, receive in claims)


def _piece_key(sender_id: str, number: int) -> str:
    return f"{key('REPLIES', sender_id)}#{number}"
