"""The state table through the small AWS client, with errors named after how to handle them."""

from __future__ import annotations

import os

from channels.aws.client.json_api import JsonApi, ServiceError
from channels.errors import PlatformUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.wiring.settings import Settings


class ConditionFailed(Exception):
    """A condition did not hold; `item` is the existing item, None if it was not requested.

    For a transaction, `failed` says for each part whether its condition failed.
    """

    def __init__(self, item: dict[str, Any] | None = None, failed: tuple[bool, ...] = ()) -> None:
        super().__init__("condition failed")
        self.item = item
        self.failed = failed


class StateTable:
    """Reads and conditional writes; every method may raise PlatformUnavailable."""

    def __init__(self, table: str, dynamodb: JsonApi) -> None:
        self.name = table
        self._dynamodb = dynamodb

    @classmethod
    def from_settings(cls, settings: Settings) -> StateTable:
        """Use the stack's table."""
        return cls(settings.state_table, JsonApi("dynamodb", settings.environment))

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        """Return an item, read consistently, or None."""
        answer = self._call("GetItem", {"Key": _key(pk, sk), "ConsistentRead": True})
        item: dict[str, Any] | None = answer.get("Item")
        return item

    def put(self, item: dict[str, Any]) -> None:
        """Write a whole item."""
        self._call("PutItem", {"Item": item})

    def update(
        self,
        pk: str,
        sk: str,
        expression: str,
        values: dict[str, Any],
        condition: str = "",
        *,
        returned: str = "NONE",
    ) -> dict[str, Any]:
        """Update an item; return its attributes as `returned` says. Raises ConditionFailed.

        `#name` in an expression is the attribute `name`.
        """
        parameters = {"Key": _key(pk, sk), "ReturnValues": returned}
        parameters |= expressions(expression, condition, values)
        attributes: dict[str, Any] = self._call("UpdateItem", parameters).get("Attributes") or {}
        return attributes

    def delete(
        self,
        pk: str,
        sk: str,
        condition: str = "",
        values: dict[str, Any] | None = None,
        *,
        returned: str = "NONE",
    ) -> dict[str, Any]:
        """Delete an item; return its old attributes if `returned` is ALL_OLD.

        Raises ConditionFailed.
        """
        parameters: dict[str, Any] = {"Key": _key(pk, sk), "ReturnValues": returned}
        if condition:
            parameters |= expressions("", condition, values or {})
            del parameters["UpdateExpression"]
        answer = self._call("DeleteItem", parameters)
        attributes: dict[str, Any] = answer.get("Attributes") or {}
        return attributes

    def query(self, pk: str, first: str, last: str) -> list[dict[str, Any]]:
        """Return the items of a partition from sort key `first` to `last`, read consistently."""
        parameters = _range(pk, first, last)
        items: list[dict[str, Any]] = []
        while True:
            answer = self._call("Query", parameters)
            items += answer.get("Items", [])
            if not answer.get("LastEvaluatedKey"):
                return items
            parameters["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def newest(
        self, pk: str, first: str, last: str, most: int
    ) -> tuple[list[dict[str, Any]], bool]:
        """Return the last items of a range, in its order, and whether these are all.

        At most `most` items and 1 MB are returned, which is DynamoDB's limit for one query.
        """
        parameters = _range(pk, first, last) | {"ScanIndexForward": False, "Limit": most}
        answer = self._call("Query", parameters)
        items: list[dict[str, Any]] = answer.get("Items", [])
        return items[::-1], not answer.get("LastEvaluatedKey")

    def transact(self, writes: list[dict[str, Any]]) -> None:
        """Make all writes or none; ConditionFailed tells which of them failed.

        The call may be repeated: DynamoDB recognises the writes by their token (for 10 minutes).
        """
        parts = [
            {kind: {"TableName": self.name, **each}}
            for write in writes
            for kind, each in write.items()
        ]
        token = os.urandom(16).hex()
        transaction = {"TransactItems": parts, "ClientRequestToken": token}
        self._call("TransactWriteItems", transaction, table=False)

    def _call(
        self, operation: str, parameters: dict[str, Any], *, table: bool = True
    ) -> dict[str, Any]:
        named = {"TableName": self.name, **parameters} if table else parameters
        try:
            return self._dynamodb.call(operation, named)
        except ServiceError as error:
            if error.code == "ConditionalCheckFailedException":
                raise ConditionFailed(error.document.get("Item")) from None
            if error.code == "TransactionCanceledException":
                reasons = error.document.get("CancellationReasons") or []
                failed = tuple(each.get("Code") == "ConditionalCheckFailed" for each in reasons)
                if any(failed):
                    raise ConditionFailed(failed=failed) from None
            raise PlatformUnavailable(f"the state table: {error}") from error


def expressions(expression: str, condition: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of an update: the names and values that the expressions use."""
    names = {
        word.rstrip(",)("): word.rstrip(",)(")[1:]
        for word in f"{expression} {condition}".replace("(", " ").replace(",", " ").split()
        if word.startswith("#")
    }
    parameters: dict[str, Any] = {"UpdateExpression": expression}
    if condition:
        parameters["ConditionExpression"] = condition
        parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    if names:
        parameters["ExpressionAttributeNames"] = names
    if values:
        parameters["ExpressionAttributeValues"] = values
    return parameters


def text(value: str) -> dict[str, str]:
    """Return a string as DynamoDB writes it."""
    return {"S": value}


def number(value: float) -> dict[str, str]:
    """Return a whole number as DynamoDB writes it."""
    return {"N": str(int(value))}


def text_of(item: dict[str, Any] | None, name: str) -> str:
    """Return a string of an item, "" if it has none."""
    value: str = (item or {}).get(name, {}).get("S", "")
    return value


def number_of(item: dict[str, Any] | None, name: str) -> int:
    """Return a number of an item, 0 if it has none."""
    return int((item or {}).get(name, {}).get("N", "0"))


def _range(pk: str, first: str, last: str) -> dict[str, Any]:
    return {
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": {
            ":pk": text(pk),
            ":first": text(first),
            ":last": text(last),
        },
        "ConsistentRead": True,
    }


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": text(pk), "sk": text(sk)}
