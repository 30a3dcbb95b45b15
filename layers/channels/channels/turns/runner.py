"""One turn of a conversation, from the inbox to the platform; pure except for what is passed in.

    claim -> ask the agent -> journal its replies -> send each part, mark it -> done

Whatever fails, the message is received from the queue again and the journal says where to resume:
the agent is not asked twice once its replies are journalled, and no part is sent twice once it is
marked. What follows an attempt that did not come to the end is decided in `attempt_end`.
"""

from __future__ import annotations

import logging
import math
import random
import time
from typing import TYPE_CHECKING

from channels.clients.before_call import before_call
from channels.errors import AgentTimeout, SendError, Unfinished
from channels.telemetry.ignored import is_kept
from channels.telemetry.metrics import SILENT
from channels.turns.attempt_end import AttemptEnd, Stranded
from channels.turns.buffered_output import BufferedOutput
from channels.turns.journal import DEAD, DONE, DYING, GONE, Claim, JournalError
from channels.turns.limits import Attempt, Limits
from channels.turns.outcome import DeadLetter, Done, RetryLater
from channels.turns.parts import Parts, single_kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from channels.agents.agent import Agent
    from channels.channel import InputChannel, OutputChannel, UserMessage
    from channels.telemetry.metrics import Metrics
    from channels.turns.inbox_message import InboxMessage
    from channels.turns.outcome import Outcome
    from channels.turns.steady_journal import SteadyJournal

    type Run = Callable[[Coroutine[Any, Any, Any], float], Any]

__all__ = ["Limits", "TurnRunner"]

logger = logging.getLogger(__name__)


