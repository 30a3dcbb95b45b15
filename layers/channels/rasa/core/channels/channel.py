"""Aliases of `rasa.core.channels.channel`."""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.auth.bearer import decode_bearer_token, decode_jwt
from channels.channel import (
    CollectingOutputChannel,
    InputChannel,
    OutputChannel,
    QueueOutputChannel,
    UserMessage,
)
from channels.rest.connector import RestConnector as RestInput

OnNewMessageType = Callable[[UserMessage], Awaitable[Any]]

__all__ = [
    "CollectingOutputChannel",
    "InputChannel",
    "OnNewMessageType",
    "OutputChannel",
    "QueueOutputChannel",
    "RestInput",
    "UserMessage",
    "decode_bearer_token",
    "decode_jwt",
]
