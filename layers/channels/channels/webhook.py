"""Makes a Lambda handler of a channel: `handler = webhook("rest")`."""

from __future__ import annotations

import logging

from channels.answered import answered
from channels.channel import InputChannel
from channels.errors import (
    AgentError,
    AgentTimeout,
    ChannelError,
    InboxUnavailable,
    PayloadTooLarge,
)
from channels.registry import channel_class
from channels.response import Response
from channels.services import services_of
from channels.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.blueprint import RouteHandler
    from channels.channel import UserMessage
    from channels.event_loop import EventLoop
    from channels.request import Request
    from channels.services import Services

logger = logging.getLogger(__name__)

#: Left of a Lambda's time for writing the answer of a turn that ran into its limit (seconds).
_ANSWER_MARGIN = 2.0


def webhook(channel: str | InputChannel, services: Services | None = None) -> Webhook:
    """The Lambda handler of a channel.

    `channel` is a built-in name, a module path as in credentials.yml, or an instance made in
    Python; `services` are those of the Lambda's environment unless given.
    """
    if services is None:
        services = services_of(Settings.from_environment())
    return Webhook(channel, services)


class Webhook:
    """Serves one channel below `/webhooks/<channel>`; called as a Lambda handler."""

    def __init__(self, channel: str | InputChannel, services: Services) -> None:
        """Load the channel's class now, in the Lambda's start; its credentials with a request."""
        self._services = services
        self._name = channel if isinstance(channel, str) else channel.name()
        self._class = channel_class(channel) if isinstance(channel, str) else type(channel)
        self._given = None if isinstance(channel, str) else channel
        self._loop: EventLoop | None = None

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Answer an API Gateway event."""
        return answered(
            f"channel {self._name}",
            event,
            lambda request: self._respond(request, context),
            self._services.public_base_url,
        )

    def _respond(self, request: Request, context: Any) -> Response:
        route = _route(request.path)
        if route == "" and request.method == "GET":
            return Response.json({"status": "ok"})
        if len(request.body) > self._class.max_body_size:
            raise PayloadTooLarge(f"the body is larger than {self._class.max_body_size} bytes")
        channel = self._given or self._services.channels(self._name)
        if route == "webhook" and self._is_queued(channel) and request.method in channel.methods:
            return self._acknowledge(channel, request)
        timeout = self._agent_timeout(context)
        turn = self._enqueue if self._waits_for_worker(channel) else self._turn(timeout)
        handlers = channel.blueprint(turn).handlers(route)
        handler = handlers.get(request.method)
        if handler is not None:
            return self._run(handler, request, timeout)
        if not handlers:
            return Response.error(404, f"no route '{request.path}'")
        allow = {"allow": ", ".join(sorted(handlers))}
        return Response.error(405, f"method {request.method} is not allowed", headers=allow)

    def _is_queued(self, channel: InputChannel) -> bool:
        return not (
            self._services.inbox is None
            or channel.answers_in_request
            or self._class.blueprint is not InputChannel.blueprint
        )

    def _waits_for_worker(self, channel: InputChannel) -> bool:
        return (
            channel.waits_for_worker
            and self._services.inbox is not None
            and channel.memory is not None
        )

    def _acknowledge(self, channel: InputChannel, request: Request) -> Response:
        """The ack path: no agent, no event loop, one AWS call, then the platform's 2xx."""
        shaken = channel.handshake(request)
        if shaken is not None:
            return shaken
        channel.verify(request)
        messages = channel.parse(request)
        if messages:
            try:
                self._put(messages)
            except InboxUnavailable as error:
                apology = channel.not_taken(request)
                if apology is None:
                    raise
                logger.error("channel %s: not taken, and said so: %s", self._name, error)
                return apology
        return channel.acknowledgement(request)

    def _put(self, messages: list[UserMessage]) -> None:
        if self._services.inbox is not None:
            self._services.inbox.put(self._name, messages)
            ids = ", ".join(message.message_id for message in messages)
            logger.info("channel %s: queued %s", self._name, ids)

    async def _enqueue(self, message: UserMessage) -> None:
        self._put([message])

    def _agent_timeout(self, context: Any) -> float:
        limit = self._services.agent_timeout
        remaining = getattr(context, "get_remaining_time_in_millis", None)
        return limit if remaining is None else min(limit, remaining() / 1000 - _ANSWER_MARGIN)

    def _turn(self, timeout: float) -> Any:
        async def on_new_message(message: UserMessage) -> None:
            import asyncio

            try:
                async with asyncio.timeout(timeout):
                    await self._services.agent.handle_message(message)
            except TimeoutError as error:
                raise AgentTimeout(f"the agent gave no answer in {timeout:.0f} seconds") from error
            except ChannelError:
                raise
            except Exception as error:
                logger.exception("message %s: the agent failed", message.message_id)
                raise AgentError("the agent failed") from error

        return on_new_message

    def _run(self, handler: RouteHandler, request: Request, timeout: float) -> Response:
        from channels.event_loop import EventLoop

        if self._loop is None:
            self._loop = EventLoop()

        async def respond() -> Response:
            response = handler(request)
            return response if isinstance(response, Response) else await response

        return self._loop.run(respond(), timeout + _ANSWER_MARGIN / 2)


def _route(path: str) -> str:
    """What follows `/webhooks/<channel>/` in a path, whatever stage or mapping stands before."""
    _, found, below = path.partition("/webhooks/")
    return (below.partition("/")[2] if found else path).strip("/")
