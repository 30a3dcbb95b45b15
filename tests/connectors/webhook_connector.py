"""Asynchronous connector: accepts at once, delivers answers to a callback URL."""
import asyncio
import hashlib
import hmac
import logging
from collections import deque
from functools import partial
from typing import Any, Awaitable, Callable, Deque, Dict, List, Optional, Text

import requests
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.exceptions import InvalidConfigException

logger = logging.getLogger(__name__)


class CallbackOutput(OutputChannel):
    """Posts each bot message as one JSON document to a fixed URL."""

    @classmethod
    def name(cls) -> Text:
        return "async_webhook"

    def __init__(
        self, callback_url: Text, token: Optional[Text] = None, timeout: float = 10.0
    ) -> None:
        super().__init__()
        self.callback_url = callback_url
        self.timeout = timeout
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def _deliver(self, recipient_id: Text, kind: Text, **content: Any) -> None:
        """Sends off the event loop; a failed delivery must not stop the bot."""
        body = {"to": recipient_id, "type": kind, **content}
        call = partial(
            requests.post,
            self.callback_url,
            json=body,
            headers=self.headers,
            timeout=self.timeout,
        )
        try:
            result = await asyncio.get_running_loop().run_in_executor(None, call)
            result.raise_for_status()
        except requests.RequestException as e:
            logger.error(f"Could not deliver a '{kind}' to '{recipient_id}': {e}")

    async def send_text_message(
        self, recipient_id: Text, text: Text, **kwargs: Any
    ) -> None:
        """Sends text, one message per paragraph."""
        for part in text.strip().split("\n\n"):
            await self._deliver(recipient_id, "text", text=part)

    async def send_image_url(
        self, recipient_id: Text, image: Text, **kwargs: Any
    ) -> None:
        """Sends the address of an image."""
        await self._deliver(recipient_id, "image", url=image)

    async def send_text_with_buttons(
        self,
        recipient_id: Text,
        text: Text,
        buttons: List[Dict[Text, Any]],
        **kwargs: Any,
    ) -> None:
        """Sends a text with the choices below it."""
        choices = [
            {"label": b.get("title"), "value": b.get("payload", b.get("title"))}
            for b in buttons
        ]
        await self._deliver(recipient_id, "choices", text=text, choices=choices)

    async def send_custom_json(
        self, recipient_id: Text, json_message: Dict[Text, Any], **kwargs: Any
    ) -> None:
        """Sends the custom payload untouched."""
        await self._deliver(recipient_id, "custom", payload=json_message)


class WebhookConnector(InputChannel):
    """Takes events of a messaging platform and answers through its callback."""

    @classmethod
    def name(cls) -> Text:
        return "async_webhook"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> InputChannel:
        if not credentials:
            cls.raise_missing_credentials_exception()
        url = credentials.get("callback_url") or ""
        if not url.startswith(("http://", "https://")):
            raise InvalidConfigException("'callback_url' must be an http(s) address.")
        return cls(url, credentials.get("callback_token"), credentials.get("secret"))

    def __init__(
        self, callback_url: Text, token: Optional[Text], secret: Optional[Text]
    ) -> None:
        self.callback_url = callback_url
        self.token = token
        self.secret = secret
        self._seen: Deque[Text] = deque(maxlen=500)

    def get_output_channel(self) -> OutputChannel:
        """Also used by Rasa for reminders and triggered intents."""
        return CallbackOutput(self.callback_url, self.token)

    def get_metadata(self, request: Request) -> Dict[Text, Any]:
        """Collects what custom actions may want to know about the message."""
        meta = request.json.get("meta")
        metadata = dict(meta) if isinstance(meta, dict) else {}
        metadata["locale"] = request.headers.get("Accept-Language", "en")
        metadata["request_id"] = str(request.id)
        return metadata

    def _signature_ok(self, request: Request) -> bool:
        if not self.secret:
            return True
        digest = hmac.new(self.secret.encode(), request.body, hashlib.sha256)
        given = request.headers.get("X-Signature", "")
        expected = f"sha256={digest.hexdigest()}"
        return hmac.compare_digest(expected.encode(), given.encode())

    def blueprint(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> Blueprint:
        hook = Blueprint("async_webhook")

        async def process(message: UserMessage) -> None:
            try:
                await on_new_message(message)
            except Exception:
                logger.exception(f"Message '{message.message_id}' failed.")

        @hook.get("/")
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @hook.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            if not self._signature_ok(request):
                return response.json({"error": "bad signature"}, status=403)

            event = request.json or {}  # Sanic itself answers 400 on broken JSON
            if not isinstance(event, dict):
                return response.json({"error": "object expected"}, status=400)
            if event.get("event", "message") not in ("message", "choice"):
                return response.json({"status": "ignored"})

            sender_id = event.get("from")
            text = event.get("value") or event.get("body")
            if not sender_id or not text:
                return response.json({"error": "'from' and 'body' needed"}, status=400)

            event_id = event.get("event_id")
            if event_id and event_id in self._seen:
                return response.json({"status": "duplicate"})
            if event_id:
                self._seen.append(event_id)

            message = UserMessage(
                text,
                self.get_output_channel(),
                sender_id,
                input_channel=self.name(),
                message_id=event_id,
                metadata=self.get_metadata(request),
            )
            request.app.add_task(process(message))
            return response.json(
                {"status": "accepted", "id": message.message_id}, status=202
            )

        return hook
