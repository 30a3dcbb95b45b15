"""The conversations API: proactive messages of the bot, through the same ordered path.

    POST /conversations/<sender>/messages?output_channel=slack          a bot message, or several
    POST /conversations/<sender>/trigger_intent?output_channel=latest   an intent, for the agent

Both require `Authorization: Bearer <token>`, the `token` of the section `conversations_api` in
credentials.yml, and respond with 202 and the message's id as soon as the message is queued.
`latest`, the default, is the channel on which the sender wrote last. A request repeated with the
same `Idempotency-Key` header counts as the same message.

`trigger_intent` takes Rasa's body, `{"name": "...", "entities": {...}}`, and passes the agent the
text `/name{"entity": ...}`, which Rasa reads as that intent and any other agent can read too.
"""

from __future__ import annotations

import json
import logging
import re
import time
from typing import TYPE_CHECKING

import boto3

from channels.auth.bearer import BearerAuthentication
from channels.aws.parameter_store import ParameterStore
from channels.aws.queues.inbox import Inbox
from channels.aws.state.conversation_records import ConversationRecords
from channels.channel import UserMessage
from channels.errors import (
    ChannelError,
    PayloadError,
    PayloadTooLarge,
)
from channels.http.error_responses import respond_to_event
from channels.http.response import Response
from channels.section import Section
from channels.telemetry.logs import add_fields, begin_request, start_logging
from channels.telemetry.metrics import REFUSED, SILENT, Metrics
from channels.turns.inbox_message import InboxMessage

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from channels.http.request import Request
    from channels.turns.journal import ConversationRecord
    from channels.wiring.settings import Settings

    class SafePlace(Protocol):
        """Where messages are stored safely: `Inbox`."""

        def send(self, queued: list[InboxMessage]) -> None:
            """Queue all messages, or raise InboxUnavailable."""
            ...


logger = logging.getLogger(__name__)

NAME = "conversations_api"

SECTION = Section(NAME, "docs/conversations-api.md", keys=("token",))

#: Larger bodies are refused (bytes): a bot message is at most a page of text.
MAX_BODY_SIZE = 262_144

_INTENT = re.compile(r"[^\s/{}]{1,200}")


class ConversationNotFound(ChannelError):
    """The sender has not written on the requested channel."""

    status = 404


def conversations_api(settings: Settings) -> ConversationsApi:
    """Return the Lambda handler for a Lambda's settings."""
    start_logging(settings.log_level, settings.trace)
    return ConversationsApi(
        ParameterStore.from_settings(settings),
        ConversationRecords(settings.state_table, boto3.client("dynamodb")),
        Inbox.from_settings(settings),
        metrics=Metrics(settings.stack_name),
    )


class ConversationsApi:
    """The Lambda handler of the conversations API."""

    def __init__(
        self,
        credentials: Callable[[str], dict[str, Any]],
        records: Callable[[str], list[ConversationRecord]],
        inbox: SafePlace,
        now: Callable[[], float] = time.time,
        metrics: Metrics = SILENT,
    ) -> None:
        """Take the handler's dependencies.

        `records(sender_id)` returns all conversations of a sender.
        """
        self._credentials = credentials
        self._records = records
        self._inbox = inbox
        self._now = now
        self._metrics = metrics

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Respond to an API Gateway event."""
        begin_request(event, context, NAME)
        answer = respond_to_event(NAME, event, self._respond)
        if answer["statusCode"] in REFUSED:
            self._metrics.write(NAME, Refused=1)
        return answer

    def _respond(self, request: Request) -> Response:
        if len(request.body) > MAX_BODY_SIZE:
            raise PayloadTooLarge(f"the body is larger than {MAX_BODY_SIZE} bytes")
        self._verify(request)
        action = request.path.rstrip("/").rpartition("/")[2]
        sender_id = request.path_parameters.get("sender_id", "")
        if action not in ("messages", "trigger_intent") or not sender_id:
            return Response.error(404, f"no route '{request.path}'")
        text, replies = (
            (None, _bot_messages(request.json))
            if action == "messages"
            else (
                _intent(request.json),
                None,
            )
        )
        record = self._record(sender_id, request.args.get("output_channel", "latest"))
        message = UserMessage(
            text,
            sender_id=sender_id,
            input_channel=record.channel,
            message_id=request.headers.get("idempotency-key"),
            metadata=None if text is None else {"is_external": True},
            reply_to=record.reply_to,
        )
        add_fields(message_id=message.message_id, sender_id=sender_id)
        self._inbox.send([InboxMessage(record.channel, message, self._now(), replies)])
        self._metrics.write(NAME, Received=1)
        logger.info("%s: queued %s for %s", NAME, message.message_id, record.channel)
        return Response.json({"message_id": message.message_id}, 202)

    def _verify(self, request: Request) -> None:
        _callers(self._credentials(NAME)).verify(request)

    def _record(self, sender_id: str, output_channel: str) -> ConversationRecord:
        records = [
            record
            for record in self._records(sender_id)
            if output_channel in ("latest", record.channel)
        ]
        if not records:
            raise ConversationNotFound(
                f"this sender has no conversation on '{output_channel}' yet"
                if output_channel != "latest"
                else "this sender has no conversation yet"
            )
        return max(records, key=lambda record: record.last_seen)


def check_credentials(credentials: dict[str, Any]) -> None:
    """Raise CredentialsError for a section `conversations_api` without a token that can serve."""
    _callers(credentials)


def _callers(credentials: dict[str, Any]) -> BearerAuthentication:
    token = credentials.get("token")
    if token is None:
        raise SECTION.wrong("token", "is needed: without one the API refuses everybody")
    return BearerAuthentication(NAME, token, page=SECTION.page)


def _bot_messages(body: Any) -> list[dict[str, Any]]:
    messages = body if isinstance(body, list) else [body]
    if not messages or not all(isinstance(message, dict) and message for message in messages):
        raise PayloadError('the body must be a bot message such as {"text": "..."}, or a list')
    return messages


def _intent(body: Any) -> str:
    name = body.get("name") if isinstance(body, dict) else None
    if not isinstance(name, str) or not _INTENT.fullmatch(name):
        raise PayloadError("'name' must be the name of an intent")
    entities = body.get("entities")
    if not isinstance(entities, dict | None):
        raise PayloadError("'entities' must be an object")
    return f"/{name}{json.dumps(entities) if entities else ''}"
