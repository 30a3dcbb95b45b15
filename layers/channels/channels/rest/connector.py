"""`RestInput` for connectors that derive from Rasa's: calls what they override.

Rasa's documentation recommends its REST channel as the template for custom ones. Connectors
override `_extract_sender`, `_extract_message`, `_extract_input_channel` and `get_metadata`, and add
routes or middleware to `super().blueprint(...)`. Source: `rasa.core.channels.rest`, Rasa 3.6.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from channels.auth.bearer import BearerAuthentication
from channels.channel import UserMessage
from channels.errors import PayloadError
from channels.http.json_object import json_object
from channels.rest import RestInput
from channels.rest.json_message import json_message, json_metadata

if TYPE_CHECKING:
    from typing import Any

    from channels.channel import OnNewMessage
    from channels.http.request import Request


class RestConnector(RestInput):
    """The REST channel with Rasa's hooks, and our credentials (`token`, `jwt_key`).

    A class with its own `__init__` is made without arguments, as in Rasa, unless it overrides
    `from_credentials`.
    """

    _callers = BearerAuthentication("rest")  # for an __init__ that does not call ours

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> RestInput:
        """Make the channel from its settings."""
        if cls.__init__ is not RestInput.__init__:
            return cls()
        return super().from_credentials(credentials)

    async def _extract_sender(self, req: Request) -> object:
        return json_message(req, self.name(), None).sender_id

    def _extract_message(self, req: Request) -> str | None:
        return json_message(req, self.name(), None).text

    def _extract_input_channel(self, req: Request) -> str | None:
        channel = json_object(req).get("input_channel")
        return channel if isinstance(channel, str) and channel else self.name()

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """The body's `metadata`; None if it has none."""
        return json_metadata(request)

    def blueprint(self, on_new_message: OnNewMessage) -> Any:
        """The channel's routes as a Sanic blueprint: `/` (health) and `/webhook`."""
        sanic = import_module("sanic")
        routes = sanic.Blueprint(f"custom_webhook_{type(self).__name__}")

        async def health(request: Any) -> Any:
            return sanic.response.json({"status": "ok"})

        async def receive(request: Any) -> Any:
            self.verify(request)
            answer = await self.answer(request, [await self._message(request)], on_new_message)
            kind = answer.headers["content-type"]
            return sanic.response.raw(answer.body, answer.status, content_type=kind)

        routes.add_route(health, "/", methods=["GET"])
        routes.add_route(receive, "/webhook", methods=["POST"])
        return routes

    async def _message(self, request: Any) -> UserMessage:
        text: object = self._extract_message(request)
        if not isinstance(text, str | None):
            raise PayloadError("the message's text must be a string")
        return UserMessage(
            text,
            None,
            await self._extract_sender(request),
            input_channel=self._extract_input_channel(request),
            metadata=self.get_metadata(request),
        )
