"""Aliases of `rasa.core.channels`."""

from channels.channel import (
    CollectingOutputChannel,
    InputChannel,
    OutputChannel,
    QueueOutputChannel,
    UserMessage,
)
from channels.rest.connector import RestConnector as RestInput

__all__ = [
    "CollectingOutputChannel",
    "InputChannel",
    "OutputChannel",
    "QueueOutputChannel",
    "RestInput",
    "UserMessage",
]
