"""Google Chat: an endpoint that a person enters, and a service account that can be tried."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from channels.errors import CredentialsError, PlatformUnavailable, RateLimited
from channels.hangouts.service_account import ServiceAccount
from channels.hangouts.settings import ENDPOINT, Settings
from ops.findings import Findings
from ops.platforms.api import AdminApi, Call, Refused, Unreachable, document
from ops.platforms.platform import Action, Platform, instruct

_PLACE = "console.cloud.google.com > Google Chat API > Configuration"

#: Google's tokens live an hour; PyJWT's leeway for them is small (seconds).
_CLOCK = 60.0


class GoogleChat(Platform):
    """A Chat app of a Google Cloud project."""

    name: ClassVar[str] = "hangouts"
    title: ClassVar[str] = "Google Chat"
    signature_window: ClassVar[float] = _CLOCK

    @cached_property
    def _checked(self) -> Settings:
        return Settings(self.settings)

    @cached_property
    def api(self) -> AdminApi:
        """Google's published keys: the one part that needs no rights."""
        return AdminApi("Google", self._checked.chat_keys_url)

    def actions(self) -> list[Action]:
        """The endpoint by hand, and the audience that goes with the credentials."""
        is_url = self._checked.audience
        audience = "HTTP endpoint URL" if is_url else "Project number"
        return [
            instruct(
                f"{_PLACE} > Connection settings > HTTP endpoint URL: {self.bot.webhook_url} "
                "(one for all triggers); Visibility: who may find the app; App status: LIVE; "
                f"Authentication audience, where it is asked for: {audience}"
            )
        ]

    def removals(self) -> list[Action]:
        """By hand."""
        return [instruct(f"Switch the app off: {_PLACE} > App status")]

    def examine(self, findings: Findings) -> None:
        """Google's keys, the audience, and the service account's login."""
        answer = self.api.call(Call("GET", ""))
        if document(answer).get("keys"):
            findings.ok("Google's keys can be had")
        else:
            findings.error(
                f"Google's keys cannot be had: status {answer.status}",
                "Leave 'chat_keys_url' out, or correct it.",
            )
        audience = self._checked.audience
        if audience not in ("", ENDPOINT, self.bot.webhook_url):
            findings.error(
                f"'audience' is {audience}, the webhook is {self.bot.webhook_url}",
                "Set 'audience' to the webhook's address, or to 'endpoint'.",
            )
        self._log_in(findings)

    def _log_in(self, findings: Findings) -> None:
        key = self._checked.service_account
        if key is None:
            findings.ok("no 'service_account': slow answers and unasked messages are not sent")
            return
        try:
            ServiceAccount(key).log_in()
        except CredentialsError as error:
            mend = "IAM & Admin > Service accounts > Keys: make a new key, and push it."
            raise Refused(str(error), mend) from error
        except (PlatformUnavailable, RateLimited) as error:
            raise Unreachable(f"Google's login: {error}", "Try again in a minute.") from error
        findings.ok("Google accepts the service account")
