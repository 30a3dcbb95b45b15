"""Makes a Lambda handler of a channel: `handler = webhook("rest")`."""

from __future__ import annotations

import logging

from channels.channel import InputChannel
from channels.errors import AgentError, AgentTimeout, ChannelError, PayloadTooLarge
from channels.registry import channel_class
from channels.request import Request
from channels.response import Response
from channels.services import services_of
from channels.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.blueprint import RouteHandler
    from channels.channel import UserMessage
    from channels.event_loop import EventLoop
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
        self._name = channel if isinstance(channel, str) else ""
        self._class = channel_class(channel) if isinstance(channel, str) else type(channel)
        self._credentials: dict[str, Any] | None = None
        self._given = None if isinstance(channel, str) else channel
        self._made: InputChannel | None = None
        self._loop: EventLoop | None = None

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Answer an API Gateway event; errors become statuses, never a stack trace."""
        try:
            response = self._respond(Request.from_event(event), context)
        except ChannelError as error:
            response = self._refusal(error)
        except Exception:
            logger.exception("channel %s: request failed", self._class.__name__)
            response = Response.error(500, "internal error")
        return response.to_event()

    def _refusal(self, error: ChannelError) -> Response:
        logger.warning(
            "channel %s: refused with %d: %s: %s",
            self._class.__name__,
            error.status,
            type(error).__name__,
            error,
        )
        if error.status == 401:
            challenge = {"www-authenticate": "Bearer"}
            return Response.error(401, "request refused", headers=challenge)
        if error.status == 403:
            return Response.error(403, "request refused")
        if error.status == 500:
            return Response.error(500, "the channel is not set up: see its log")
        return Response.error(error.status, str(error))

    def _respond(self, request: Request, context: Any) -> Response:
        route = _route(request.path)
        if route == "" and request.method == "GET":
            return Response.json({"status": "ok"})
        if len(request.body) > self._class.max_body_size:
            raise PayloadTooLarge(f"the body is larger than {self._class.max_body_size} bytes")
        timeout = self._agent_timeout(context)
        handlers = self._channel().blueprint(self._turn(timeout)).handlers(route)
        handler = handlers.get(request.method)
        if handler is not None:
            return self._run(handler, request, timeout)
        if not handlers:
            return Response.error(404, f"no route '{request.path}'")
        allow = {"allow": ", ".join(sorted(handlers))}
        return Response.error(405, f"method {request.method} is not allowed", headers=allow)

    def _channel(self) -> InputChannel:
        if self._given is not None:
            return self._given
        credentials = self._services.credentials(self._name)
        if self._made is None or credentials is not self._credentials:
            self._made = self._class.from_credentials(credentials)
            self._credentials = credentials
        return self._made

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
