"""Twilio: where a number, a messaging service or a WhatsApp sender brings its messages."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from channels.clients.platform_api import ApiResponse
from channels.http.request import Request
from channels.messages.fields import objects_of
from channels.twilio.signature import sign
from ops.findings import Findings
from ops.platforms.api import AdminApi, Call, Refused, document
from ops.platforms.platform import Action, Platform, Probe, Verb, instruct, unchanged
from ops.platforms.twilio.account import TwilioAccount, check
from ops.platforms.twilio.receivers import Number, Receiver, Sender, Service

_REGISTER = "python -m ops register twilio"
_WHATSAPP = "whatsapp:"
_SANDBOX = "WhatsApp sandbox > Sandbox settings"
_FORM = {"content-type": "application/x-www-form-urlencoded"}


class Twilio(Platform):
    """A number, a messaging service or a WhatsApp sender."""

    name: ClassVar[str] = "twilio"
    title: ClassVar[str] = "Twilio"

    @cached_property
    def account(self) -> TwilioAccount:
        """The account; Refused where the login is not whole."""
        return TwilioAccount(self.settings, self.name)

    @property
    def api(self) -> AdminApi:
        """The account's API."""
        return self.account.api

    def check(self, answer: ApiResponse) -> None:
        """Raise Refused for a status of 400 and more."""
        check(answer)

    def perform(self, call: Call) -> ApiResponse:
        """Make the call of an action; services and senders have an API of their own."""
        if not call.path.startswith(("v1/", "v2/")):
            return super().perform(call)
        answer = self.account.messaging.call(call)
        check(answer)
        return answer

    def actions(self) -> list[Action]:
        """The webhook of whatever receives the messages."""
        receiver = self._receiver()
        if receiver is None:
            return [instruct(_sandbox(self.bot.webhook_url))]
        what = f"messages to {receiver.what} go to {self.bot.webhook_url}"
        if receiver.matches(self.bot.webhook_url) and not self.bot.renew:
            return [unchanged(what)]
        before = f", was {self.shown(receiver.url)}" if receiver.url else ""
        verb = Verb.CHANGE if receiver.url else Verb.CREATE
        return [Action(verb, what + before, receiver.call(self.bot.webhook_url))]

    def removals(self) -> list[Action]:
        """No webhook, where it is the bot's."""
        receiver = self._receiver()
        if receiver is None:
            return [instruct(f"Clear the sandbox's webhook: {_SANDBOX}")]
        if not self.is_ours(receiver.url):
            return [unchanged(f"messages to {receiver.what} go to {self.shown(receiver.url)}")]
        return [Action(Verb.DELETE, f"webhook of {receiver.what}", receiver.call(""))]

    def examine(self, findings: Findings) -> None:
        """The account, and where the messages go."""
        self.account.examine(findings, self.bot.webhook_url)
        receiver = self._receiver()
        if receiver is None:
            findings.ok("the sandbox's webhook is not told by any API; look there: " + _SANDBOX)
        elif receiver.matches(self.bot.webhook_url):
            findings.ok(f"messages to {receiver.what} go to {receiver.url}")
        else:
            findings.error(
                f"messages to {receiver.what} go to {self.shown(receiver.url)} "
                f"({receiver.method or 'no method'}), not to {self.bot.webhook_url}",
                _REGISTER,
            )

    def _receiver(self) -> Receiver | None:
        """What receives the messages; None is WhatsApp's sandbox, which no API knows."""
        service = self.settings.get("messaging_service_sid")
        number = str(self.settings.get("twilio_number") or "")
        if service:
            return Service(document(self.perform(Call("GET", f"v1/Services/{service}"))))
        if number.startswith(_WHATSAPP):
            return self._sender(number)
        if not number:
            raise Refused("no number", "Set 'twilio_number' or 'messaging_service_sid'.")
        return Number(self.account.number(number))

    def _sender(self, number: str) -> Sender | None:
        params = {"Channel": "whatsapp", "PageSize": "1000"}
        answer = self.perform(Call("GET", "v2/Channels/Senders", params=params))
        senders = objects_of(document(answer), "senders")
        ours = [each for each in senders if each.get("sender_id") == number]
        return Sender(ours[0]) if ours else None

    def signed(self) -> Probe | None:
        """The status of a message, which is none, signed."""
        return signed_form(self.settings, self.bot.signed_url, {"MessageStatus": "sent"})

    def unsigned(self) -> Probe:
        """The same without a signature."""
        return Probe(body=urlencode({"MessageStatus": "sent"}).encode(), headers=_FORM)


def _sandbox(url: str) -> str:
    return (
        "No WhatsApp sender of the account has 'twilio_number'. Is it the sandbox's? Then enter "
        f"{url} in Twilio's console: {_SANDBOX} > When a message comes in, POST"
    )


def signed_form(settings: dict[str, Any], url: str, fields: dict[str, str]) -> Probe | None:
    """A form as Twilio signs it for an address; None without an auth token."""
    token = settings.get("auth_token") or settings.get("secondary_auth_token")
    if not token:
        return None
    body = urlencode(fields).encode()
    base, webhooks, path = url.partition("/webhooks/")
    request = Request("POST", f"{webhooks}{path}", _FORM, body, base_url=base)
    headers = {**_FORM, "x-twilio-signature": sign(str(token), request)}
    return Probe(body=body, headers=headers)
