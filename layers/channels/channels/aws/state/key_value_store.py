"""What channels remember between messages, in the state table.

pk MEMORY#<channel>#<key>   sk MEMORY     value, ttl
"""

from __future__ import annotations

import time

from channels.aws.client.json_api import JsonApi, ServiceError
from channels.aws.keys import key as table_key
from channels.errors import PlatformUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.wiring.settings import Settings

_SK = {"S": "MEMORY"}


class TableStore:
    """`channel.KeyValueStore` of a channel, through the small AWS client: webhooks can use it."""

    def __init__(
        self, table: str, channel: str, dynamodb: JsonApi, now: Callable[[], float] = time.time
    ) -> None:
        """Store in `table`; `now()` is in seconds since 1970."""
        self._table = table
        self._channel = channel
        self._dynamodb = dynamodb
        self._now = now

    @classmethod
    def of_channels(cls, settings: Settings) -> Callable[[str], TableStore]:
        """Return a function that makes the store of a channel; all share one connection."""
        dynamodb = JsonApi("dynamodb", settings.environment)
        return lambda channel: cls(settings.state_table, channel, dynamodb)

    def put(self, key: str, value: str, seconds: float) -> None:
        """Store `value` for `seconds`; raise PlatformUnavailable if the table cannot be written."""
        self._call("PutItem", {"Item": self._item(key, value, seconds)})

    def get(self, key: str) -> str | None:
        """Return the stored value.

        Checks the ttl, since DynamoDB deletes expired items days later.
        """
        where = {"Key": {"pk": self._pk(key), "sk": _SK}, "ConsistentRead": True}
        item = self._call("GetItem", where).get("Item")
        if not item or int(item["ttl"]["N"]) <= self._now():
            return None
        value: str = item["value"]["S"]
        return value

    def claim(self, key: str, value: str, seconds: float) -> str:
        """Store `value` unless a value is stored already; return the value that is then stored."""
        put = {
            "TableName": self._table,
            "Item": self._item(key, value, seconds),
            "ConditionExpression": "attribute_not_exists(pk) OR #ttl <= :now",
            "ExpressionAttributeNames": {"#ttl": "ttl"},
            "ExpressionAttributeValues": {":now": {"N": str(int(self._now()))}},
        }
        try:
            self._dynamodb.call("PutItem", put)
        except ServiceError as error:
            held = self.get(key) if error.code == "ConditionalCheckFailedException" else None
            if held is None:
                raise PlatformUnavailable(f"the state table: {error}") from error
            return held
        return value

    def _item(self, key: str, value: str, seconds: float) -> dict[str, Any]:
        expires = {"N": str(int(self._now() + seconds))}
        return {"pk": self._pk(key), "sk": _SK, "value": {"S": value}, "ttl": expires}

    def _pk(self, key: str) -> dict[str, str]:
        return {"S": table_key("MEMORY", self._channel, key)}

    def _call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._dynamodb.call(operation, {"TableName": self._table, **parameters})
        except ServiceError as error:
            raise PlatformUnavailable(f"the state table: {error}") from error
