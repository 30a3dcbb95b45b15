"""Twilio Voice: where a number brings its calls."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from channels.clients.platform_api import ApiResponse
from channels.messages.fields import text_of
from ops.findings import Findings
from ops.platforms.api import AdminApi
from ops.platforms.platform import Action, Platform, Probe, Verb, instruct, unchanged
from ops.platforms.twilio.account import TwilioAccount, check
from ops.platforms.twilio.registration import signed_form

_REGISTER = "python -m ops register twilio_voice"

#: A call that is over: nothing follows from it.
_OVER = {"CallSid": "CA00000000000000000000000000000000", "CallStatus": "completed"}


class TwilioVoice(Platform):
    """A number that is called; account and number are the section's, else those of `twilio`."""

    name: ClassVar[str] = "twilio_voice"
    title: ClassVar[str] = "Twilio"

    @cached_property
    def _login(self) -> dict[str, Any]:
        shared = self.bot.sections.get("twilio", {})
        keys = ("account_sid", "api_key_sid", "api_key_secret", "api_base")
        theirs = {key: shared[key] for key in keys if key in shared}
        return {**theirs, **self.settings}

    @cached_property
    def account(self) -> TwilioAccount:
        """The account; Refused where the login is not whole."""
        return TwilioAccount(self._login, self.name)

    @property
    def api(self) -> AdminApi | None:
        """The account's API; None where it is not known which number to look at."""
        return self.account.api if self._number() else None

    def check(self, answer: ApiResponse) -> None:
        """Raise Refused for a status of 400 and more."""
        check(answer)

    def _number(self) -> str:
        shared = self.bot.sections.get("twilio", {})
        number = self.settings.get("twilio_number") or shared.get("twilio_number") or ""
        return "" if str(number).startswith("whatsapp:") else str(number)

    def actions(self) -> list[Action]:
        """VoiceUrl and StatusCallback of the number."""
        if not self._number():
            return [instruct(_by_hand(self.bot.webhook_url))]
        number = self.account.number(self._number())
        what = f"calls of {number.get('phone_number')} go to {self.bot.webhook_url}"
        if self._matches(number) and not self.bot.renew:
            return [unchanged(what)]
        url = text_of(number, "voice_url")
        form = {
            "VoiceUrl": self.bot.webhook_url,
            "VoiceMethod": "POST",
            "VoiceApplicationSid": "",
            "TrunkSid": "",
            "StatusCallback": self.bot.webhook_url,
            "StatusCallbackMethod": "POST",
        }
        before = f", was {self.shown(url)}" if url else ""
        call = self.account.number_call(number, form)
        return [Action(Verb.CHANGE if url else Verb.CREATE, what + before, call)]

    def removals(self) -> list[Action]:
        """No webhook, where it is the bot's."""
        if not self._number():
            return [instruct(f"Clear 'A call comes in' in Twilio's console, on {_PLACE}")]
        number = self.account.number(self._number())
        if not self.is_ours(text_of(number, "voice_url")):
            where = self.shown(text_of(number, "voice_url"))
            return [unchanged(f"calls of {number.get('phone_number')} go to {where}")]
        call = self.account.number_call(number, {"VoiceUrl": "", "StatusCallback": ""})
        return [Action(Verb.DELETE, f"webhook of {number.get('phone_number')}", call)]

    def examine(self, findings: Findings) -> None:
        """The account, and where the calls go."""
        if not self._number():
            findings.ok(
                "which number is called is not told: with 'account_sid' and 'twilio_number' in the "
                "section its webhook is looked at too"
            )
            return
        self.account.examine(findings, self.bot.webhook_url)
        number = self.account.number(self._number())
        if self._matches(number):
            findings.ok(f"calls of {number.get('phone_number')} go to {self.bot.webhook_url}")
        else:
            where = self.shown(text_of(number, "voice_url"))
            findings.error(
                f"calls of {number.get('phone_number')} go to {where}, not to "
                f"{self.bot.webhook_url}",
                _REGISTER,
            )

    def _matches(self, number: dict[str, Any]) -> bool:
        return (
            number.get("voice_url") == self.bot.webhook_url
            and number.get("voice_method") in (None, "", "POST")
            and not number.get("voice_application_sid")
            and not number.get("trunk_sid")
            and number.get("status_callback") == self.bot.webhook_url
        )

    def signed(self) -> Probe | None:
        """A call that is over, signed."""
        return signed_form(self.settings, self.bot.signed_url, _OVER)

    def unsigned(self) -> Probe:
        """The same without a signature."""
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return Probe(body=urlencode(_OVER).encode(), headers=headers)


_PLACE = "the number's page"


def _by_hand(url: str) -> str:
    return (
        f"Enter {url} in Twilio's console, on {_PLACE}: A call comes in, Webhook, HTTP POST. With "
        "'account_sid' and 'twilio_number' in the section it is done for you"
    )
