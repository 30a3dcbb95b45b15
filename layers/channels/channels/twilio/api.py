"""Calls to Twilio's REST API; each error class tells the caller what to do next.

    POST <api_base>/2010-04-01/Accounts/<account_sid>/Messages.json    To=..&From=..&Body=..
    201 {"sid": "SM...", "status": "queued"}
    400 {"code": 21211, "message": "The 'To' number ... is not a valid phone number.", ...}

Imported only to send, which keeps a webhook's cold start short.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from channels.clients.answer_form import AnswerForm
from channels.clients.platform_api import PlatformApi
from channels.errors import CredentialsError, RateLimited, RecipientGone, SendError
from channels.messages.fields import as_object
from channels.twilio.error_codes import explained
from channels.twilio.settings import API_BASE, SECTION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from channels.clients.platform_api import ApiResponse

_ERROR = {
    "code": int,
    "message": str,
    "more_info": re.compile(r"https?://www\.twilio\.com/docs/\S+"),
    "status": int,
}
_SID = re.compile(r"(?:SM|MM)[0-9a-f]{32}")
_MESSAGES = AnswerForm("Twilio", ({"sid": _SID},), (_ERROR,), "api_base")
_INDICATORS = AnswerForm("Twilio", ({"success": True},), (_ERROR,), "api_base")

#: Error codes by meaning (twilio.com/docs/api/errors): the credentials are refused; too many
#: requests, or too many messages queued for one number; the user wrote STOP.
_CREDENTIALS = (20003, 20005, 20404)
_RATE = (20429, 21611)
_GONE = (21610,)

#: Seconds to wait when a number's queue is full; it holds hours of messages.
_RETRY_AFTER = 60.0


class TwilioApi:
    """The API of one account, over connections that are kept alive.

    `login` is the account SID and auth token, or the SID and secret of an API key.
    """

    def __init__(self, account_sid: str, login: tuple[str, str], api_base: str = API_BASE) -> None:
        self._login = login
        headers = {"Accept": "application/json"}
        base = api_base.rstrip("/")
        account = f"{base}/2010-04-01/Accounts/{account_sid}"
        messaging = f"{beside(base, 'messaging')}/v2"
        self._account = PlatformApi(account, headers, answers=_MESSAGES)
        self._messaging = PlatformApi(messaging, headers, answers=_INDICATORS)

    def send_message(self, parameters: Mapping[str, str | list[str]]) -> str:
        """Send a message, given as Twilio's parameters (`To`, `Body`, ...); return its SID.

        Raises CredentialsError, RecipientGone, RateLimited or PlatformUnavailable, and SendError
        for any other refusal.
        """
        document = self._post(self._account, "Messages.json", parameters)
        return str(document.get("sid", ""))

    def show_typing(self, message_sid: str) -> None:
        """Show WhatsApp's typing indicator to the sender of a message, and mark it as read.

        Raises SendError or one of its subclasses.
        """
        parameters = {"channel": "whatsapp", "messageId": message_sid}
        try:
            self._post(self._messaging, "Indicators/Typing.json", parameters)
        except CredentialsError as error:
            # A 404 means an old message here, and no indicator is worth holding up the turn.
            raise SendError(str(error)) from error

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._account.close()
        self._messaging.close()

    def _post(
        self, api: PlatformApi, path: str, parameters: Mapping[str, str | list[str]]
    ) -> dict[str, Any]:
        form = {name: _encoded(value) for name, value in parameters.items()}
        answer = api.call("POST", path, form=form, auth=self._login)
        document = as_object(answer.json)
        if answer.status >= 400:
            raise _error(answer, document)
        return document


def beside(api_base: str, product: str) -> str:
    """Return the base URL of another Twilio API (`messaging`): a custom `api_base` serves all."""
    base = api_base.rstrip("/")
    return f"https://{product}.twilio.com" if base == API_BASE else base


def _encoded(value: str | list[str]) -> bytes | list[bytes]:
    if isinstance(value, list):
        return [each.encode("utf-8", "replace") for each in value]
    return value.encode("utf-8", "replace")


def _error(answer: ApiResponse, document: dict[str, Any]) -> Exception:
    code, said = document.get("code"), str(document.get("message", ""))
    text = f"status {answer.status}: {explained(str(code))}: {answer.without_sent(said)[:300]}"
    if answer.status == 401 or code in _CREDENTIALS:
        return SECTION.error(f"{text}: check 'account_sid', and 'auth_token' or the API key")
    if code in _GONE:
        return RecipientGone(text)
    if code in _RATE:
        return RateLimited(text, _RETRY_AFTER)
    return SendError(text)
