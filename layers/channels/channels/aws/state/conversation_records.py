"""A sender's conversations, as the turn journal records them (`aws.state.journal`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from channels.aws.keys import key
from channels.turns.journal import ConversationRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from channels.turns.inbox_message import InboxMessage

#: Turns remembered in a conversation's record, newest last: it is cut back to the newer half when
#: there are this many, or when their ids have this many bytes, so that the record stays below the
#: 1,024 bytes that DynamoDB writes for one unit.
_RECENT, _RECENT_SIZE = 40, 640


class ConversationRecords:
    """Reads `SENDER#<sender id>` items of the state table."""

    def __init__(self, table: str, dynamodb: DynamoDBClient) -> None:
        self._table = table
        self._dynamodb = dynamodb

    def __call__(self, sender_id: str) -> list[ConversationRecord]:
        """Return all conversations of a sender, one per channel that the sender wrote on."""
        answer = self._dynamodb.query(
            TableName=self._table,
            KeyConditionExpression="pk = :sender AND begins_with(sk, :conversation)",
            ExpressionAttributeValues={
                ":sender": {"S": key("SENDER", sender_id)},
                ":conversation": {"S": "CONV#"},
            },
            ConsistentRead=True,
        )
        return [
            ConversationRecord(
                item["sk"]["S"].removeprefix("CONV#"),
                float(item["last_seen"]["N"]),
                json.loads(item["reply_to"]["S"]) if "reply_to" in item else None,
            )
            for item in answer["Items"]
        ]


def note_conversation(
    dynamodb: DynamoDBClient, table: str, queued: InboxMessage, now: float
) -> None:
    """Note that a sender wrote, where to answer, and which of its turns are the latest."""
    message = queued.message
    conversation: Any = {
        "pk": {"S": key("SENDER", message.sender_id)},
        "sk": {"S": key("CONV", queued.channel)},
    }
    values: dict[str, Any] = {
        ":now": {"N": repr(now)},
        ":message": {"L": [{"S": message.message_id}]},
        ":empty": {"L": []},
    }
    expression = (
        "SET last_seen = :now, recent = list_append(if_not_exists(recent, :empty), :message)"
    )
    if message.reply_to is not None:
        expression += ", reply_to = :reply_to"
        values[":reply_to"] = {"S": json.dumps(message.reply_to)}
    answer = dynamodb.update_item(
        TableName=table,
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
        dynamodb.update_item(TableName=table, Key=conversation, UpdateExpression=f"REMOVE {oldest}")
