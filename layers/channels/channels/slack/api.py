"""Calls to Slack's Web API; each error class tells the worker what to do next.

Slack refuses a call with a 200: `{"ok": false, "error": "channel_not_found"}`.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from channels.clients.answer_form import AnswerForm
from channels.clients.platform_api import PlatformApi
from channels.clients.retry_after import seconds_of
from channels.errors import PlatformUnavailable, RateLimited, RecipientGone, SendError
from channels.messages.fields import as_object, object_of
from channels.slack.settings import SECTION

if TYPE_CHECKING:
    from typing import Any

    from channels.clients.platform_api import ApiResponse

#: Errors caused by the token: the message waits until an operator has fixed it.
_CREDENTIALS = frozenset(
    (
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "no_permission",
        "missing_scope",
        "not_allowed_token_type",
        "org_login_required",
    )
)
#: Errors that mean the conversation can no longer be reached.
_GONE = frozenset(
    (
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "user_not_found",
        "users_not_found",
        "user_disabled",
        "user_not_in_channel",
        "user_not_visible",
        "cannot_dm_bot",
        "messages_tab_disabled",
        "restricted_action_read_only_channel",
        "team_access_not_granted",
    )
)
_PASSING = frozenset(
    (
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
    )
)
_RATE = frozenset(["ratelimited", "rate_limited"])

#: Seconds to wait when Slack says `ratelimited` without saying for how long.
_RETRY_AFTER = 5.0

#: A Slack error code: several words, or one of these.
_CODE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+|ratelimited|accesslimited")
_REFUSED = {"ok": False, "error": _CODE}
_ID = re.compile(r"[A-Z][A-Z0-9]+")
_TS = re.compile(r"\d+\.\d+")
_URL = re.compile(r"https?://\S+")

#: What each method returns on success (docs.slack.dev/reference/methods). Slack refuses with 200,
#: too. Other methods return no more than `{"ok": true}`.
_RETURNS: dict[str, dict[str, Any]] = {
    "chat.postMessage": {"ts": _TS},
    "chat.postEphemeral": {"message_ts": _TS},
    "conversations.open": {"channel": {"id": _ID}},
    "files.getUploadURLExternal": {"upload_url": _URL, "file_id": _ID},
    "files.completeUploadExternal": {"files": [{"id": _ID}]},
}

#: Outside the Web API, Slack also responds `ok`, `OK - 5`, or a bare error code.
_RESPONDED = AnswerForm("Slack", ({"ok": True}, _REFUSED, re.compile(r"ok")), (_REFUSED, _CODE))
_UPLOADED = AnswerForm("Slack", (re.compile(r"OK(?: - \d+)?"), _REFUSED), (_REFUSED, _CODE))

_JSON = {"content-type": "application/json; charset=utf-8"}
_HOSTS = (".slack.com", ".slack-gov.com")


class SlackApi:
    """Slack's Web API, called with one token.

    `api_base` is `https://slack.com/api/` by default; `proxy` is an HTTP proxy's URL. Methods raise
    RateLimited, RecipientGone, PlatformUnavailable or SendError, and CredentialsError if Slack
    rejects the token: the worker then waits for a valid one.
    """

    def __init__(self, token: str, api_base: str, proxy: str | None = None) -> None:
        self._api_base = api_base
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._api = self._below(api_base, _form(""), {"authorization": f"Bearer {token}"})

    def call(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Call a method (`chat.postMessage`) with JSON; return the response's object."""
        answer = self._api.call(
            "POST", method, json=arguments, headers=_JSON, answers=_form(method)
        )
        return _checked(method, answer)

    def respond(self, response_url: str, message: dict[str, Any]) -> None:
        """Reply to a click or a command at its `response_url` (5 times within 30 minutes)."""
        if not self._is_slacks(response_url):
            raise SendError("response_url does not point to Slack")
        api = self._below(response_url, _RESPONDED)
        try:
            answer = api.call("POST", "", json=message, headers=_JSON)
        finally:
            api.close()
        if answer.status >= 400 or as_object(answer.json).get("ok") is False:
            raise SendError(f"response_url: status {answer.status}")

    def upload(self, name: str, content: bytes, target: dict[str, str]) -> str:
        """Upload a file and post it to `target` (`channel_id`, `thread_ts`); return its id."""
        form = {"filename": name, "length": str(len(content))}
        method = "files.getUploadURLExternal"
        answer = self._api.call("POST", method, form=form, answers=_form(method))
        place = _checked(method, answer)
        file_id = str(place.get("file_id", ""))
        api = self._below(str(place.get("upload_url", "")), _UPLOADED)
        try:
            answer = api.call("POST", "", form=content)
        finally:
            api.close()
        if answer.status >= 400 or as_object(answer.json).get("ok") is False:
            raise SendError(f"{name}: upload refused with status {answer.status}")
        files = [{"id": file_id, "title": name}]
        self.call("files.completeUploadExternal", {"files": files, **target})
        return file_id

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._api.close()

    def _below(
        self, base_url: str, answers: AnswerForm, headers: dict[str, str] | None = None
    ) -> PlatformApi:
        session = requests.Session()
        session.proxies.update(self._proxies)
        return PlatformApi(base_url, headers, session, answers)

    def _is_slacks(self, url: str) -> bool:
        base = urlsplit(self._api_base)
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        if (parts.scheme, parts.netloc) == (base.scheme, base.netloc):
            return True
        return parts.scheme == "https" and f".{parts.hostname or ''}".endswith(_HOSTS)


def _form(method: str) -> AnswerForm:
    """Return the form of a method's responses."""
    success = {"ok": True, **_RETURNS.get(method, {})}
    return AnswerForm("Slack", (success, _REFUSED), (_REFUSED,), "api_base")


def _checked(method: str, answer: ApiResponse) -> dict[str, Any]:
    body = as_object(answer.json)
    if body.get("ok") is True:
        return body
    code = str(body.get("error", f"status {answer.status}"))
    reason = f"{method}: {answer.without_sent(code)}"
    if code in _RATE:
        wait = seconds_of(answer.headers.get("retry-after"), time.time())
        raise RateLimited(reason, _RETRY_AFTER if wait is None else wait)
    if code in _CREDENTIALS:
        needed = f" (needed: {body['needed']})" if body.get("needed") else ""
        raise SECTION.error(f"{reason}{needed}: check 'slack_token' and the app's scopes")
    if code in _GONE:
        raise RecipientGone(reason)
    if code in _PASSING:
        raise PlatformUnavailable(reason)
    raise SendError(f"{reason}{answer.without_sent(_details(body))}")


def _details(body: dict[str, Any]) -> str:
    messages = object_of(body, "response_metadata").get("messages")
    return f" {'; '.join(map(str, messages))}" if isinstance(messages, list) else ""
