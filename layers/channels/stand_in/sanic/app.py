"""`request.app`, and the name `Sanic`, which connectors import for annotations."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, NoReturn

from sanic.missing import unsupported

__all__ = ["ChannelApp", "Sanic"]


class Sanic:
    """Sanic's application, which is missing: a channel provides a blueprint, not a server."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Raise NotImplementedError."""
        raise unsupported("Sanic(...)")

    def __getattr__(self, name: str) -> NoReturn:
        """Raise an error that names the missing feature."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name == "agent":
            raise _of_rasa("request.app.agent")
        raise unsupported(f"Sanic.{name}", AttributeError)


class ChannelApp(Sanic):
    """`request.app` of one channel: tasks, and a place for the channel's own objects."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ctx = _Context()
        self.config = _Config()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The running event loop."""
        return asyncio.get_running_loop()

    def add_task(
        self,
        task: Awaitable[Any] | Callable[..., Any],
        *,
        name: str | None = None,
        register: bool = True,
    ) -> asyncio.Task[Any]:
        """Start a coroutine, or one that a function returns for the app; the response awaits it."""
        made: Any = task
        if callable(task):
            try:
                made = task(self)
            except TypeError:
                made = task()
        return asyncio.get_running_loop().create_task(made, name=name)


class _Context(SimpleNamespace):
    def __getattr__(self, name: str) -> NoReturn:
        if name in ("agent", "input_channels"):
            raise _of_rasa(f"request.app.ctx.{name}")
        raise AttributeError(name)


class _Config(dict[str, Any]):
    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"Config has no '{name}'") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


def _of_rasa(name: str) -> AttributeError:
    return AttributeError(
        f"'{name}' belongs to Rasa's own server, which is not here: a channel reaches the agent "
        f"by on_new_message (docs/custom-channels.md)"
    )
