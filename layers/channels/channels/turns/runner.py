"""One turn of a conversation, from the inbox to the platform; pure except for what is passed in.

    claim -> ask the agent -> journal its replies -> send each part, mark it -> done

Whatever fails, the message is received from the queue again and the journal says where to resume:
the agent is not asked twice once its replies are journalled, and no part is sent twice once it is
marked.
"""

from __future__ import annotations

import logging
import random
import time
from typing import TYPE_CHECKING, NamedTuple

from channels.errors import (
    AgentUnavailable,
    ChannelError,
    CredentialsError,
    PlatformUnavailable,
    RateLimited,
    RecipientGone,
    SendError,
)
from channels.telemetry.ignored import is_kept
from channels.telemetry.metrics import SILENT
from channels.turns.buffered_output import BufferedOutput
from channels.turns.journal import DEAD, DONE, GONE
from channels.turns.outcome import DeadLetter, Done, RetryLater
from channels.turns.parts import Parts, single_kinds
from channels.turns.retry import INBOX, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from channels.agents.agent import Agent
    from channels.channel import InputChannel, OutputChannel, UserMessage
    from channels.telemetry.metrics import Metrics
    from channels.turns.inbox_message import InboxMessage
    from channels.turns.journal import Journal, Turn
    from channels.turns.outcome import Outcome

    type Run = Callable[[Coroutine[Any, Any, Any], float], Any]

logger = logging.getLogger(__name__)

#: Errors that are not the message's fault: a service is down or not set up yet.
_PASSING = (AgentUnavailable, PlatformUnavailable, RateLimited, CredentialsError)


class Limits(NamedTuple):
    """When to give up.

    `failures` is how often the agent may fail on one message (a poisoned message fails each time).
    `deaths` is how often a message may kill the worker. `turn` is the timeout of the agent's turn
    (seconds). `retry` says how long to wait for a service that is down.
    """

    failures: int = 3
    deaths: int = 3
    turn: float = 60.0
    retry: RetryPolicy = INBOX


class _Attempt:
    """Measurements of one attempt: the times that agent and platform took (milliseconds)."""

    def __init__(self) -> None:
        self.agent: list[float] = []
        self.sends: list[float] = []
        self.is_duplicate = False


