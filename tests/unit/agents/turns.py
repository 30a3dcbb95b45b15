"""Turns with the Rasa agent: what tests say, and where what the bot says ends up."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from channels.agents.rasa import RasaAgent
from channels.channel import OutputChannel, UserMessage
from channels.errors import AgentError
from tests.servers.rasa_server import RasaServer

ITEMS: list[dict[str, Any]] = [
    {"text": "How are you? / \N{GRINNING FACE}"},
    {"text": "Pick", "buttons": [{"title": "great", "payload": '/mood{"a": "b/c"}'}]},
    {"image": "https://example.com/a.png"},
    {"attachment": {"type": "file", "url": "https://example.com/b.pdf"}},
    {"custom": {"deep": [{"er": None}, 1.5, True]}},
]


Serve = Callable[..., RasaServer]
AgentOf = Callable[..., RasaAgent]


class Recorder(OutputChannel):
    """Keeps what the agent sends; `on_send` is called with each message."""

    def __init__(self, on_send: Callable[[dict[str, Any]], None] | None = None) -> None:
        super().__init__()
        self.sent: list[dict[str, Any]] = []
        self.recipients: set[str] = set()
        self._on_send = on_send

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        self.sent.append(message)
        self.recipients.add(recipient_id)
        if self._on_send is not None:
            self._on_send(message)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def almost_over(clock: Clock) -> Callable[[dict[str, Any]], None]:
    """An `on_send` that leaves a tenth of a second of the limit that `agent_of` sets."""

    def move(message: dict[str, Any]) -> None:
        clock.now += 19.9

    return move


def ask(
    agent: RasaAgent, text: str | None = "hi", output: OutputChannel | None = None, **parts: Any
) -> list[dict[str, Any]]:
    """Run one turn; what the agent sent."""
    output = output or Recorder()
    asyncio.run(agent.handle_message(UserMessage(text, output, "user-1", **parts)))
    return output.sent if isinstance(output, Recorder) else []


def ask_in_vain(
    agent: RasaAgent, text: str = "hi", output: Recorder | None = None
) -> tuple[AgentError, list[dict[str, Any]]]:
    """Run one turn that fails; the error, and what was sent before."""
    output = output or Recorder()
    with pytest.raises(AgentError) as raised:
        ask(agent, text, output)
    return raised.value, output.sent


def certificate_context(certificate: Path) -> ssl.SSLContext:
    """The server's side of TLS with the fixture `certificate`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
