"""The worker's half of a turn, with a journal in memory and the channel's platform on loopback."""

from __future__ import annotations

import asyncio
from typing import Any

from channels.aws.queues.fifo_worker import Received
from channels.channel import UserMessage
from channels.handlers.worker import handle_received
from channels.telemetry.logs import begin_fields
from channels.telemetry.metrics import Metrics
from channels.turns.inbox_message import InboxMessage
from channels.turns.journal import Turn
from channels.turns.outcome import Outcome
from channels.turns.runner import Limits, TurnRunner


class Journal:
    """Remembers turns by message id."""

    def __init__(self) -> None:
        self.turns: dict[str, dict[str, Any]] = {}

    def _turn(self, queued: InboxMessage) -> dict[str, Any]:
        new = {"status": "claimed", "replies": None, "parts": 0, "failures": 0, "failed": 0}
        return self.turns.setdefault(queued.message.message_id, new)

    def claim(self, queued: InboxMessage) -> Turn:
        turn = self._turn(queued)
        return Turn(turn["status"], 0, turn["replies"], turn["parts"], turn["failed"])

    def answered(self, queued: InboxMessage, replies: list[dict[str, Any]]) -> None:
        self._turn(queued)["replies"] = replies

    def sent(self, queued: InboxMessage, parts: int, platform_id: str) -> None:
        self._turn(queued)["parts"] = parts

    def failed(self, queued: InboxMessage, error: str, *, counts: bool) -> int:
        turn = self._turn(queued)
        turn["failures"] += counts
        turn["failed"] += 1
        failures: int = turn["failures"]
        return failures

    def finished(self, queued: InboxMessage, status: str, error: str = "") -> None:
        self._turn(queued)["status"] = status


class Talker:
    """An agent that answers what it is told to, or fails with it."""

    def __init__(self, answers: list[dict[str, Any]], failure: Exception | None = None) -> None:
        self._answers, self._failure = answers, failure

    async def handle_message(self, message: UserMessage) -> None:
        """Say the answers, then fail if told to."""
        assert message.output_channel is not None
        for answer in self._answers:
            await message.output_channel.send_response(message.sender_id, answer)
        if self._failure is not None:
            raise self._failure


class Worker:
    """The conversation worker around one channel; `metrics` are the lines that it printed."""

    def __init__(self, channel: Any, agent: Talker, failures: int = 3) -> None:
        self.journal = Journal()
        self.metrics: list[str] = []
        self._metrics = Metrics("stack", self.metrics.append)
        self._conversations = TurnRunner(
            self.journal,
            lambda: agent,
            lambda name: channel,
            lambda coroutine, timeout: asyncio.run(coroutine),
            lambda: 0.0,
            limits=Limits(failures=failures),
            metrics=self._metrics,
        )

    def take(self, name: str, message: UserMessage, context: Any = None) -> Outcome:
        """Handle a message as it comes out of the queue."""
        begin_fields(context, "Root=1-traced")
        body = InboxMessage(name, message, 0.0).to_json()
        return handle_received(self._conversations, Received(body, 1, 0.0), self._metrics)
