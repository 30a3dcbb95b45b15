"""A model of the inbox: conversations in order, side by side up to a limit, seeded randomness.

Messages of one conversation are answered one after another, those of different conversations side
by side, by at most `workers` batches at a time; the conversation whose next message has waited
longest goes first. That is an SQS FIFO queue with a group for each conversation and an event source
mapping with MaximumConcurrency.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple


class Load(NamedTuple):
    """What comes and who answers.

    `rate` is messages a second, `workers` how many batches run at once, `batch` how many
    conversations one takes; `duration(random)` gives the seconds that an answer takes,
    `conversation(random)` whose message one is.
    """

    rate: float
    workers: int
    duration: Callable[[Random], float]
    conversation: Callable[[Random], int]
    batch: int = 1


class Observed(NamedTuple):
    """What was seen in `seconds`.

    `waits` are the seconds between a message's arrival and the begin of its answer; `stays` those
    to its end; `waiting` the messages that waited, averaged over each tenth of the time; `present`
    those that waited or were being answered, averaged over all of it; `left` those at the end.
    """

    seconds: float
    arrived: int
    answered: int
    waits: list[float]
    stays: list[float]
    waiting: list[float]
    present: float
    busy: float
    left: int

    @property
    def growth(self) -> float:
        """Messages a second by which the backlog grows, over the later half of the time."""
        middle, last = self.waiting[len(self.waiting) // 2], self.waiting[-1]
        steps = len(self.waiting) - 1 - len(self.waiting) // 2
        return (last - middle) / (steps * self.seconds / len(self.waiting))


def simulate(load: Load, seconds: float, seed: int) -> Observed:
    """Let messages come for `seconds` and see what becomes of them."""
    return _Simulation(load, seconds, Random(seed)).run()  # noqa: S311 - no secret


_TENTHS = 10


class _Simulation:
    """Time goes from event to event: an arrival, or the end of a batch."""

    def __init__(self, load: Load, seconds: float, random: Random) -> None:
        self._load, self._seconds, self._random = load, seconds, random
        self._queues: dict[int, deque[float]] = {}
        self._ready: list[tuple[float, int]] = []
        self._running: list[tuple[float, int, list[tuple[float, int]]]] = []
        self._busy: set[int] = set()
        self._count = self._arrived = 0
        self._waits: list[float] = []
        self._stays: list[float] = []
        self._now = 0.0
        self._waiting_area = [0.0] * _TENTHS
        self._present_area = self._busy_area = 0.0
        self._waiting = self._in_service = 0

    def run(self) -> Observed:
        for arrival in self._arrivals():
            self._finish_until(arrival)
            self._advance(arrival)
            self._arrive(arrival, self._load.conversation(self._random))
            self._start()
        self._finish_until(self._seconds)
        self._advance(self._seconds)
        tenth = self._seconds / _TENTHS
        return Observed(
            self._seconds,
            self._arrived,
            len(self._stays),
            self._waits,
            self._stays,
            [area / tenth for area in self._waiting_area],
            self._present_area / self._seconds,
            self._busy_area / self._seconds,
            self._waiting + self._in_service,
        )

    def _arrivals(self) -> Iterator[float]:
        now = self._random.expovariate(self._load.rate)
        while now < self._seconds:
            yield now
            now += self._random.expovariate(self._load.rate)

    def _arrive(self, now: float, conversation: int) -> None:
        self._arrived += 1
        self._waiting += 1
        queue = self._queues.setdefault(conversation, deque())
        queue.append(now)
        if len(queue) == 1 and conversation not in self._busy:
            heapq.heappush(self._ready, (now, conversation))

    def _start(self) -> None:
        while self._ready and len(self._running) < self._load.workers:
            taken: list[tuple[float, int]] = []
            while self._ready and len(taken) < self._load.batch:
                arrival, conversation = heapq.heappop(self._ready)
                self._queues[conversation].popleft()
                self._busy.add(conversation)
                self._waits.append(self._now - arrival)
                taken.append((arrival, conversation))
            # What SQS gave out together comes back together: the slowest one's time is all's.
            longest = max(self._load.duration(self._random) for _ in taken)
            self._count += 1
            heapq.heappush(self._running, (self._now + longest, self._count, taken))
            self._waiting -= len(taken)
            self._in_service += len(taken)

    def _finish_until(self, time: float) -> None:
        while self._running and self._running[0][0] <= time:
            self._advance(self._running[0][0])
            _, _, taken = heapq.heappop(self._running)
            for arrival, conversation in taken:
                self._end(arrival, conversation)
            self._start()

    def _end(self, arrival: float, conversation: int) -> None:
        self._stays.append(self._now - arrival)
        self._in_service -= 1
        self._busy.discard(conversation)
        queue = self._queues[conversation]
        if queue:
            heapq.heappush(self._ready, (queue[0], conversation))
        else:
            del self._queues[conversation]

    def _advance(self, time: float) -> None:
        """Add up what was there since the last event."""
        passed = time - self._now
        self._present_area += passed * (self._waiting + self._in_service)
        self._busy_area += passed * len(self._running)
        tenth = self._seconds / _TENTHS
        first = min(int(self._now / tenth), _TENTHS - 1)
        last = min(int(time / tenth), _TENTHS - 1)
        for number in range(first, last + 1):
            end = time if number == last else (number + 1) * tenth
            self._waiting_area[number] += (end - self._now) * self._waiting
            self._now = end


def among(conversations: int, hot_share: float = 0.0) -> Callable[[Random], int]:
    """Whose message one is: any of the conversations, or, for a share of all, always the first."""

    def conversation(random: Random) -> int:
        return 0 if random.random() < hot_share else random.randrange(1, conversations + 1)

    return conversation
