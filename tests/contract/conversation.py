"""A conversation between a queue and a platform: the worker's whole stack, by the queue's clock."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from channels.aws.queues.fifo_worker import FifoWorker, visibility_timeout
from channels.channel import InputChannel, OutputChannel, UserMessage
from channels.handlers.worker import handle_received
from channels.telemetry.metrics import Metrics
from channels.turns.inbox_message import InboxMessage
from channels.turns.limits import Limits
from channels.turns.outcome import Outcome
from channels.turns.retry import INBOX
from channels.turns.runner import TurnRunner
from channels.turns.steady_journal import SteadyJournal
from tests.contract.fifo_queue import FifoQueue
from tests.contract.worker import Journal, Talker
from tests.functions.observed import counted

APOLOGY = "Sorry."
PARTS = ["one", "two"]


class Output(OutputChannel):
    """Calls the conversation's platform for each text."""

    delivers_parts = True

    def __init__(self, platform: Callable[[str], None]) -> None:
        super().__init__()
        self._platform = platform

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        async def send() -> str:
            self._platform(text)
            return f"id-{text}"

        await self.deliver(send)


class Conversation(InputChannel):
    """One sender's messages; `processes` worker processes take turns.

    `refuses(write)` says whether the table refuses a write. `platform(text)` is called before a
    text is sent and may raise, or let time pass.
    """

    def __init__(
        self,
        *,
        refuses: Callable[[str], bool] = lambda write: False,
        parts: list[str] = PARTS,
        batch_size: int = 1,
        processes: int = 1,
        limits: Limits | None = None,
    ) -> None:
        self.queue = FifoQueue(batch_size)
        self.sent: list[str] = []
        self.platform: Callable[[str], None] = lambda text: None
        self.agent = Talker([{"text": text} for text in parts])
        self.lines: list[str] = []
        self.outcomes: list[Outcome] = []
        self.journal = Journal(lambda: self.queue.now, refuses)
        self._limits = limits
        self._workers: Iterator[FifoWorker] = itertools.cycle(
            [self._worker() for _ in range(processes)]
        )

    def output_for(self, message: UserMessage) -> OutputChannel:
        def send(text: str) -> None:
            self.platform(text)
            self.sent.append(text)

        return Output(send)

    def put(self, message_id: str = "m1") -> None:
        """Let the sender write a message."""
        message = UserMessage("hi", sender_id="me", message_id=message_id)
        self.queue.put(InboxMessage("myio", message, self.queue.now))

    def step(self) -> None:
        """Let the next process take what the queue hands over."""
        self.queue.hand_over(next(self._workers))

    def run(self, most: int = 1200) -> None:
        """Go on until the queue is empty; AssertionError if that takes more than `most` steps."""
        for _ in range(most):
            if self.queue.is_empty:
                return
            self.step()
        raise AssertionError("the queue never runs empty")

    @property
    def counted(self) -> dict[str, int]:
        """The metrics."""
        return counted(self.lines)

    def _worker(self) -> FifoWorker:
        metrics = Metrics("stack", self.lines.append)
        conversations = TurnRunner(
            SteadyJournal(self.journal),
            lambda: self.agent,
            lambda name: self,
            lambda coroutine, timeout: asyncio.run(coroutine),
            lambda: self.queue.now,
            limits=self._limits,
            apology=APOLOGY,
            metrics=metrics,
            chance=lambda: 1.0,
            visibility_timeout=lambda: visibility_timeout(self.queue, "inbox"),  # type: ignore[arg-type]
        )

        def handle(received: Any) -> Outcome:
            self.outcomes.append(handle_received(conversations, received, metrics))
            return self.outcomes[-1]

        return FifoWorker(
            lambda: handle,
            self.queue,  # type: ignore[arg-type] # the calls that a worker makes
            "inbox",
            "dead",
            INBOX,
            now=lambda: self.queue.now,
            chance=lambda: 1.0,
        )