class TurnRunner:
    """Handles queued messages, one at a time; one instance per thread."""

    def __init__(  # noqa: PLR0913 - its dependencies
        self,
        journal: SteadyJournal,
        agent: Callable[[], Agent],
        channel: Callable[[str], InputChannel],
        run: Run,
        now: Callable[[], float],
        *,
        limits: Limits | None = None,
        apology: str = "",
        metrics: Metrics = SILENT,
        chance: Callable[[], float] = random.random,
        visibility_timeout: Callable[[], float] = lambda: 100.0,
    ) -> None:
        """Take the runner's dependencies.

        `channel(name)` makes a channel by its key in credentials.yml. `run(coroutine, timeout)`
        runs a coroutine, or raises Unfinished. `now()` is in seconds since 1970. `apology` is sent
        to the user when the runner gives up on a message; an empty one is not sent. `metrics` count
        what becomes of messages. `chance()` returns a random number from 0 to 1.
        `visibility_timeout()` returns for how long the queue hides a message whose worker was
        killed (seconds).
        """
        self._journal = journal
        self._agent = agent
        self._channel = channel
        self._run = run
        self._now = now
        self._limits = limits or Limits()
        self._apology = apology
        self._metrics = metrics
        self._visibility_timeout = visibility_timeout
        self._end = AttemptEnd(journal, self._limits, now, chance, visibility_timeout)

    def handle(
        self,
        queued: InboxMessage,
        receive: int,
        first_received_at: float,
        *,
        sqs_id: str = "",
        seconds_left: float = math.inf,
    ) -> Outcome:
        """Handle a message as far as possible.

        `receive` counts the message's receives from the queue, from 1. `first_received_at` is when
        the first of them was (seconds since 1970). `sqs_id` is SQS's id of the message; a redrive
        gives it another one and starts the other two anew. `seconds_left` is how long the Lambda
        still runs. The caller calls `buried` of a DeadLetter once it is written.
        """
        attempt = Attempt(queued, receive, first_received_at, sqs_id, self._now())
        attempt.ends_at = attempt.started + self._limits.sending(seconds_left)
        outcome: Outcome | None = None
        try:
            outcome = self._handle(attempt)
        finally:
            self._count(attempt, outcome)
        if isinstance(outcome, DeadLetter):
            return DeadLetter(outcome.reason, lambda: self._buried(queued, outcome.reason))
        return outcome

    def _count(self, attempt: Attempt, outcome: Outcome | None) -> None:
        """Count an attempt; the queue's worker retries one that raised an error (None), too."""
        self._metrics.write(
            attempt.queued.channel,
            Turns=int(isinstance(outcome, Done) and not attempt.is_duplicate),
            Duplicates=int(attempt.is_duplicate),
            Retries=int(outcome is None or isinstance(outcome, RetryLater)),
            Parts=len(attempt.sends),
            AgentMilliseconds=attempt.agent,
            SendMilliseconds=attempt.sends,
        )

    def _handle(self, attempt: Attempt) -> Outcome:
        queued = attempt.queued
        try:
            turn = attempt.turn = self._journal.claim(queued, attempt.receive)
            is_same = turn.given_up == attempt.sqs_id
            if turn.status in (DONE, GONE) or (turn.status == DEAD and is_same):
                attempt.is_duplicate = True
                return Done(turn.status)
            if turn.status == DYING and is_same:
                return DeadLetter(turn.error)  # its dead letter could not be written before
            if deaths := self._deaths(attempt):
                return self._end.give_up(attempt, f"the message killed the worker {deaths} times")
            self._continue(attempt)
            attempt.is_sent = True
            self._journal.finished(queued, DONE)
        except Exception as error:
            return self._end.after(attempt, error)
        logger.info("%r: done", queued.message)
        return Done()

    def _deaths(self, attempt: Attempt) -> int:
        """Return how often the message killed the worker, 0 for less often than it may."""
        if len(attempt.turn.unreported) < self._limits.deaths:
            return 0
        now = Claim(attempt.started, attempt.receive)
        deaths = attempt.turn.deaths(now, self._visibility_timeout())
        return deaths if deaths >= self._limits.deaths else 0

    def _continue(self, attempt: Attempt) -> None:
        queued, message = attempt.queued, attempt.queued.message
        turn = self._journal.catch_up(queued, attempt.turn)
        attempt.progressed = turn is not attempt.turn
        attempt.turn = turn
        channel = self._channel(queued.channel)
        replies = turn.replies if turn.replies is not None else queued.replies
        if replies is None and not is_kept(queued.channel, channel, message):
            replies = []
        output = channel.output_for(message)
        if replies is None:
            replies = self._ask(attempt, output)
        if turn.replies is None:
            self._journal.answered(queued, replies)
            attempt.progressed = True
        self._send(attempt, output, replies)

    def _ask(self, attempt: Attempt, output: OutputChannel) -> list[dict[str, Any]]:
        """Let the agent reply within its time limit; return the replies."""
        message = attempt.queued.message
        recording = BufferedOutput(output)
        message.output_channel = recording
        try:
            self._run(self._asking(attempt, message, output), self._limits.turn)
        except Unfinished:
            raise AgentTimeout(f"no answer within {self._limits.turn:.0f} seconds") from None
        finally:
            recording.close()
        return recording.messages

    async def _asking(self, attempt: Attempt, message: UserMessage, output: OutputChannel) -> None:
        try:
            await output.show_typing(message.sender_id)
        except SendError as error:
            logger.warning("%r: typing could not be shown: %s", message, error)
        started = time.perf_counter()
        try:
            await self._agent().handle_message(message)
        finally:
            attempt.agent.append((time.perf_counter() - started) * 1000)

    def _send(self, attempt: Attempt, output: OutputChannel, replies: list[dict[str, Any]]) -> None:
        """Send the parts that were not sent before, until the attempt's time is over.

        A call of the platform that does not end at all is abandoned, as a last resort.
        """

        def mark(parts: int, platform_id: str) -> None:
            self._journal.sent(attempt.queued, parts, platform_id)
            attempt.progressed = True

        def has_time() -> bool:
            return self._now() < attempt.ends_at

        sending = Parts(attempt.turn.parts_sent, mark, attempt.sends.append, has_time)
        recipient_id = attempt.queued.message.sender_id
        left = max(attempt.ends_at - self._now(), 0.0) + self._limits.call
        try:
            self._run(_send_all(sending, output, recipient_id, replies), left)
        except Unfinished as error:
            if sending.is_busy:
                raise Stranded("a call of the platform did not end") from None
            raise Unfinished(f"the replies could not be put into parts: {error}") from None
        finally:
            sending.close()

    def _buried(self, queued: InboxMessage, reason: str) -> None:
        """Tell the user, the journal and the metrics of a message that is a dead letter now."""
        if self._apology:
            self._apologise(queued)
        try:
            self._journal.finished(queued, DEAD, reason)
        except JournalError as error:
            logger.error("%r: a dead letter, unrecorded: %s", queued.message, error)
        self._metrics.write(queued.channel, DeadLetters=1)

    def _apologise(self, queued: InboxMessage) -> None:
        try:
            output = self._channel(queued.channel).output_for(queued.message)
            self._run(_say(output, queued.message.sender_id, self._apology), self._limits.call)
        except Exception:
            logger.exception("%r: the apology could not be sent", queued.message)


async def _send_all(
    sending: Parts, output: OutputChannel, recipient_id: str, replies: list[dict[str, Any]]
) -> None:
    before_call.set(sending.check)
    output.parts = sending if output.delivers_parts else None
    for single in (single for reply in replies for single in single_kinds(reply)):

        async def send(single: dict[str, Any] = single) -> None:
            await output.send_response(recipient_id, single)

        await (send() if output.delivers_parts else sending.part(send))
    await sending.last(output.end_turn(recipient_id))


async def _say(output: OutputChannel, recipient_id: str, text: str) -> None:
    await output.send_text_message(recipient_id, text)
    await output.end_turn(recipient_id)
