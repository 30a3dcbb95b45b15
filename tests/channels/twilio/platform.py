"""Twilio: a WhatsApp user, who answers a list by its number, and the Messages API."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, unquote_plus, urlencode

from twilio.request_validator import RequestValidator

from tests.channels.twilio.administration import TwilioAdministration
from tests.e2e.platforms.platform import JSON, PUBLIC_BASE_URL, SECRET, Platform


class Twilio(Platform):
    name = "twilio"
    longest = 1600
    example = "whatsapp_text"

    def __init__(self) -> None:
        self.administration = TwilioAdministration(SECRET)

    def credentials(self, url):
        return {
            "account_sid": "AC00000000000000000000000000000001",
            "auth_token": SECRET,
            "twilio_number": "whatsapp:+14155238886",
            "api_base": url,
        }

    def message(self, text, number, base=PUBLIC_BASE_URL):
        """A message, signed for the webhook below a base URL."""
        sid = f"SM{number:032}"
        fields = {
            "AccountSid": "AC00000000000000000000000000000001",
            "Body": text,
            "From": "whatsapp:+15005550006",
            "MessageSid": sid,
            "NumMedia": "0",
            "ProfileName": "Ann",
            "SmsMessageSid": sid,
            "SmsSid": sid,
            "SmsStatus": "received",
            "To": "whatsapp:+14155238886",
            "WaId": "15005550006",
        }
        url = f"{base}/webhooks/twilio/webhook"
        return urlencode(fields).encode(), {
            "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            "x-twilio-signature": RequestValidator(SECRET).compute_signature(url, fields),
        }

    def click(self, payload, number, calls):
        numbers = {"/mood_great": "1", "/mood_unhappy": "2"}
        return self.message(numbers[payload], number)

    def answer(self, request, number):
        body = {"sid": f"SM{number:032}", "status": "queued"}
        return 201, json.dumps(body).encode(), JSON

    def limited(self):
        more = "https://www.twilio.com/docs/errors/20429"
        error = {"code": 20429, "message": "Too Many Requests", "more_info": more, "status": 429}
        return 429, json.dumps(error).encode(), {**JSON, "retry-after": "1"}

    def content(self, request):
        return unquote_plus(request.body.decode())

    def texts(self, request):
        return parse_qs(request.body.decode()).get("Body", [])


PLATFORM = Twilio()
