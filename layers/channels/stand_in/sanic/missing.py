"""The errors for what Sanic has and its stand-in has not."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn


def unsupported(feature: str, kind: type[Exception] = NotImplementedError) -> Exception:
    """The error for a feature, such as `Blueprint.listener`; the text names it."""
    if "websocket" in feature.lower():
        return kind(
            f"'{feature}' cannot work behind API Gateway, whose WebSockets are an API of their "
            f"own: the channel 'socketio' serves them (docs/channels/socketio.md)."
        )
    return kind(
        f"'{feature}' is not in the part of Sanic that comes with the channels. Add 'sanic' with a "
        f"version to layers/channels/addons/requirements.txt to use the real one "
        f"(docs/custom-channels.md)."
    )


def missing_from(module: str) -> Callable[[str], NoReturn]:
    """A module's `__getattr__`: whatever it is asked for is missing."""

    def missing(name: str) -> NoReturn:
        if name.startswith("__"):  # the interpreter's own questions
            raise AttributeError(name)
        raise unsupported(f"{module}.{name}", ImportError)

    return missing
