"""Aliases of `rasa.core.channels`."""

from channels.channel import (
    CollectingOutputChannel,
    InputChannel,
    OutputChannel,
    QueueOutputChannel,
    UserMessage,
)

__all__ = [
    "CollectingOutputChannel",
    "InputChannel",
    "OutputChannel",
    "QueueOutputChannel",
    "UserMessage",
]
