"""A sender's conversations, as the turn journal records them (`aws.state.journal`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from channels.aws.keys import key
from channels.turns.journal import ConversationRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


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
