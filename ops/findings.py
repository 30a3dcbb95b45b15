"""What a diagnosis finds: how bad it is, what it is about, and what mends it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from ops.output import Output
from ops.wording import count


class Level(StrEnum):
    """How bad a finding is; `unknown` is what could not be checked."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """One finding: `subject` is a channel or a part of the stack, `mend` a command or a place.

    Neither `what` nor `mend` ever holds a secret.
    """

    level: Level
    subject: str
    what: str
    mend: str = ""


class Findings(list[Finding]):
    """The findings about one subject, in the order in which they were made."""

    def __init__(self, subject: str) -> None:
        """Begin with none."""
        super().__init__()
        self._subject = subject

    def ok(self, what: str) -> None:
        """Something is as it should be."""
        self.append(Finding(Level.OK, self._subject, what))

    def warn(self, what: str, mend: str) -> None:
        """Something works, and may not for long or not as meant."""
        self.append(Finding(Level.WARNING, self._subject, what, mend))

    def error(self, what: str, mend: str) -> None:
        """Something does not work."""
        self.append(Finding(Level.ERROR, self._subject, what, mend))

    def unknown(self, what: str, mend: str) -> None:
        """Something could not be checked."""
        self.append(Finding(Level.UNKNOWN, self._subject, what, mend))


def exit_status(findings: Sequence[Finding]) -> int:
    """1 where something does not work, else 2 where something could not be checked, else 0."""
    levels = {finding.level for finding in findings}
    if Level.ERROR in levels:
        return 1
    return 2 if Level.UNKNOWN in levels else 0


def show(findings: Sequence[Finding], output: Output) -> None:
    """Tell people the findings, each mend below what it mends, and how many are bad."""
    for each in findings if not output.as_json else ():
        output.say(f"{each.level:<8} {each.subject:<13} {each.what}")
        if each.mend:
            output.say(f"{'':<22} -> {each.mend}")
    levels = Counter(finding.level for finding in findings)
    told = [
        *([count(levels[Level.ERROR], "error")] if levels[Level.ERROR] else []),
        *([count(levels[Level.WARNING], "warning")] if levels[Level.WARNING] else []),
        *([f"{levels[Level.UNKNOWN]} not checked"] if levels[Level.UNKNOWN] else []),
    ]
    output.say(", ".join(told) or "Everything that was checked works.")


def documents(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """The findings for scripts."""
    return [asdict(each) for each in findings]
