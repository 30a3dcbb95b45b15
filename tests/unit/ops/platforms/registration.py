"""Registering a bot with a stand-in of its platform, as `ops register` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ops.findings import Finding, Findings
from ops.platforms import PLATFORMS, Bot, Platform
from ops.platforms.platform import Settings
from ops.registration.registration import Registrar, Report
from tests.servers.recording_server import Answer, Recorded, recording_server

PUBLIC = "https://bot.example.com"


class Registration:
    """One channel's bot; `settings` are its section on the stack, `requests` what was asked."""

    def __init__(self, channel: str, settings: Settings, requests: list[Recorded]) -> None:
        self.channel = channel
        self.settings = settings
        self.requests = requests
        self.administrator: dict[str, str] = {}
        self.url = f"{PUBLIC}/webhooks/{channel}/webhook"
        self.sections: dict[str, Settings] = {}
        self.kept: list[Settings] = []
        self.folder = Path("nowhere")

    def platform(self, **options: bool) -> Platform:
        """The bot as it is now."""
        bot = Bot(
            settings=dict(self.settings),
            webhook_url=self.url,
            signed_url=self.url,
            sections=self.sections,
            administrator=self.administrator,
            new_secret=lambda: "fresh-secret",
            **options,
        )
        return PLATFORMS[self.channel](bot)

    def register(self, **options: bool) -> list[str]:
        """Register it; gives what was done."""
        platform = self.platform(**options)
        return self._carry_out(platform, platform.actions())

    def remove(self) -> list[str]:
        """Undo it."""
        platform = self.platform()
        return self._carry_out(platform, platform.removals())

    def _carry_out(self, platform: Platform, actions: list[Any]) -> list[str]:
        report = Report(self.channel)
        Registrar(self._keep, self.folder).carry_out(platform, actions, report)
        return [action.verb.value for action in report.actions]

    def _keep(self, channel: str, new: Settings) -> None:
        assert channel == self.channel
        self.kept.append(new)
        self.settings = {**self.settings, **new}

    def examine(self) -> list[Finding]:
        """What is found."""
        findings = Findings(self.channel)
        self.platform().examine(findings)
        return findings

    def bad(self) -> list[tuple[str, str]]:
        """Level and text of what is not well."""
        return [(each.level.value, each.what) for each in self.examine() if each.level != "ok"]


@contextmanager
def registration(
    channel: str, settings: Callable[[str], Settings], answer: Callable[[Recorded], Answer]
) -> Iterator[Registration]:
    """A bot whose platform's API is a stand-in; `settings(url)` are its section."""
    with recording_server(lambda request: answer(request) or (404, b"{}", {})) as server:
        yield Registration(channel, settings(server.url), server.requests)
