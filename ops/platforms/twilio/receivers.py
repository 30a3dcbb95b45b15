"""What receives messages at Twilio: a phone number, a messaging service, a WhatsApp sender."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from channels.messages.fields import object_of, text_of
from ops.platforms.api import Call


class Receiver(ABC):
    """What receives messages: its name for people, its present webhook, the call to set one."""

    what: str
    url: str
    method: str

    def matches(self, url: str) -> bool:
        """Whether messages go to an address, by POST."""
        return self.url == url and self.method in ("POST", "")

    @abstractmethod
    def call(self, url: str) -> Call:
        """The call after which messages go to an address; "" for none."""


class Number(Receiver):
    """A phone number (api/phone-numbers/incomingphonenumber-resource)."""

    def __init__(self, number: dict[str, Any]) -> None:
        """Take the number as Twilio describes it."""
        self._number = number
        self.what = text_of(number, "phone_number")
        self.method = text_of(number, "sms_method")
        # An application's address goes before the number's own.
        application = text_of(number, "sms_application_sid")
        self.url = f"the application {application}" if application else text_of(number, "sms_url")

    def call(self, url: str) -> Call:
        """Set SmsUrl, and no application."""
        form = {"SmsUrl": url, "SmsMethod": "POST", "SmsApplicationSid": ""}
        return Call("POST", f"IncomingPhoneNumbers/{self._number['sid']}.json", form=form)


class Service(Receiver):
    """A messaging service (docs/messaging/api/service-resource)."""

    def __init__(self, service: dict[str, Any]) -> None:
        """Take the service as Twilio describes it."""
        self._sid = text_of(service, "sid")
        self.what = f"the service {text_of(service, 'friendly_name') or self._sid}"
        self.method = text_of(service, "inbound_method")
        deferred = service.get("use_inbound_webhook_on_number") is True
        self.url = (
            "the numbers' own webhooks" if deferred else text_of(service, "inbound_request_url")
        )

    def call(self, url: str) -> Call:
        """Set InboundRequestUrl, in place of the numbers' own."""
        form = {
            "InboundRequestUrl": url,
            "InboundMethod": "POST",
            "UseInboundWebhookOnNumber": "false",
        }
        return Call("POST", f"v1/Services/{self._sid}", form=form)


class Sender(Receiver):
    """A WhatsApp sender (docs/whatsapp/api/senders)."""

    def __init__(self, sender: dict[str, Any]) -> None:
        """Take the sender as Twilio describes it."""
        self._sid = text_of(sender, "sid")
        self.what = text_of(sender, "sender_id")
        webhook = object_of(sender, "webhook")
        self.url, self.method = (
            text_of(webhook, "callback_url"),
            text_of(webhook, "callback_method"),
        )

    def call(self, url: str) -> Call:
        """Set the sender's webhook."""
        body = {"webhook": {"callback_url": url, "callback_method": "POST"}}
        return Call("POST", f"v2/Channels/Senders/{self._sid}", json=body)
