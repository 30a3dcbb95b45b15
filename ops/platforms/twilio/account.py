"""A Twilio account and its numbers, for messages and calls alike.

GET  /2010-04-01/Accounts/<AC>/IncomingPhoneNumbers.json?PhoneNumber=+1500...
POST /2010-04-01/Accounts/<AC>/IncomingPhoneNumbers/<PN>.json      SmsUrl, VoiceUrl, ...
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.clients.platform_api import ApiResponse
from channels.messages.fields import objects_of, text_of
from channels.twilio.api import beside
from channels.twilio.error_codes import explained
from channels.twilio.settings import API_BASE
from ops.findings import Findings
from ops.platforms.api import AdminApi, Call, Refused, document

#: Alerts that are read; the newest come first.
_ALERTS = "20"


class TwilioAccount:
    """The APIs of one account: `api` is that of the account, `messaging` of services and senders.

    Raises Refused for settings without which it cannot log in.
    """

    def __init__(self, settings: Mapping[str, Any], section: str) -> None:
        """Log in as the section says: with the account, or with an API key."""
        self._sid = str(settings.get("account_sid") or "")
        user = str(settings.get("api_key_sid") or self._sid)
        secret = settings.get("api_key_secret") if settings.get("api_key_sid") else None
        password = str(secret or settings.get("auth_token") or "")
        if not (self._sid and password):
            raise Refused(
                "Twilio's API cannot be logged in to",
                f"Add 'account_sid' to the section '{section}', beside 'auth_token'.",
            )
        base = str(settings.get("api_base") or API_BASE).rstrip("/")

        def of(url: str) -> AdminApi:
            return AdminApi("Twilio", url, auth=(user, password))

        self.api = of(f"{base}/2010-04-01/Accounts/{self._sid}")
        self.messaging = of(beside(base, "messaging"))
        self._accounts = of(f"{base}/2010-04-01/Accounts")
        self._monitor = of(f"{beside(base, 'monitor')}/v1")

    def number(self, phone_number: str) -> dict[str, Any]:
        """An incoming phone number as Twilio has it; Refused where the account has it not."""
        answer = self.api.get("IncomingPhoneNumbers.json", PhoneNumber=phone_number)
        check(answer)
        found = objects_of(document(answer), "incoming_phone_numbers")
        if not found:
            raise Refused(
                f"the account has no number {phone_number}",
                "Correct 'twilio_number', or buy the number in Twilio's console.",
            )
        return found[0]

    def number_call(self, number: Mapping[str, Any], form: Mapping[str, str]) -> Call:
        """The call that changes a number."""
        return Call("POST", f"IncomingPhoneNumbers/{number['sid']}.json", form=form)

    def examine(self, findings: Findings, webhook_url: str) -> None:
        """Whether the account is active, and what Twilio noted against the webhook."""
        answer = self._accounts.get(f"{self._sid}.json")
        check(answer)
        self.api.skew = self._accounts.skew
        status = text_of(document(answer), "status")
        if status == "active":
            findings.ok("Twilio accepts the login; the account is active")
        else:
            findings.error(f"the account is {status}", "Twilio's console tells why.")
        self._examine_alerts(findings, webhook_url)

    def _examine_alerts(self, findings: Findings, webhook_url: str) -> None:
        answer = self._monitor.get("Alerts", LogLevel="error", PageSize=_ALERTS)
        if answer.status >= 400:
            # An API key without the right to read alerts registers and sends all the same.
            findings.ok(f"Twilio's alerts may not be read with this login ({answer.status})")
            return
        alerts = objects_of(document(answer), "alerts")
        ours = [each for each in alerts if text_of(each, "request_url").startswith(webhook_url)]
        if ours:
            newest = ours[0]
            findings.warn(
                f"{len(ours)} of Twilio's last {len(alerts)} errors are of this webhook, the "
                f"newest {explained(str(newest.get('error_code')))} "
                f"at {newest.get('date_created')}",
                "Look at the error logs in Twilio's console.",
            )


def check(answer: ApiResponse) -> None:
    """Raise Refused for a status of 400 and more."""
    if answer.status < 400:
        return
    said = document(answer)
    code = said.get("code")
    mend = ""
    if answer.status == 401 or code in (20003, 20005, 20404):
        mend = "Check 'account_sid' and 'auth_token' (or the API key) in Twilio's console."
    raise Refused(f"Twilio refuses it: {answer.status}, {explained(str(code))}", mend)
