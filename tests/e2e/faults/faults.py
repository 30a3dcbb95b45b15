"""What goes wrong, and at which step: the plan that every proxy of the suite follows."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tests.e2e.faults.steps import Call, Step


class Moment(StrEnum):
    """When a fault strikes, seen from the service that is called."""

    BEFORE = "before the call arrives"
    AFTER = "after it took effect, before its answer"
    ANSWERED = "after its answer was written"


@dataclass(frozen=True)
class Kill:
    """The calling process ends by SIGKILL."""

    moment: Moment


@dataclass(frozen=True)
class Cut:
    """The connection is reset."""

    moment: Moment


@dataclass(frozen=True)
class Refuse:
    """The service refuses with an error of AWS's JSON protocol."""

    status: int
    code: str


Fault = Kill | Cut | Refuse


class Strike(NamedTuple):
    """A fault that happened."""

    conversation: str
    step: Step
    fault: Fault


class Rule(NamedTuple):
    """A fault strikes at `step`, and at the next `times - 1` of its kind."""

    step: Step
    fault: Fault
    times: int = 1

    def strikes(self, step: Step) -> bool:
        """Whether it strikes at a step."""
        past = step.number - self.step.number
        return step._replace(number=self.step.number) == self.step and 0 <= past < self.times

    def is_over(self, step: Step) -> bool:
        """Whether a step is the last at which it strikes."""
        return step.number - self.step.number == self.times - 1


class Faults:
    """Counts the steps of each conversation and says which of them a fault strikes."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._rules: dict[str, list[Rule]] = {}
        self._counts: Counter[Call] = Counter()
        self._steps: dict[str, list[Step]] = {}
        self.strikes: list[Strike] = []
        self.unattributed: list[Call] = []

    def plan(self, conversation: str, *rules: Rule) -> None:
        """Let faults strike a conversation, one rule after the other.

        Steps are counted from now on, and anew after each rule.
        """
        with self._lock:
            self._rules[conversation] = list(rules)
            self._steps.pop(conversation, None)
            self._count_anew(conversation)

    def clear(self, conversation: str) -> None:
        """Let no further fault strike a conversation."""
        with self._lock:
            self._rules.pop(conversation, None)

    def arrive(self, call: Call) -> Fault | None:
        """Note a call, and give the fault that strikes it."""
        with self._lock:
            if call.conversation is None:
                self.unattributed.append(call)
                return None
            self._counts[call] += 1
            step = Step(call.function, call.service, call.operation, self._counts[call])
            self._steps.setdefault(call.conversation, []).append(step)
            rules = self._rules.get(call.conversation)
            if not rules or not rules[0].strikes(step):
                return None
            self.strikes.append(Strike(call.conversation, step, rules[0].fault))
            self._lock.notify_all()
            return self._follow(rules, step, call.conversation)

    def wait_for_strike(self, conversation: str, within: float) -> bool:
        """Wait until a fault has struck a conversation; False when time is over (seconds)."""
        with self._lock:
            return self._lock.wait_for(
                lambda: any(strike.conversation == conversation for strike in self.strikes), within
            )

    def steps(self, conversation: str) -> list[Step]:
        """The steps of a conversation since its plan, in the order they came."""
        with self._lock:
            return list(self._steps.get(conversation, []))

    def _follow(self, rules: list[Rule], step: Step, conversation: str) -> Fault:
        """The fault of the first rule, which makes way for the next when it is over."""
        rule = rules[0]
        if rule.is_over(step):
            del rules[0]
            self._count_anew(conversation)
        return rule.fault

    def _count_anew(self, conversation: str) -> None:
        for call in [call for call in self._counts if call.conversation == conversation]:
            del self._counts[call]
