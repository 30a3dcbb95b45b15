"""The worker's half of a turn, with a journal in memory and the channel's platform on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from channels.aws.queues.fifo_worker import Received
from channels.channel import UserMessage
from channels.handlers.worker import handle_received
from channels.telemetry.logs import begin_fields
from channels.telemetry.metrics import Metrics
from channels.turns.inbox_message import InboxMessage
from channels.turns.journal import Claim, Turn
from channels.turns.limits import Limits
from channels.turns.outcome import DeadLetter, Outcome
from channels.turns.runner import TurnRunner
from channels.turns.steady_journal import SteadyJournal

#: Every write of the journal.
WRITES = ("claim", "answered", "sent", "paused", "failed", "given_up", "finished")


class Refused(Exception):
    """The table is throttled."""


class Journal:
    """Remembers turns by message id; does to them what `aws.state.journal` does to its items.

    `refuses(write)` says whether the table refuses one of WRITES; `now()` is in seconds.
    """

    def __init__(
        self,
        now: Callable[[], float] = lambda: 0.0,
        refuses: Callable[[str], bool] = lambda write: False,
    ) -> None:
        self.turns: dict[str, dict[str, Any]] = {}
        self._now, self._refuses = now, refuses

    def _turn(self, queued: InboxMessage, write: str) -> dict[str, Any]:
        if self._refuses(write):
            raise Refused(write)
        new = {"status": "claimed", "replies": None, "parts": 0, "ids": [], "claims": []}
        new |= {"progressed_at": 0.0, "failures": 0, "retries": 0, "outage_since": None}
        new |= {"given_up": None, "error": "", "hidden_until": None}
        return self.turns.setdefault(queued.message.message_id, new)

    def claim(self, queued: InboxMessage, receive: int) -> Turn:
        turn = self._turn(queued, "claim")
        earlier = tuple(turn["claims"])
        turn["claims"].append(Claim(self._now(), receive))
        counted = turn["progressed_at"], turn["failures"], turn["retries"], turn["outage_since"]
        known = turn["replies"], turn["parts"], earlier, *counted, turn["given_up"], turn["error"]
        return Turn(turn["status"], *known)

    def answered(self, queued: InboxMessage, replies: list[dict[str, Any]]) -> None:
        turn = self._turn(queued, "answered")
        turn.update(status="answered", replies=list(replies), parts=0, ids=[])
        self._progress(turn)

    def sent(self, queued: InboxMessage, parts: int, platform_id: str) -> None:
        turn = self._turn(queued, "sent")
        turn.update(parts=parts, ids=[*turn["ids"], platform_id])
        self._progress(turn)

    def _progress(self, turn: dict[str, Any]) -> None:
        turn.update(progressed_at=self._now(), failures=0, retries=0, outage_since=None)

    def paused(self, queued: InboxMessage, until: float) -> None:
        self._turn(queued, "paused").update(claims=[], hidden_until=until)

    def failed(
        self, queued: InboxMessage, error: str, until: float, outage_since: float | None
    ) -> None:
        turn = self._turn(queued, "failed")
        turn.update(claims=[], error=error, hidden_until=until, retries=turn["retries"] + 1)
        if outage_since is None:
            turn["failures"] += 1
        else:
            turn["outage_since"] = outage_since

    def given_up(self, queued: InboxMessage, error: str, sqs_id: str) -> None:
        turn = self._turn(queued, "given_up")
        turn.update(status="dying", error=error, given_up=sqs_id, claims=[])

    def finished(self, queued: InboxMessage, status: str, error: str = "") -> None:
        turn = self._turn(queued, "finished")
        turn.update(status=status, claims=[], failures=0, retries=0, outage_since=None)
        turn["error"] = error or turn["error"]


class Talker:
    """An agent that answers what it is told to, or fails with it."""

    def __init__(self, answers: list[dict[str, Any]], failure: Exception | None = None) -> None:
        self._answers, self._failure = answers, failure
        self.asked = 0

    async def handle_message(self, message: UserMessage) -> None:
        """Say the answers, then fail if told to."""
        self.asked += 1
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
            SteadyJournal(self.journal),
            lambda: agent,
            lambda name: channel,
            lambda coroutine, timeout: asyncio.run(coroutine),
            lambda: 0.0,
            limits=Limits(failures=failures),
            metrics=self._metrics,
        )

    def take(self, name: str, message: UserMessage, context: Any = None) -> Outcome:
        """Handle a message as it comes out of the queue; a dead letter is written at once."""
        begin_fields(context, "Root=1-traced")
        body = InboxMessage(name, message, 0.0).to_json()
        outcome = handle_received(self._conversations, Received(body, 1, 0.0), self._metrics)
        if isinstance(outcome, DeadLetter):
            outcome.buried()
        return outcome
