"""The handlers of functions/socketio, each made when it is first called."""

from __future__ import annotations

from channels.telemetry.logs import add_fields, begin_request, start_logging
from channels.wiring.registry import create_channel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.socketio.input import SocketIOInput
    from channels.wiring.settings import Settings

    Handler = Callable[[dict[str, Any], Any], Any]


def socket_handlers(settings: Settings) -> dict[str, Handler]:
    """Return Lambda handlers by name: connect, default, disconnect, opener, keepalive, polling.

    They share one module but are six functions, each with only the permissions it needs.
    """
    start_logging(settings.log_level, settings.trace)
    channel = _channel_of(settings)
    return {
        "connect": _Lazy(lambda: _connect(settings, channel)),
        "default": _Lazy(lambda: _default(settings, channel)),
        "disconnect": _Lazy(lambda: _disconnect(settings)),
        "opener": _Lazy(lambda: _opener(settings, channel)),
        "keepalive": _Lazy(lambda: _keepalive(settings, channel)),
        "polling": _Lazy(lambda: _polling(settings, channel)),
    }


class _Lazy:
    """A handler that is made when the first event arrives."""

    def __init__(self, make: Callable[[], Handler]) -> None:
        self._make = make
        self._handler: Handler | None = None

    def __call__(self, event: dict[str, Any], context: Any) -> Any:
        if self._handler is None:
            self._handler = self._make()
        begin_request(event, context, "socketio")
        about = event.get("requestContext") or {}
        add_fields(connection_id=about.get("connectionId") or event.get("connection") or "")
        return self._handler(event, context)


def _channel_of(settings: Settings) -> Callable[[], SocketIOInput]:
    """Return a function that makes the channel from the current credentials."""
    from channels.aws.parameter_store import ParameterStore

    store = ParameterStore.from_settings(settings)
    made: list[tuple[dict[str, Any], SocketIOInput]] = []

    def channel() -> SocketIOInput:
        credentials = store("socketio")
        if not made or made[0][0] is not credentials:
            created: Any = create_channel("socketio", credentials)
            made[:] = [(credentials, created)]
        return made[0][1]

    return channel


def _connect(settings: Settings, channel: Callable[[], SocketIOInput]) -> Handler:
    from channels.aws.client.async_invoke import AsyncInvoke
    from channels.aws.sockets.registry import SessionRegistry
    from channels.handlers.sockets.connect import ConnectHandler

    opener = AsyncInvoke.from_settings(settings.socket_opener, settings)
    return ConnectHandler(channel, SessionRegistry.from_settings(settings), opener)


def _default(settings: Settings, channel: Callable[[], SocketIOInput]) -> Handler:
    from channels.aws.queues.inbox import Inbox
    from channels.aws.sockets.registry import SessionRegistry
    from channels.handlers.sockets.frames import MessageHandler

    return MessageHandler(
        channel, SessionRegistry.from_settings(settings), Inbox.from_settings(settings)
    )


def _disconnect(settings: Settings) -> Handler:
    from channels.aws.sockets.registry import SessionRegistry
    from channels.handlers.sockets.frames import DisconnectHandler

    return DisconnectHandler(SessionRegistry.from_settings(settings))


def _opener(settings: Settings, channel: Callable[[], SocketIOInput]) -> Handler:
    from channels.aws.queues.delayed_checks import DelayedChecks
    from channels.aws.sockets.registry import SessionRegistry
    from channels.handlers.sockets.timers import Opener

    checks = DelayedChecks.from_settings(settings)
    return Opener(channel, SessionRegistry.from_settings(settings), checks)


def _keepalive(settings: Settings, channel: Callable[[], SocketIOInput]) -> Handler:
    from channels.aws.queues.delayed_checks import DelayedChecks
    from channels.aws.sockets.registry import SessionRegistry
    from channels.handlers.sockets.timers import Keepalive

    checks = DelayedChecks.from_settings(settings)
    return Keepalive(channel, SessionRegistry.from_settings(settings), checks)


def _polling(settings: Settings, channel: Callable[[], SocketIOInput]) -> Handler:
    from channels.aws.queues.delayed_checks import DelayedChecks
    from channels.aws.queues.inbox import Inbox
    from channels.aws.sockets.registry import SessionRegistry
    from channels.handlers.sockets.frames import MessageHandler
    from channels.handlers.sockets.long_polling import PollingHandler

    rooms = SessionRegistry.from_settings(settings)
    frames = MessageHandler(channel, rooms, Inbox.from_settings(settings))
    return PollingHandler(channel, rooms, frames, DelayedChecks.from_settings(settings))
