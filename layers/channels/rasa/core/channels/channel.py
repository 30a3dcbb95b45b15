"""Aliases of `rasa.core.channels.channel`."""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.channel import (
    CollectingOutputChannel,
    InputChannel,
    OutputChannel,
    QueueOutputChannel,
    UserMessage,
)
from channels.rest_connector import RestConnector as RestInput
from channels.tokens import decode_bearer_token, decode_jwt

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
