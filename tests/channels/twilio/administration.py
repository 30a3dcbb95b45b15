"""Twilio's numbers, services, senders and alerts."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qs, urlsplit

from tests.servers.recording_server import Answer, Recorded

JSON = {"content-type": "application/json"}
ACCOUNT = "AC00000000000000000000000000000001"


class TwilioAdministration:
    """One account with a number, a messaging service and a WhatsApp sender."""

    def __init__(self, auth_token: str) -> None:
        self.auth_token = auth_token
        self.status = "active"
        self.alerts: list[dict[str, object]] = []
        self.number: dict[str, object] = {
            "sid": "PN1",
            "phone_number": "+15005550010",
            "sms_url": "https://demo.twilio.com/welcome/sms/reply",
            "sms_method": "POST",
            "sms_application_sid": "",
            "voice_url": "",
            "voice_method": "POST",
            "status_callback": "",
        }
        self.service: dict[str, object] = {
            "sid": "MG1",
            "friendly_name": "Support",
            "inbound_request_url": None,
            "inbound_method": "POST",
            "use_inbound_webhook_on_number": True,
        }
        self.sender: dict[str, object] = {
            "sid": "XE1",
            "sender_id": "whatsapp:+14155238886",
            "webhook": {"callback_url": "", "callback_method": "POST"},
        }

    def answer(self, request: Recorded) -> Answer:
        parts = urlsplit(request.path)
        mine = {
            f"/2010-04-01/Accounts/{ACCOUNT}.json": self._account,
            f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json": self._numbers,
            f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers/PN1.json": self._number,
            "/v1/Services/MG1": self._service,
            "/v1/Alerts": self._alerts,
            "/v2/Channels/Senders": self._senders,
            "/v2/Channels/Senders/XE1": self._sender,
        }.get(parts.path)
        if mine is None:
            return None
        pair = base64.b64encode(f"{ACCOUNT}:{self.auth_token}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {pair}":
            return 401, b'{"code": 20003, "message": "Authenticate", "status": 401}', JSON
        return 200, json.dumps(mine(request, parse_qs(parts.query))).encode(), JSON

    def _account(self, request, query):
        return {"sid": ACCOUNT, "status": self.status}

    def _numbers(self, request, query):
        wanted = query.get("PhoneNumber") == [self.number["phone_number"]]
        return {"incoming_phone_numbers": [self.number] if wanted else []}

    def _number(self, request, query):
        names = {
            "SmsUrl": "sms_url",
            "SmsMethod": "sms_method",
            "SmsApplicationSid": "sms_application_sid",
            "VoiceUrl": "voice_url",
            "VoiceMethod": "voice_method",
            "VoiceApplicationSid": "voice_application_sid",
            "TrunkSid": "trunk_sid",
            "StatusCallback": "status_callback",
            "StatusCallbackMethod": "status_callback_method",
        }
        self.number |= {names[key]: value for key, value in self._form(request).items()}
        return self.number

    def _service(self, request, query):
        if request.method == "POST":
            form = self._form(request)
            self.service |= {
                "inbound_request_url": form["InboundRequestUrl"],
                "inbound_method": form["InboundMethod"],
                "use_inbound_webhook_on_number": form["UseInboundWebhookOnNumber"] == "true",
            }
        return self.service

    def _alerts(self, request, query):
        return {"alerts": self.alerts}

    def _senders(self, request, query):
        return {"senders": [self.sender]}

    def _sender(self, request, query):
        self.sender |= request.json
        return self.sender

    @staticmethod
    def _form(request: Recorded) -> dict[str, str]:
        fields = parse_qs(request.body.decode(), keep_blank_values=True)
        return {key: values[0] for key, values in fields.items()}
