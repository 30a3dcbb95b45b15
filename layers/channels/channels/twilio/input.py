"""The Twilio channel: SMS, MMS and WhatsApp messages from Twilio's webhooks in, its REST API out.

    POST /webhooks/twilio/webhook    From=%2B15005550006&Body=Hi&MessageSid=SM...
    200 text/xml                     <Response/>

Rasa's channel (credentials `account_sid`, `auth_token`, `twilio_number`), plus what Rasa leaves
out: it checks that a message comes from Twilio, handles each message once, reads media, buttons,
lists and locations, responds in TwiML, and lets users answer buttons by number.
"""

from __future__ import annotations

import logging
import re

from channels.channel import InputChannel, UserMessage
from channels.http.response import Response
from channels.twilio.error_codes import explained
from channels.twilio.fields import fields_of
from channels.twilio.identity import check_message
from channels.twilio.incoming import read_message, status_of
from channels.twilio.settings import API_BASE, SECTION
from channels.twilio.signature import SignatureVerifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.http.request import Request
    from channels.section import Section
    from channels.twilio.api import TwilioApi
    from channels.twilio.incoming import Incoming
    from channels.twilio.output import TwilioOutput

logger = logging.getLogger(__name__)

APOLOGY = "Sorry, your message could not be taken. Please send it again in a moment."

_SID = re.compile(r"\w+")


class TwilioInput(InputChannel):
    """Input channel for Twilio numbers, WhatsApp senders and messaging services.

    Credentials: Rasa's `account_sid`, `auth_token` and `twilio_number`; ours, all optional:
    `secondary_auth_token`, `webhook_shared_keys`, `allow_unsigned`, `messaging_service_sid`,
    `api_key_sid`, `api_key_secret`, `typing`, `apology`, `api_base`.
    """

    #: Twilio's console offers both.
    methods = ("GET", "POST")

    @classmethod
    def name(cls) -> str:
        """`twilio`."""
        return "twilio"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> TwilioInput:
        """Create the channel from its section; raises CredentialsError for an invalid setting."""
        if not credentials:
            cls.raise_missing_credentials_exception()
        rasas = ("account_sid", "auth_token", "twilio_number")
        return cls(**{**dict.fromkeys(rasas), **credentials})

    def __init__(
        self,
        account_sid: str | None,
        auth_token: str | None,
        twilio_number: str | None = None,
        debug_mode: bool = True,
        **settings: Any,
    ) -> None:
        """Rasa's parameters, then our keys by name; Rasa's `debug_mode` has no effect.

        Raises CredentialsError if a setting is missing or invalid.
        """
        given = SECTION.of(
            {
                "apology": APOLOGY,
                "api_base": API_BASE,
                **settings,
                "account_sid": account_sid,
                "auth_token": auth_token,
                "twilio_number": twilio_number,
            }
        )
        self._verifier = SignatureVerifier.from_section(given)
        self.account_sid = given["account_sid"].matching(_SID, "AC..., as Twilio's console shows")
        self._login = _login(given, self.account_sid)
        self.twilio_number = given["twilio_number"].text()
        self._messaging_service_sid = given["messaging_service_sid"].text()
        if not (self.twilio_number or self._messaging_service_sid):
            raise given.wrong(
                "twilio_number",
                "(or 'messaging_service_sid') is needed: the bot's messages come from it",
            )
        self._api_base = given["api_base"].url().rstrip("/")
        self._apology = given["apology"].text()
        self._typing = given["typing"].switch()
        self._api: TwilioApi | None = None

    def verify(self, request: Request) -> None:
        """Check `X-Twilio-Signature`, which covers the public URL and all fields."""
        if self._verifier is not None:
            self._verifier.verify(request)

    def parse(self, request: Request) -> list[UserMessage]:
        """Return the request's one message; none for status callbacks and other non-messages.

        Raises VerificationError if the message's id or sender may be forged (see `identity`).
        """
        fields = fields_of(request)
        _log_failure(fields)
        incoming = self._read(fields)
        if incoming is None:
            return []
        check_message(request, fields)
        return [self._message(incoming)]

    def _read(self, fields: dict[str, str]) -> Incoming | None:
        """The message in a webhook's fields, None if there is none or it is the bot's own."""
        incoming = read_message(fields)
        return None if incoming and incoming.sender == self.twilio_number else incoming

    def _message(self, incoming: Incoming) -> UserMessage:
        reply_to = {"number": incoming.number, "message_sid": incoming.message_sid}
        return UserMessage(
            incoming.text,
            sender_id=incoming.sender,
            input_channel=self.name(),
            message_id=incoming.message_sid,
            metadata=incoming.metadata,
            reply_to={key: value for key, value in reply_to.items() if value},
        )

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """Return the message's fields in snake case; attachments, button, list, location, ..."""
        incoming = self._read(fields_of(request))
        return incoming.metadata if incoming else None

    def acknowledgement(self, request: Request) -> Response:
        """Respond with empty TwiML: the reply is sent through the API."""
        return _twiml("")

    def unavailable_response(self, request: Request) -> Response | None:
        """Respond with TwiML that sends the apology: by default Twilio does not retry a webhook.

        Respond 503 if `apology` is empty, for a webhook URL that asks for retries (`#rc=3&rp=5xx`).
        """
        if self._apology is None:
            return None
        escaped = self._apology.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return _twiml(f"<Message>{escaped}</Message>")

    def enrich(self, message: UserMessage) -> bool:
        """Replace the number or title that the user chose with the button's payload."""
        if self.memory is not None:
            from channels.twilio.choices import resolve

            resolve(message, self.memory)
        return True

    def output_for(self, message: UserMessage) -> TwilioOutput:
        """Return the output that replies to `message`, from the number it was sent to."""
        return self._output(message.reply_to)

    def get_output_channel(self) -> TwilioOutput:
        """Return the output for messages the bot starts itself, from `twilio_number`."""
        return self._output(None)

    def _output(self, reply_to: dict[str, Any] | None) -> TwilioOutput:
        from channels.twilio.api import TwilioApi
        from channels.twilio.output import TwilioOutput

        if self._api is None:
            self._api = TwilioApi(self.account_sid, self._login, self._api_base)
        return TwilioOutput(
            self.account_sid,
            self._login[1],
            self.twilio_number,
            messaging_service_sid=self._messaging_service_sid,
            reply_to=reply_to,
            typing=self._typing,
            memory=self.memory,
            api=self._api,
        )


def _twiml(verbs: str) -> Response:
    document = f"<Response>{verbs}</Response>" if verbs else "<Response/>"
    return Response.text(document, content_type="text/xml; charset=utf-8")


def _log_failure(fields: dict[str, str]) -> None:
    """Log the id of a message of the bot's that was not delivered."""
    status = status_of(fields)
    if status in ("failed", "undelivered"):
        code = explained(fields.get("ErrorCode", "no error code"))
        logger.warning("twilio: message %s %s: %s", fields.get("MessageSid"), status, code)


def _login(given: Section, account_sid: str) -> tuple[str, str]:
    """User and password for the API: the account's, or those of an API key."""
    sid, secret = given["api_key_sid"].text(), given["api_key_secret"].text()
    if bool(sid) != bool(secret):
        raise given.error("set both 'api_key_sid' and 'api_key_secret', or neither")
    auth_token = given["auth_token"].text()
    if sid and secret:
        return sid, secret
    if auth_token is None:
        raise given.wrong(
            "auth_token",
            "(or 'api_key_sid' and 'api_key_secret') is needed to send: Twilio's console shows it",
        )
    return account_sid, auth_token
