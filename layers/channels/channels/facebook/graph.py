"""Meta's Send API for one page: calls, and errors named after what the worker does next."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING

from channels.clients.answer_form import AnswerForm, json_of
from channels.errors import PlatformUnavailable, RateLimited, RecipientGone, SendError
from channels.facebook.settings import SECTION
from channels.messages.fields import as_object

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from channels.clients.platform_api import PlatformApi
    from channels.errors import ChannelError

#: Graph's error, which may come with any status.
_ERROR = {
    "error": {
        "code": int,
        "type": re.compile(r"\w*Exception"),
        "message": str,
        "fbtrace_id": str,
    }
}

#: The Send API's responses to a message, and to a `sender_action` such as typing.
MESSAGE = AnswerForm("Meta", ({"message_id": str}, _ERROR), (_ERROR,), "api_base")
_ACTION = AnswerForm("Meta", ({"recipient_id": str}, _ERROR), (_ERROR,), "api_base")

#: Error codes, from developers.facebook.com/docs/messenger-platform/error-codes and
#: developers.facebook.com/docs/graph-api/guides/error-handling.
_RATE_LIMITS = {4, 17, 32, 341, 613, 80001, 80002, 80006}
_PASSING = {-1, 1, 2, 1200}
_TOKEN = {102, 190}
_PERMISSIONS = {3, 10, *range(200, 300)}

#: Users who cannot be written to: they blocked or left the bot (551), are unknown to this page, or
#: have been silent for longer than the window in which a bot may write (24 hours).
_GONE = {551}
_GONE_SUBCODES = {1545041, 2018001, 2018065, 2018108, 2018278, 2534014, 2534022}

#: How long to wait if a rate limit does not say (seconds).
_RETRY_AFTER = 30.0
_LONGEST_RETRY_AFTER = 3600.0


class GraphPage:
    """Sends as one page or Instagram account."""

    def __init__(self, api: PlatformApi, path: str, token: str, app_secret: str | None) -> None:
        """Post to `path` with the page's token, proved by the app's secret if given."""
        self._api = api
        self._path = path
        # Not as the query parameter `access_token`: intermediaries log URLs.
        self._headers = {"authorization": f"Bearer {token}"}
        self._params = {"appsecret_proof": appsecret_proof(token, app_secret)} if app_secret else {}

    def post(self, body: dict[str, Any]) -> str:
        """Make one call; returns the platform's id of the message, "" if it gives none.

        Raises RateLimited, RecipientGone, PlatformUnavailable or SendError; CredentialsError if
        Meta rejects the token or the app's permissions, which only new credentials can fix.
        """
        answer = self._api.call(
            "POST",
            self._path,
            json=body,
            params=self._params,
            headers=self._headers,
            answers=MESSAGE if "message" in body else _ACTION,
        )
        document = as_object(answer.json)
        if "error" in document:
            raise graph_error(document["error"], answer.headers)
        return str(document.get("message_id") or "")


def appsecret_proof(token: str, app_secret: str) -> str:
    """Proof that the caller knows the app's secret, in hex (Meta: "Securing Requests")."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def graph_error(error: Mapping[str, Any], headers: Mapping[str, str]) -> ChannelError:
    """The error to raise for a Graph error; it omits Meta's text, which quotes tokens."""
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    where = f"code {code}/{subcode}, fbtrace_id {error.get('fbtrace_id')}"
    if code in _RATE_LIMITS:
        return RateLimited(where, _retry_after(headers))
    if code in _GONE or subcode in _GONE_SUBCODES:
        return RecipientGone(where)
    if code in _PASSING or error.get("is_transient") is True:
        return PlatformUnavailable(where)
    problem = _credentials_problem(code, str(error.get("message")))
    if problem:
        return SECTION.error(f"{problem}: {where}")
    return SendError(where)


def _credentials_problem(code: int, message: str) -> str:
    """What to fix in the credentials or on Meta's pages, "" if nothing."""
    if code in _TOKEN:
        return (
            "Meta rejected the page's token: create a new one and put it into 'page-access-token' "
            "or 'page_tokens'"
        )
    if "appsecret_proof" in message:  # this error has no code of its own
        return (
            "'secret' does not belong to the token's app: put that app's secret first, or set "
            "'appsecret_proof: false'"
        )
    if code in _PERMISSIONS:
        return (
            "the app may not write as this page: check that it has the permission "
            "pages_messaging and that the page is not restricted"
        )
    return ""


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds, from the minutes that `X-Business-Use-Case-Usage` estimates."""
    usage = json_of(headers.get("x-business-use-case-usage") or "{}")
    try:
        minutes = max(
            float(each.get("estimated_time_to_regain_access") or 0)
            for entries in usage.values()
            for each in entries
        )
    except (AttributeError, TypeError, ValueError):
        return _RETRY_AFTER
    return min(minutes * 60, _LONGEST_RETRY_AFTER) if minutes > 0 else _RETRY_AFTER


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
