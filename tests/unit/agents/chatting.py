"""Turns with agents over chat models: what they remember and what reaches the channel."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from channels.agents.agent import Agent
from channels.channel import OutputChannel, UserMessage
from channels.errors import AgentError


class Table:
    """A memory without a table; fails when told to."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.seconds: list[float] = []
        self.error: Exception | None = None

    def put(self, key: str, value: str, seconds: float) -> None:
        if self.error:
            raise self.error
        self.kept[key] = value
        self.seconds.append(seconds)

    def get(self, key: str) -> str | None:
        if self.error:
            raise self.error
        return self.kept.get(key)

    def claim(self, key: str, value: str, seconds: float) -> str:
        return self.kept.setdefault(key, value)


class Shown(OutputChannel):
    """Everything that reaches the channel, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Any] = []

    async def send_response_chunk_start(self, recipient_id: str, **kwargs: Any) -> None:
        self.calls.append("start")

    async def send_response_chunk(self, recipient_id: str, chunk: str, **kwargs: Any) -> None:
        self.calls.append(chunk)

    async def send_response_chunk_end(self, recipient_id: str, **kwargs: Any) -> None:
        self.calls.append("end")

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        self.calls.append({"to": recipient_id, **message})


def turn(agent: Agent, text: str | None = "hi", **parts: Any) -> list[Any]:
    """Run one turn; what reached the channel."""
    output = Shown()
    given = {"sender_id": "U1", "input_channel": "slack", **parts}
    asyncio.run(agent.handle_message(UserMessage(text, output, **given)))
    return output.calls


def failing_turn(agent: Agent, text: str = "hi") -> tuple[AgentError, list[Any]]:
    """Run one turn that fails; the error, and what had reached the channel."""
    output = Shown()
    with pytest.raises(AgentError) as raised:
        asyncio.run(agent.handle_message(UserMessage(text, output, "U1")))
    return raised.value, output.calls
