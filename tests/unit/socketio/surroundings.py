"""A WebSocket API in memory: DynamoDB judges the conditions (moto), the rest are fakes."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import boto3
from botocore.exceptions import ClientError

from channels.aws.client.json_api import ServiceError
from channels.aws.sockets.polling_table import PollingTable
from channels.aws.sockets.registry import SessionRegistry
from channels.aws.sockets.transports import ClientTransport
from channels.aws.state.state_table import StateTable
from channels.errors import InboxUnavailable, RecipientGone
from channels.handlers.sockets.connect import ConnectHandler
from channels.handlers.sockets.frames import DisconnectHandler, MessageHandler
from channels.socketio import SocketIOInput
from channels.telemetry.metrics import Metrics
from channels.turns.inbox_message import InboxMessage

_OPERATIONS = {
    "GetItem": "get_item",
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "DeleteItem": "delete_item",
    "Query": "query",
    "TransactWriteItems": "transact_write_items",
}


class Dynamodb:
    """DynamoDB's own judgement of conditions, in the small client's words; within `mock_aws`.

    `loses_answers` to writes: each is made again, as the small client does then.
    """

    def __init__(self) -> None:
        self.loses_answers = False
        self._client: Any = boto3.client("dynamodb", region_name="eu-west-1")
        self.calls: list[str] = []
        self._client.create_table(
            TableName="state",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )

    def call(self, operation: str, parameters: dict[str, Any]) -> Any:
        self.calls.append(operation)
        json.dumps(parameters)
        if self.loses_answers and operation not in ("GetItem", "Query"):
            with contextlib.suppress(ClientError):
                getattr(self._client, _OPERATIONS[operation])(**parameters)
        try:
            return getattr(self._client, _OPERATIONS[operation])(**parameters)
        except ClientError as error:
            response: Any = error.response
            code = response["Error"]["Code"]
            raise ServiceError(operation, code, "", response) from error

    def items(self) -> list[dict[str, Any]]:
        """Everything in the table."""
        found: list[dict[str, Any]] = self._client.scan(TableName="state")["Items"]
        return found

    def stored(self) -> set[tuple[str, str]]:
        """The keys of everything in the table."""
        return {(item["pk"]["S"], item["sk"]["S"]) for item in self.items()}


class Gateway:
    """API Gateway's @connections: `open` are those that stand, `posts` what went to which.

    A `lost` connection takes posts that nobody hears; `failures` are raised by the next posts to
    one, once each, None by none.
    """

    def __init__(self) -> None:
        self.open: set[str] = set()
        self.posts: list[tuple[str, str]] = []
        self.lost: set[str] = set()
        self.failures: dict[str, list[Exception | None]] = {}

    def post(self, connection_id: str, frame: str) -> None:
        failure = self.failures[connection_id].pop(0) if self.failures.get(connection_id) else None
        if failure is not None:
            raise failure
        if connection_id not in self.open:
            raise RecipientGone(connection_id)
        if connection_id not in self.lost:
            self.posts.append((connection_id, frame))

    def close(self, connection_id: str) -> None:
        self.open.discard(connection_id)

    def to(self, connection_id: str) -> list[str]:
        """The frames that arrived at a connection, and from now on no more."""
        mine = [frame for to, frame in self.posts if to == connection_id]
        self.posts = [each for each in self.posts if each[0] != connection_id]
        return mine


class Inbox:
    """Keeps what is queued; refuses when told to."""

    def __init__(self) -> None:
        self.queued: list[Any] = []
        self.is_down = False

    def put(self, channel: str, messages: list[Any]) -> None:
        assert channel == "socketio"
        if self.is_down:
            raise InboxUnavailable("down")
        for message in messages:
            text = InboxMessage(channel, message, 1.0).to_json()
            self.queued.append(InboxMessage.from_json(text).message)


class Surroundings:
    """Handlers on one table; `now` is the time (seconds)."""

    def __init__(self, **credentials: Any) -> None:
        self.now = 1_000_000.0
        self.dynamodb = Dynamodb()
        self.gateway = Gateway()
        self.inbox = Inbox()
        self.opened: list[str] = []
        self.metrics: list[str] = []
        self.use(**credentials)

    def use(self, **credentials: Any) -> None:
        """Change the credentials."""
        self.channel = SocketIOInput.from_credentials(credentials)
        client: Any = self.dynamodb
        gateway: Any = self.gateway
        table = StateTable("state", client)
        polling = PollingTable(table, lambda: self.now)
        metrics = Metrics("stack", self.metrics.append)
        self.rooms = SessionRegistry(
            table, ClientTransport(polling, gateway), lambda: self.now, metrics
        )
        self.channel.sockets = self.rooms
        self._connect = ConnectHandler(
            lambda: self.channel, self.rooms, lambda event: self.opened.append(event["connection"])
        )
        self._default = MessageHandler(lambda: self.channel, self.rooms, self.inbox)
        self._disconnect = DisconnectHandler(self.rooms)

    def connect(
        self,
        connection_id: str,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> int:
        """The status of a connection attempt; without a query that of plain JSON."""
        event = self.event("CONNECT", connection_id, "$connect")
        event |= {"queryStringParameters": query, "headers": headers or {"Host": "x"}}
        status: int = self._connect(event, None)["statusCode"]
        if status == 200:
            self.gateway.open.add(connection_id)
        return status

    def send(self, connection_id: str, *frames: str) -> list[str]:
        """What a connection hears after its frames."""
        for number, frame in enumerate(frames):
            event = self.event("MESSAGE", connection_id, "$default")
            event["body"] = frame
            event["requestContext"]["requestId"] = f"{connection_id}-{number}-{hash(frame)}"
            assert self._default(event, None) == {"statusCode": 200}
        return self.gateway.to(connection_id)

    def disconnect(self, connection_id: str) -> None:
        """The transport is gone and API Gateway has noticed."""
        self.gateway.open.discard(connection_id)
        event = self.event("DISCONNECT", connection_id, "$disconnect")
        assert self._disconnect(event, None) == {"statusCode": 200}

    def event(self, kind: str, connection_id: str, route: str) -> dict[str, Any]:
        """An event of API Gateway."""
        context = {"eventType": kind, "connectionId": connection_id, "routeKey": route}
        return {"requestContext": context, "isBase64Encoded": False}

    def client(self, connection_id: str, session: str = "", version: str = "4") -> list[str]:
        """Connect a Socket.IO client, with a session if there is a name; what it hears."""
        assert self.connect(connection_id, {"EIO": version, "transport": "websocket"}) == 200
        frames = ["40"] if version == "4" else []
        if session:
            frames.append(f'42["session_request",{{"session_id":"{session}"}}]')
        return self.send(connection_id, *frames)
