"""What follows an attempt that did not come to the end of its turn.

| what ended it                                   | what follows                            |
|-------------------------------------------------|-----------------------------------------|
| its time was over                               | the turn goes on; not a failure         |
| something is down: agent, platform, journal ... | retried until the patience is over      |
| a call of the platform did not end              | the same, after a pause that it ends in |
| the message                                     | retried a few times                     |
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from channels.errors import (
    AgentUnavailable,
    ChannelError,
    CredentialsError,
    PlatformUnavailable,
    RateLimited,
    RecipientGone,
)
from channels.turns.journal import GONE, KILLED_AFTER, JournalError
from channels.turns.outcome import DeadLetter, Done, RetryLater
from channels.turns.parts import OutOfTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from channels.turns.limits import Attempt, Limits
    from channels.turns.outcome import Outcome
    from channels.turns.steady_journal import SteadyJournal

logger = logging.getLogger(__name__)


class Stranded(ChannelError):
    """A call of the platform did not end, and its sender was left behind."""


#: Errors that are not the message's fault: a service is down or not set up yet.
_PASSING = (
    AgentUnavailable,
    PlatformUnavailable,
    RateLimited,
    CredentialsError,
    JournalError,
    OutOfTime,
    Stranded,
)

#: How much longer than the longest call the pause after a stranded one is (seconds).
_MARGIN = 5.0

#: An attempt whose end cannot be recorded comes again after at most this share of the visibility
#: timeout, so that it is not taken for one whose worker was killed.
_SOONER = KILLED_AFTER - 0.05


class AttemptEnd:
    """Decides what follows an attempt, and records it."""

    def __init__(
        self,
        journal: SteadyJournal,
        limits: Limits,
        now: Callable[[], float],
        chance: Callable[[], float],
        visibility_timeout: Callable[[], float],
    ) -> None:
        """Take what TurnRunner takes under these names."""
        self._journal = journal
        self._limits = limits
        self._now = now
        self._chance = chance
        self._visibility_timeout = visibility_timeout

    def after(self, attempt: Attempt, error: Exception) -> Outcome:
        """Return what follows an attempt that ended with an error."""
        try:
            if isinstance(error, RecipientGone):
                self._journal.finished(attempt.queued, GONE, str(error))
                return Done(GONE)
            if isinstance(error, OutOfTime) and attempt.progressed:
                return self._go_on(attempt)
        except JournalError as refused:
            error = refused
        if isinstance(error, _PASSING):
            return self._later(attempt, error)
        return self._failed(attempt, error)

    def give_up(self, attempt: Attempt, reason: str) -> DeadLetter:
        """Give up on a message: it becomes a dead letter, and its user is told after that."""
        try:
            self._journal.given_up(attempt.queued, reason, attempt.sqs_id)
        except JournalError as error:
            logger.error("%r: given up, unrecorded: %s", attempt.queued.message, error)
        logger.error("%r: given up: %s", attempt.queued.message, reason)
        return DeadLetter(reason)

    def _go_on(self, attempt: Attempt) -> Outcome:
        reason = "time is over; the turn goes on with the next part"
        if self._limits.retry.is_over(0.0, attempt.receive):
            return self.give_up(attempt, reason)
        delay = self._limits.retry.delay(1, self._chance())
        self._journal.paused(attempt.queued, self._now() + delay)
        return RetryLater(delay, reason)

    def _later(self, attempt: Attempt, error: Exception) -> Outcome:
        """Wait for what is down, from the message's own first failure on."""
        policy, now, turn = self._limits.retry, self._now(), attempt.turn
        number, since = 1, now
        if not attempt.progressed:
            number = turn.retries + len(turn.unreported) + 1
            since = turn.failing_since(now)
        reason = f"{type(error).__name__}: {error}"
        if policy.is_over(now - since, attempt.receive):
            return self._unrecorded(attempt) if attempt.is_sent else self.give_up(attempt, reason)
        # The queue also counts receives for which no Lambda was free.
        asked = error.retry_after if isinstance(error, RateLimited | PlatformUnavailable) else 0.0
        delay = policy.delay(min(attempt.receive, number), self._chance(), asked)
        least = self._limits.call + _MARGIN if isinstance(error, Stranded) else 0.0
        return RetryLater(self._record(attempt, reason, delay, since, least), reason)

    def _unrecorded(self, attempt: Attempt) -> Done:
        """Let go of a message that was answered, although the journal never took its end."""
        logger.error("%r: done, unrecorded", attempt.queued.message)
        return Done()

    def _failed(self, attempt: Attempt, error: Exception) -> Outcome:
        """Try a message that is at fault a few times."""
        known = isinstance(error, ChannelError)
        if not known:
            logger.error("%r: the turn failed", attempt.queued.message, exc_info=error)
        reason = f"{type(error).__name__}: {error}" if known else type(error).__name__
        failures = 1 if attempt.progressed else attempt.turn.failures + 1
        if failures >= self._limits.failures or self._limits.retry.is_over(0.0, attempt.receive):
            return self.give_up(attempt, reason)
        delay = self._limits.retry.delay(failures, self._chance())
        return RetryLater(self._record(attempt, reason, delay), reason)

    def _record(
        self,
        attempt: Attempt,
        reason: str,
        delay: float,
        outage_since: float | None = None,
        least: float = 0.0,
    ) -> float:
        """Record how an attempt ended; return the delay after which its message comes again.

        It is at least `least`, and shorter than a killed worker's if it cannot be recorded.
        """
        now, delay = self._now(), max(delay, least)
        try:
            self._journal.failed(attempt.queued, reason, now + delay, outage_since)
        except JournalError as error:
            logger.error("%r: not recorded: %s: %s", attempt.queued.message, reason, error)
            ends = attempt.started + _SOONER * self._visibility_timeout()
            return max(min(delay, ends - now), self._limits.retry.delay(1, self._chance()), least)
        return delay
