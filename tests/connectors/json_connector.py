"""Synchronous JSON connector.

The caller posts one user turn and gets every bot answer of that turn back in
the body of the same HTTP response.
"""
import hmac
import inspect
import logging
from asyncio import CancelledError
from typing import Any, Awaitable, Callable, Dict, List, Optional, Text

from sanic import Blueprint, response
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse

from rasa.core.channels.channel import (
    CollectingOutputChannel,
    InputChannel,
    UserMessage,
)

logger = logging.getLogger(__name__)

DEFAULT_API_KEY_HEADER = "X-Api-Key"
DEFAULT_MAX_LENGTH = 2000


class JsonConnector(InputChannel):
    """Receives ``{"user_id", "utterance", "context"}`` and answers in place."""

    @classmethod
    def name(cls) -> Text:
        """URL prefix and channel name for response variations."""
        return "json_sync"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> InputChannel:
        """Builds the channel from its section in credentials.yml."""
        if not credentials or not credentials.get("api_key"):
            cls.raise_missing_credentials_exception()

        return cls(
            api_key=credentials["api_key"],
            api_key_header=credentials.get("api_key_header", DEFAULT_API_KEY_HEADER),
            max_length=int(credentials.get("max_length", DEFAULT_MAX_LENGTH)),
        )

    def __init__(
        self,
        api_key: Text,
        api_key_header: Text = DEFAULT_API_KEY_HEADER,
        max_length: int = DEFAULT_MAX_LENGTH,
    ) -> None:
        self.api_key = str(api_key)
        self.api_key_header = api_key_header
        self.max_length = max_length

    def _is_authorized(self, request: Request) -> bool:
        given = request.headers.get(self.api_key_header, "")
        return hmac.compare_digest(given.encode("utf-8"), self.api_key.encode("utf-8"))

    def get_metadata(self, request: Request) -> Optional[Dict[Text, Any]]:
        """Passes the caller's ``context`` object on as message metadata."""
        context = request.json.get("context")
        return context if isinstance(context, dict) else None

    @staticmethod
    def _error(status: int, code: Text, detail: Text) -> HTTPResponse:
        return response.json({"error": code, "detail": detail}, status=status)

    @staticmethod
    def _to_replies(messages: List[Dict[Text, Any]]) -> List[Dict[Text, Any]]:
        """Drops the recipient from each message, it is given once at the top."""
        return [
            {key: value for key, value in message.items() if key != "recipient_id"}
            for message in messages
        ]

    def blueprint(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> Blueprint:
        """Creates the routes below ``/webhooks/json_sync``."""
        json_webhook = Blueprint(
            "json_webhook_{}".format(type(self).__name__),
            inspect.getmodule(self).__name__,
        )

        @json_webhook.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @json_webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if not self._is_authorized(request):
                logger.warning(f"Rejected a call from {request.ip}: wrong API key.")
                return self._error(401, "unauthorized", "Missing or wrong API key.")

            try:
                payload = request.json
            except InvalidUsage:
                return self._error(400, "bad_json", "The body is not valid JSON.")
            if not isinstance(payload, dict):
                return self._error(400, "bad_json", "A JSON object is expected.")

            user_id = payload.get("user_id")
            utterance = payload.get("utterance")
            if not user_id or not isinstance(utterance, str) or not utterance.strip():
                return self._error(
                    422, "missing_field", "'user_id' and 'utterance' are required."
                )
            if len(utterance) > self.max_length:
                return self._error(
                    413, "too_long", f"At most {self.max_length} characters."
                )

            user_id = str(user_id)
            collector = CollectingOutputChannel()
            try:
                await on_new_message(
                    UserMessage(
                        utterance.strip(),
                        collector,
                        user_id,
                        input_channel=self.name(),
                        message_id=payload.get("turn_id"),
                        metadata=self.get_metadata(request),
                    )
                )
            except CancelledError:
                logger.error(f"Handling of a message of '{user_id}' was cancelled.")
                return self._error(504, "timeout", "The assistant took too long.")
            except Exception:
                logger.exception(f"Handling a message of '{user_id}' failed.")
                return self._error(500, "internal", "The assistant failed to answer.")

            return response.json(
                {"user_id": user_id, "replies": self._to_replies(collector.messages)},
                headers={"Cache-Control": "no-store"},
            )

        return json_webhook
