"""Errors for the parts of Sanic that the stand-in lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn


def unsupported(feature: str, kind: type[Exception] = NotImplementedError) -> Exception:
    """The error for a missing feature, such as `Blueprint.listener`; the text names it."""
    if "websocket" in feature.lower():
        return kind(
            f"'{feature}' cannot work behind API Gateway, whose WebSockets are a separate API: use "
            f"the channel 'socketio' instead (docs/channels/socketio.md)."
        )
    return kind(
        f"'{feature}' is not in the part of Sanic that comes with the channels. Add 'sanic' with a "
        f"version to layers/channels/addons/requirements.txt to use the real one "
        f"(docs/custom-channels.md)."
    )


def missing_from(module: str) -> Callable[[str], NoReturn]:
    """A module's `__getattr__`, for names that the module does not define."""

    def missing(name: str) -> NoReturn:
        if name.startswith("__"):  # looked up by the interpreter itself
            raise AttributeError(name)
        raise unsupported(f"{module}.{name}", ImportError)

    return missing
