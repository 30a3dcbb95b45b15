"""Carrying out what a platform has to be told, and telling people of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.failure import Failure
from ops.platforms import Platform
from ops.platforms.platform import Action, Settings, Verb

#: Keeps settings of a channel in the stack's credentials.
type Keep = Callable[[str, Settings], None]


@dataclass
class Report:
    """What was done about one channel, or is to be done; `failure` is what stopped it."""

    channel: str
    actions: list[Action] = field(default_factory=list)
    failure: Failure | None = None

    @property
    def is_changed(self) -> bool:
        """Whether anything was, or is to be, changed."""
        passive = (Verb.UNCHANGED, Verb.INSTRUCT)
        return any(action.verb not in passive for action in self.actions)

    def document(self) -> dict[str, Any]:
        """The report for scripts."""
        failure = self.failure and {"error": self.failure.cause, "mend": self.failure.mend}
        return {
            "channel": self.channel,
            "changed": self.is_changed,
            "actions": [
                {"verb": each.verb.value, "what": each.what}
                | ({"file": each.file[0]} if each.file else {})
                for each in self.actions
            ],
            **(failure or {}),
        }


@dataclass(frozen=True)
class Registrar:
    """Carries actions out: calls the platform, keeps settings on the stack, writes files."""

    keep: Keep
    folder: Path

    def carry_out(self, platform: Platform, actions: list[Action], report: Report) -> None:
        """Do one after another; `report` has those that are done, whatever happens then.

        What the platform takes is kept only afterwards, so that a secret that was never taken is
        made anew the next time. Raises Failure.
        """
        for action in actions:
            report.actions.append(self._do(platform, action))

    def _do(self, platform: Platform, action: Action) -> Action:
        if action.file is not None:
            return self._write(action, *action.file)
        if action.settings_first:
            self._keep(platform, action.settings)
        answer = platform.perform(action.call) if action.call is not None else None
        if not action.settings_first:
            self._keep(platform, action.settings)
        self._keep(platform, action.learn(answer) if action.learn else {})
        return action

    def _keep(self, platform: Platform, new: Settings) -> None:
        if new:
            platform.settings = {**platform.settings, **new}
            self.keep(platform.name, new)

    def _write(self, action: Action, name: str, content: bytes) -> Action:
        path = self.folder / name
        told = f"{action.what}: {path}"
        if path.is_file() and path.read_bytes() == content:
            return Action(Verb.UNCHANGED, told, file=action.file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return Action(Verb.WRITE, told, file=action.file)
