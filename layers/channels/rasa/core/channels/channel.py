"""Aliases of `rasa.core.channels.channel`."""

from channels.channel import (
    CollectingOutputChannel,
    InputChannel,
    OutputChannel,
    QueueOutputChannel,
    UserMessage,
)
from channels.rest import RestInput
from channels.tokens import decode_bearer_token, decode_jwt

__all__ = [
    "CollectingOutputChannel",
    "InputChannel",
    "OutputChannel",
    "QueueOutputChannel",
    "RestInput",
    "UserMessage",
    "decode_bearer_token",
    "decode_jwt",
]
