"""Where the state table keeps something of one person's conversation on one channel.

Turns, connections and recoveries are found by reading the whole table: an index by sender would be
written with every message, for a question that is asked a few times a year (ADR 25).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from channels.agents.chat import history_key
from channels.aws.keys import key
from channels.aws.sockets.connections_table import connection_key, room_key
from channels.aws.state.journal import TurnJournal
from channels.messages.payloads import key_of
from channels.turns.awaited_reply import answer_key
from channels.twilio.choices import choices_key
from ops.stack.captures import Capture, Captures

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

#: The name under which the agent remembers (`channels.agents.load_agent`).
_AGENT = "agent"

#: What connections and recoveries have of the person: DynamoDB reserves the words.
_OF_SOCKETS = {"#sid": "sid", "#session": "session"}


class PersonalItem(NamedTuple):
    """An item of the table: what kind of data it is, in words, and its key."""

    kind: str
    pk: str
    sk: str


class PersonalItems:
    """Finds the items of one sender on one channel."""

    def __init__(
        self,
        table: str,
        dynamodb: DynamoDBClient,
        captures: Captures,
        channel: str,
        sender_id: str,
    ) -> None:
        """Look into `table`; `captures` are the channel's."""
        self._table = table
        self._dynamodb = dynamodb
        self._captures = captures
        self._channel = channel
        self._sender_id = sender_id
        self._journal = TurnJournal(table, dynamodb)

    def find(self) -> list[PersonalItem]:
        """All there is, each item once."""
        conversation = self._get(key("SENDER", self._sender_id), key("CONV", self._channel))
        items = list(self._scan())
        turns = [item for item in items if item["sk"]["S"].startswith("TURN#")]
        found = [
            *self._named("conversation", [conversation]),
            *self._named("turn", turns),
            *self._named("part of a long answer", filter(self._is_piece, items)),
            *self._named("answer waited for", self._answers(turns)),
            *self._named("payload of a button", self._payloads(turns)),
            *self._named("what the agent remembers", [self._memory(_AGENT, self._history_key())]),
            *self._named("choices on offer", [self._memory(self._channel, self._choices_key())]),
            *self._sockets(items, conversation),
            *(
                PersonalItem("captured event", key("CAPTURE", each.channel), each.sort_key)
                for each in self._captures
                if self._is_in(each)
            ),
        ]
        return list(dict.fromkeys(found))

    def _scan(self) -> Iterator[dict[str, Any]]:
        """Turns and their pieces, connections and recoveries, as they are now."""
        yield from self._pages(
            FilterExpression="(begins_with(pk, :turns) AND (sender_id = :sender "
            "OR begins_with(sk, :pieces))) OR #sid = :sender OR #session = :sender",
            ExpressionAttributeNames=_OF_SOCKETS,
            ExpressionAttributeValues={
                ":turns": {"S": key("TURN", self._channel, "")},
                ":sender": {"S": self._sender_id},
                ":pieces": {"S": key("REPLIES", self._sender_id) + "#"},
            },
        )

    def _pages(self, **parameters: Any) -> Iterator[dict[str, Any]]:
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._table, ConsistentRead=True, **parameters
        )
        for page in pages:
            yield from page["Items"]

    def _is_piece(self, item: dict[str, Any]) -> bool:
        """Whether an item is a piece of this sender's: another's id may go on with a number."""
        sort_key: str = item["sk"]["S"]
        start = key("REPLIES", self._sender_id) + "#"
        return sort_key.startswith(start) and sort_key.removeprefix(start).isdigit()

    def _answers(self, turns: list[dict[str, Any]]) -> Iterator[dict[str, Any] | None]:
        for turn in turns:
            yield self._memory(self._channel, answer_key(turn["message_id"]["S"]))

    def _payloads(self, turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Remembered payloads of the turns' buttons, but for those that others were shown too."""
        shown = {payload for turn in turns for payload in payloads_of(self._journal.replies(turn))}
        kept = {each: self._memory(self._channel, key_of(each)) for each in sorted(shown)}
        mine = {payload: item for payload, item in kept.items() if item is not None}
        if mine:
            for turn in self._turns_of_others():
                for payload in payloads_of(self._journal.replies(turn)):
                    mine.pop(payload, None)
        return list(mine.values())

    def _turns_of_others(self) -> Iterator[dict[str, Any]]:
        yield from self._pages(
            FilterExpression="begins_with(pk, :turns) AND sender_id <> :sender "
            "AND attribute_exists(replies)",
            ExpressionAttributeValues={
                ":turns": {"S": key("TURN", self._channel, "")},
                ":sender": {"S": self._sender_id},
            },
        )

    def _sockets(
        self, items: list[dict[str, Any]], conversation: dict[str, Any] | None
    ) -> Iterator[PersonalItem]:
        """Session, connections and recoveries of a socket's user."""
        if self._channel != "socketio":
            return
        reply_to = json.loads((conversation or {}).get("reply_to", {}).get("S", "{}"))
        known = (self._sender_id, reply_to.get("room"))
        connections = [connection_key(reply_to["connection"])] if "connection" in reply_to else []
        for session in dict.fromkeys(each for each in known if each):
            of_session = list(self._partition(room_key(session)))
            yield from self._named("session", of_session)
            members = (item["sk"]["S"] for item in of_session)
            connections += [each for each in members if each.startswith("CONN#")]
        yield from self._named("connection", (self._get(each, "META") for each in connections))
        starts = {"CONN#": "connection", "PID#": "recovery of a connection"}
        for start, kind in starts.items():
            yield from self._named(kind, [i for i in items if i["pk"]["S"].startswith(start)])

    def _partition(self, pk: str) -> Iterator[dict[str, Any]]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

    def _is_in(self, capture: Capture) -> bool:
        """Whether a captured event is the sender's, or says its id: not all channels tell whose."""
        if self._sender_id in capture.senders:
            return True
        whole = re.compile(rf"(?<![\w-]){re.escape(self._sender_id)}(?![\w-])")
        said = (capture.event.get("body"), capture.event.get("rawQueryString"))
        return any(whole.search(each) for each in said if each)

    def _history_key(self) -> str:
        return history_key(self._channel, self._sender_id)

    def _choices_key(self) -> str:
        return choices_key(self._sender_id)

    def _memory(self, name: str, remembered: str) -> dict[str, Any] | None:
        return self._get(key("MEMORY", name, remembered), "MEMORY")

    def _get(self, pk: str, sk: str) -> dict[str, Any] | None:
        answer = self._dynamodb.get_item(
            TableName=self._table, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
        )
        return answer.get("Item")

    @staticmethod
    def _named(kind: str, items: Any) -> Iterator[PersonalItem]:
        for item in items:
            if item is not None:
                yield PersonalItem(kind, item["pk"]["S"], item["sk"]["S"])


def payloads_of(replies: Any) -> Iterator[str]:
    """The payloads of all buttons in replies, wherever they stand."""
    if isinstance(replies, dict):
        payload = replies.get("payload")
        if isinstance(payload, str):
            yield payload
        replies = list(replies.values())
    if isinstance(replies, list):
        for each in replies:
            yield from payloads_of(each)
