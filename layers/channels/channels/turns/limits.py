"""How long and how often a message is tried, and what is known of one attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from channels.turns.journal import Turn
from channels.turns.retry import INBOX, RetryPolicy

if TYPE_CHECKING:
    from channels.turns.inbox_message import InboxMessage


#: Parts may begin for at least this long, so that every turn gets on (seconds).
_SHORTEST = 1.0


class Limits(NamedTuple):
    """When to give up, and when to stop for now (all times in seconds).

    `failures` is how often the agent may fail on one message (a poisoned message fails each time).
    `deaths` is how often a message may kill the worker. `turn` is the timeout of the agent's turn;
    no part begins later than this after an attempt's start. `call` is what a part that began may
    take: a platform client waits 5 for its connection and 20 for the response. `reserve` is what
    the worker needs after that to record the end. `retry` says how long to wait for a service that
    is down.
    """

    failures: int = 3
    deaths: int = 3
    turn: float = 60.0
    call: float = 25.0
    reserve: float = 4.0
    retry: RetryPolicy = INBOX

    def sending(self, seconds_left: float) -> float:
        """Return how long after an attempt's start a part may begin.

        `seconds_left` is how long the Lambda runs from then on.
        """
        return max(min(self.turn, seconds_left - self.call - self.reserve), _SHORTEST)


class Attempt:
    """One receive of a message, as the queue described it, and what came of it so far.

    `started` and `ends_at`, after which no part begins, are in seconds since 1970. `turn` is what
    the journal knew at its claim; while it says nothing, what the queue knows. `progressed` says
    whether replies or parts were recorded, `is_sent` whether all were sent. `agent` and `sends` are
    the times that agent and platform took (milliseconds).
    """

    def __init__(
        self,
        queued: InboxMessage,
        receive: int,
        first_received_at: float,
        sqs_id: str,
        started: float,
    ) -> None:
        self.queued = queued
        self.receive = receive
        self.first_received_at = first_received_at
        self.sqs_id = sqs_id
        self.started = self.ends_at = started
        self.turn = Turn("unknown", retries=receive - 1, outage_since=first_received_at)
        self.progressed = False
        self.is_sent = False
        self.is_duplicate = False
        self.agent: list[float] = []
        self.sends: list[float] = []
