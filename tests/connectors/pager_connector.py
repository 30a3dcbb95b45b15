"""A connector in Rasa's style: replies are posted to a URL (test data)."""

import asyncio
import inspect
import json
import urllib.request
from typing import Any, Awaitable, Callable, Dict, Optional, Text

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse


class PagerOutput(OutputChannel):
    """Posts every message to the pager's gateway."""

    @classmethod
    def name(cls) -> Text:
        return "pager"

    def __init__(self, webhook_url: Text, key: Text) -> None:
        super().__init__()
        self.webhook_url = webhook_url
        self.key = key

    async def send_text_message(self, recipient_id: Text, text: Text, **kwargs: Any) -> None:
        await self._post({"to": recipient_id, "text": text})

    async def send_image_url(self, recipient_id: Text, image: Text, **kwargs: Any) -> None:
        await self._post({"to": recipient_id, "picture": image})

    async def _post(self, document: Dict[Text, Any]) -> None:
        request = urllib.request.Request(
            self.webhook_url,
            json.dumps(document).encode(),
            {"Content-Type": "application/json", "X-Key": self.key},
        )
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(None, urllib.request.urlopen, request)
        answer.close()


class PagerInput(InputChannel):
    """The gateway of a fleet of pagers."""

    def name(self) -> Text:
        return "pager"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> InputChannel:
        if not credentials:
            cls.raise_missing_credentials_exception()
        return cls(credentials.get("webhook_url"), credentials.get("key"))

    def __init__(self, webhook_url: Text, key: Text) -> None:
        self.webhook_url = webhook_url
        self.key = key

    def get_output_channel(self) -> OutputChannel:
        return PagerOutput(self.webhook_url, self.key)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        pager_webhook = Blueprint("pager_webhook", inspect.getmodule(self).__name__)

        @pager_webhook.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @pager_webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            event = request.json
            await on_new_message(
                UserMessage(
                    event["text"],
                    self.get_output_channel(),
                    event["pager"],
                    input_channel=self.name(),
                    message_id=event.get("id"),
                )
            )
            return response.text("", status=202)

        @pager_webhook.route("/elsewhere", methods=["POST"])
        async def receive_for_another(request: Request) -> HTTPResponse:
            event = request.json
            output = PagerOutput(event["answer_to"], self.key)
            message = UserMessage(event["text"], output, event["pager"], input_channel=self.name())
            asyncio.create_task(on_new_message(message))
            return response.text("", status=202)

        return pager_webhook
