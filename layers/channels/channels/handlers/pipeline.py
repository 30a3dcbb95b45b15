"""Serve the requests of channels, in whichever function they arrive."""

from __future__ import annotations

import logging

from channels.channel import InputChannel
from channels.errors import AgentError, InboxUnavailable, PayloadTooLarge
from channels.http.paths import split_path
from channels.http.request import Request
from channels.http.response import Response
from channels.telemetry.ignored import found
from channels.telemetry.logs import add_fields
from channels.telemetry.metrics import REFUSED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.channel import UserMessage
    from channels.http.routes import Routes
    from channels.turns.event_loop import EventLoop
    from channels.wiring.services import Services

logger = logging.getLogger(__name__)

#: The part of a Lambda's time reserved for the response after a turn timed out (seconds).
_ANSWER_MARGIN = 2.0


class Pipeline:
    """Serves requests to the channels of one function, one at a time."""

    def __init__(self, services: Services) -> None:
        """Take the services; the event loop starts with the first request that needs it."""
        self._services = services
        self._loop: EventLoop | None = None
        self._routes: dict[str, tuple[InputChannel, Routes]] = {}

    def respond(
        self, name: str, channel: InputChannel, request: Request, route: str, context: Any
    ) -> Response:
        """Return the response of channel `name` to a request to `route` below its prefix."""
        queued = (
            route == "webhook"
            and self._services.inbox is not None
            and not channel.answers_in_request
            and type(channel).blueprint is InputChannel.blueprint
        )
        if queued and request.method in channel.methods:
            return self._acknowledge(name, channel, request)
        return self._call(name, channel, request, route, context)

    def count_refusal(self, name: str, answer: dict[str, Any]) -> None:
        """Count a request to channel `name` that was refused for lack of proof (401, 403)."""
        if answer["statusCode"] in REFUSED:
            self._services.metrics.write(name, Refused=1)

    def captured(
        self, event: Any, answer: dict[str, Any], channel: Callable[[str], InputChannel]
    ) -> dict[str, Any]:
        """Return the response to an event; store both if `CaptureEvents` is on.

        `channel(name)` returns the connector that can tell whose messages the event contains.
        """
        captures = self._services.captures
        if captures is not None:
            captures.keep(
                event,
                answer["statusCode"],
                lambda: _senders(event, self._services.public_base_url, channel),
            )
        return answer

    def _acknowledge(self, name: str, channel: InputChannel, request: Request) -> Response:
        """Acknowledge a request: no agent, no event loop, one AWS call, then the platform's 2xx."""
        shaken = channel.handshake(request)
        if shaken is not None:
            return shaken
        channel.verify(request)
        messages = found(name, channel.parse(request))
        if messages:
            try:
                self._put(name, messages)
            except InboxUnavailable as error:
                apology = channel.unavailable_response(request)
                if apology is None:
                    raise
                logger.error("channel %s: not queued, and the user was told: %s", name, error)
                return apology
        return channel.acknowledgement(request)

    def _put(self, name: str, messages: list[UserMessage]) -> None:
        if self._services.inbox is not None:
            self._services.inbox.put(name, messages)
            self._services.metrics.write(name, Received=len(messages))
            for message in messages:
                add_fields(message_id=message.message_id, sender_id=message.sender_id)
                logger.info("channel %s: queued %s", name, message.message_id)

    def _call(
        self, name: str, channel: InputChannel, request: Request, route: str, context: Any
    ) -> Response:
        from channels.http.routes import call
        from channels.turns.event_loop import EventLoop

        if self._loop is None:
            self._loop = EventLoop()
        routes = self._routes_of(name, channel)
        try:
            return call(self._loop, routes, request, route, self._agent_timeout(context))
        except (InboxUnavailable, AgentError):
            # A connector that remembers what it has seen would take the platform's retry for a
            # duplicate, so it is made anew, as if in another instance of this function.
            self._services.channels.forget(name)
            raise

    def _routes_of(self, name: str, channel: InputChannel) -> Routes:
        from channels.http.routes import routes_of
        from channels.turns.dispatch import on_new_message

        known = self._routes.get(name)
        if known is None or known[0] is not channel:
            turn = on_new_message(
                channel, self._services, lambda message: self._put(name, [message])
            )
            known = self._routes[name] = (channel, routes_of(channel.blueprint(turn), name))
        return known[1]

    def _agent_timeout(self, context: Any) -> float:
        limit = self._services.agent_timeout
        remaining = getattr(context, "get_remaining_time_in_millis", None)
        return limit if remaining is None else min(limit, remaining() / 1000 - _ANSWER_MARGIN)


def _senders(event: Any, public_base_url: str, channel: Callable[[str], InputChannel]) -> list[str]:
    """Return the senders of an event's messages, each once."""
    request = Request.from_event(event, public_base_url)
    messages = channel(split_path(request.path)[0]).parse(request)
    return list(dict.fromkeys(message.sender_id for message in messages))


def check_size(request: Request, max_body_size: int) -> None:
    """Raise PayloadTooLarge if the body has more than `max_body_size` bytes."""
    if len(request.body) > max_body_size:
        raise PayloadTooLarge(f"the body is larger than {max_body_size} bytes")