class TurnRunner:
    """Handles queued messages, one at a time; one instance per thread."""

    def __init__(  # noqa: PLR0913 - its dependencies
        self,
        journal: Journal,
        agent: Callable[[], Agent],
        channel: Callable[[str], InputChannel],
        run: Run,
        now: Callable[[], float],
        *,
        limits: Limits | None = None,
        apology: str = "",
        metrics: Metrics = SILENT,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Take the runner's dependencies.

        `channel(name)` makes a channel by its key in credentials.yml. `run(coroutine, timeout)`
        runs a coroutine. `now()` is in seconds since 1970. `apology` is sent to the user when the
        runner gives up on a message; an empty one is not sent. `metrics` count what becomes of
        messages. `chance()` returns a random number from 0 to 1.
        """
        self._journal = journal
        self._agent = agent
        self._channel = channel
        self._run = run
        self._now = now
        self._limits = limits or Limits()
        self._apology = apology
        self._metrics = metrics
        self._chance = chance
        self._attempt = _Attempt()

    def handle(self, queued: InboxMessage, attempt: int, queued_at: float) -> Outcome:
        """Handle a message as far as possible.

        `attempt` counts the message's receives from the queue, from 1. `queued_at` is when the
        message entered the queue, originally or by a redrive (seconds since 1970). Raises only what
        the journal raises: the message is then received again, as after a crash.
        """
        self._attempt = _Attempt()
        # The outcome if an error is raised below: the queue's worker retries then, too.
        outcome: Outcome = self._limits.retry.after(
            "interrupted", attempt, self._now() - queued_at, self._chance()
        )
        try:
            outcome = self._handle(queued, attempt, queued_at)
        finally:
            self._count(queued.channel, outcome)
        return outcome

    def _count(self, channel: str, outcome: Outcome) -> None:
        attempt = self._attempt
        self._metrics.write(
            channel,
            Turns=int(isinstance(outcome, Done) and not attempt.is_duplicate),
            Duplicates=int(attempt.is_duplicate),
            Retries=int(isinstance(outcome, RetryLater)),
            DeadLetters=int(isinstance(outcome, DeadLetter)),
            Parts=len(attempt.sends),
            AgentMilliseconds=attempt.agent,
            SendMilliseconds=attempt.sends,
        )

    def _handle(self, queued: InboxMessage, attempt: int, queued_at: float) -> Outcome:
        turn = self._journal.claim(queued)
        if turn.status in (DONE, GONE):
            self._attempt.is_duplicate = True
            return Done(turn.status)
        if turn.deaths >= self._limits.deaths:
            return self._give_up(queued, f"the message killed the worker {turn.deaths} times")
        try:
            self._continue(queued, turn)
        except Exception as error:
            waited = self._now() - queued_at
            # The queue also counts receives for which no Lambda was free.
            return self._after(queued, error, min(attempt, turn.failed + 1), waited)
        self._journal.finished(queued, DONE)
        logger.info("%r: done", queued.message)
        return Done()

    def _after(
        self, queued: InboxMessage, error: Exception, attempt: int, waited: float
    ) -> Outcome:
        """Return what follows an attempt that ended with an error."""
        if isinstance(error, RecipientGone):
            self._journal.finished(queued, GONE, str(error))
            return Done(GONE)
        if not isinstance(error, _PASSING):
            return self._failed(queued, error)
        asked = error.retry_after if isinstance(error, RateLimited | PlatformUnavailable) else 0.0
        reason = f"{type(error).__name__}: {error}"
        outcome = self._limits.retry.after(reason, attempt, waited, self._chance(), asked)
        if isinstance(outcome, DeadLetter):
            return self._give_up(queued, reason)
        self._journal.failed(queued, reason, counts=False)
        return outcome

    def _continue(self, queued: InboxMessage, turn: Turn) -> None:
        message = queued.message
        channel = self._channel(queued.channel)
        replies = turn.replies if turn.replies is not None else queued.replies
        if replies is None and not is_kept(queued.channel, channel, message):
            replies = []
        output = channel.output_for(message)
        if replies is None:
            recording = BufferedOutput(output)
            message.output_channel = recording
            self._run(self._ask(message, output), self._limits.turn)
            replies = recording.messages
        if turn.replies is None:
            self._journal.answered(queued, replies)
        self._run(self._send(queued, output, replies, turn.parts_sent), self._limits.turn)

    async def _ask(self, message: UserMessage, output: OutputChannel) -> None:
        try:
            await output.show_typing(message.sender_id)
        except SendError as error:
            logger.warning("%r: typing could not be shown: %s", message, error)
        started = time.perf_counter()
        try:
            await self._agent().handle_message(message)
        finally:
            self._attempt.agent.append((time.perf_counter() - started) * 1000)

    async def _send(
        self,
        queued: InboxMessage,
        output: OutputChannel,
        replies: list[dict[str, Any]],
        parts_sent: int,
    ) -> None:
        def mark(parts: int, platform_id: str) -> None:
            self._journal.sent(queued, parts, platform_id)

        sending = Parts(parts_sent, mark, self._attempt.sends.append)
        output.parts = sending if output.delivers_parts else None
        recipient_id = queued.message.sender_id
        for single in (single for reply in replies for single in single_kinds(reply)):

            async def send(single: dict[str, Any] = single) -> None:
                await output.send_response(recipient_id, single)

            await (send() if output.delivers_parts else sending.part(send))
        await output.end_turn(recipient_id)

    def _failed(self, queued: InboxMessage, error: Exception) -> Outcome:
        known = isinstance(error, ChannelError)
        if not known:
            logger.error("%r: the turn failed", queued.message, exc_info=error)
        reason = f"{type(error).__name__}: {error}" if known else type(error).__name__
        failures = self._journal.failed(queued, reason, counts=True)
        if failures >= self._limits.failures:
            return self._give_up(queued, reason)
        return RetryLater(self._limits.retry.delay(failures, self._chance()), reason)

    def _give_up(self, queued: InboxMessage, reason: str) -> DeadLetter:
        self._journal.finished(queued, DEAD, reason)
        logger.error("%r: given up: %s", queued.message, reason)
        if self._apology:
            self._apologise(queued)
        return DeadLetter(reason)

    def _apologise(self, queued: InboxMessage) -> None:
        try:
            output = self._channel(queued.channel).output_for(queued.message)
            self._run(_say(output, queued.message.sender_id, self._apology), self._limits.turn)
        except Exception:
            logger.exception("%r: the apology could not be sent", queued.message)


async def _say(output: OutputChannel, recipient_id: str, text: str) -> None:
    await output.send_text_message(recipient_id, text)
    await output.end_turn(recipient_id)
