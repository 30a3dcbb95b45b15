"""Calls to Rocket.Chat's REST API with one login; each error class tells what to do next.

    POST <server_url>/api/v1/chat.postMessage    X-Auth-Token, X-User-Id
    {"success": true, "message": {"_id": ...}}  or  {"success": false, "error": ...}

Imported only to send, which keeps a webhook's cold start short.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import requests

from channels.auth.shared_token import SharedToken
from channels.clients.answer_form import AnswerForm
from channels.clients.platform_api import PlatformApi
from channels.clients.retry_after import seconds_of
from channels.errors import (
    CredentialsError,
    PlatformUnavailable,
    RateLimited,
    RecipientGone,
    SendError,
)
from channels.messages.fields import as_object, object_of, text_of
from channels.rocketchat.settings import SECTION

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.channel import KeyValueStore
    from channels.clients.platform_api import ApiResponse

#: An error (server `ApiClass.ts`); without a login, servers before 8.0 respond in their own way.
_FAILED = {"success": False, "error": str}
_NO_LOGIN = {"status": "error", "message": "You must be logged in to do this."}
_POSTED = AnswerForm(
    "Rocket.Chat",
    success=({"success": True, "message": {"_id": str}},),
    error=(_FAILED, _NO_LOGIN),
    setting="server_url",
)

#: The `error` of a login is a number if the reason has no name.
_LOGGED_IN = AnswerForm(
    "Rocket.Chat",
    success=({"status": "success", "data": dict},),
    error=(
        _FAILED,
        {"status": "error", "error": str, "message": str},
        {"status": "error", "error": int, "message": str},
        {"status": "error", "message": "Unauthorized"},
    ),
    setting="server_url",
)

#: How long a login is used (seconds). Rocket.Chat's lasts 90 days (Accounts_LoginExpiration); a
#: login that expires earlier is renewed when the server refuses it.
_LOGIN_LIFETIME = 30 * 86_400.0

#: Seconds to wait when Rocket.Chat limits the rate without saying for how long.
_RETRY_AFTER = 10.0
_RATE = ("too-many-requests", "too many requests")

#: Error texts, in lower case, that mean the room can no longer be reached.
_GONE = (
    "invalid-channel",
    "error-invalid-room",
    "error-room-not-found",
    "error-room-does-not-exist",
    "error-not-allowed",
    "error-user-not-in-room",
    "room_is_blocked",
    "archived",
    "room-closed",
    "readonly",
    "you_have_been_muted",
)


class Account(NamedTuple):
    """The user that makes the calls: its id, and a login's token or a personal access token."""

    user_id: str
    auth_token: str


class RocketChatApi:
    """The REST API of one server, called as one user over connections that are kept alive.

    Logs in with `user` and `password` when first needed, or uses a personal access token (`user_id`
    and `auth_token`). `memory()` returns the channel's memory, through which all instances share
    one login. Methods raise CredentialsError if the login is refused, RecipientGone, RateLimited or
    PlatformUnavailable, and SendError for any other refusal.
    """

    def __init__(
        self,
        server_url: str,
        user: str,
        password: str,
        *,
        user_id: str | None = None,
        auth_token: str | None = None,
        memory: Callable[[], KeyValueStore | None] = lambda: None,
    ) -> None:
        session = requests.Session()
        session.hooks["response"].append(_tell_retry_after)
        base_url = f"{server_url.rstrip('/')}/api/v1"
        self._api = PlatformApi(base_url, session=session, answers=_POSTED)
        self._user, self._password = user, password
        self._personal = Account(user_id, auth_token) if user_id and auth_token else None
        self._login = SharedToken(f"{user}@{server_url}", self._log_in, memory)

    def user_id(self) -> str:
        """Return the id of the user that posts; logs in if there is no login yet."""
        return self._account().user_id

    def post_message(self, message: dict[str, Any]) -> str:
        """Post a message (`chat.postMessage`); return its id."""
        document = self._call("chat.postMessage", message)
        return text_of(object_of(document, "message"), "_id")

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._api.close()

    def _call(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        account = self._account()
        answer = self._authorized(method, arguments, account)
        if answer.status == 401 and self._personal is None:
            account = _account_of(self._login.replace(_token_of(account)))
            answer = self._authorized(method, arguments, account)
        if answer.status == 401:
            key = "password" if self._personal is None else "auth_token"
            raise SECTION.error(f"Rocket.Chat refuses '{key}' of user {account.user_id}")
        return _checked(method, answer)

    def _authorized(self, method: str, arguments: dict[str, Any], account: Account) -> ApiResponse:
        headers = {"X-Auth-Token": account.auth_token, "X-User-Id": account.user_id}
        return self._api.call("POST", method, json=arguments, headers=headers)

    def _account(self) -> Account:
        return self._personal or _account_of(self._login.get())

    def _log_in(self) -> tuple[str, float]:
        # The keys that Rocket.Chat's Python client uses; a server accepts `user` for both.
        key = "user" if "@" in self._user else "username"
        login = {key: self._user, "password": self._password}
        answer = self._api.call("POST", "login", json=login, answers=_LOGGED_IN)
        document = as_object(answer.json)
        if not _is_success(answer, document):
            raise _login_error(answer, document)
        data = object_of(document, "data")
        account = Account(text_of(data, "userId"), text_of(data, "authToken"))
        if not all(account):
            raise PlatformUnavailable("login: the response has no userId or no authToken")
        return _token_of(account), _LOGIN_LIFETIME


def _token_of(account: Account) -> str:
    """A login as one string, in the form it is shared in."""
    return " ".join(account)


def _account_of(token: str) -> Account:
    return Account(*token.split(" ", 1))


def _login_error(answer: ApiResponse, document: dict[str, Any]) -> RateLimited | CredentialsError:
    said = _reason(document)
    reason = answer.without_sent(said)
    if any(each in said.lower() for each in _RATE):
        return RateLimited(f"login: {reason}", _wait(answer.headers.get("x-ratelimit-reset")))
    if "totp-required" in said:
        return SECTION.error(
            "the login requires a second factor, which a bot cannot enter: create a personal "
            "access token that ignores it, and set 'user_id' and 'auth_token'"
        )
    return SECTION.error(
        f"Rocket.Chat refuses 'user' and 'password' ({answer.status} {reason}); if they are right "
        "and the account has a second factor, set 'user_id' and 'auth_token'"
    )


def _checked(method: str, answer: ApiResponse) -> dict[str, Any]:
    document = as_object(answer.json)
    if _is_success(answer, document):
        return document
    raise _error(method, answer, document)


def _is_success(answer: ApiResponse, document: dict[str, Any]) -> bool:
    says_so = document.get("success") is True or document.get("status") == "success"
    return answer.status < 400 and says_so


def _reason(document: dict[str, Any]) -> str:
    """Why a call was refused; a response may repeat one reason under several keys."""
    reasons = (text_of(document, key) for key in ("error", "errorType", "message"))
    return " ".join(dict.fromkeys(each for each in reasons if each))


def _error(method: str, answer: ApiResponse, document: dict[str, Any]) -> SendError:
    text = f"{method}: {answer.status} {answer.without_sent(_reason(document))}"
    said = text.lower()
    if any(each in said for each in _RATE):
        return RateLimited(text, _wait(answer.headers.get("x-ratelimit-reset")))
    if "error-message-size-exceeded" in said:
        return SendError(
            f"{text}: lower 'max_message_size' to the server's Message_MaxAllowedSize "
            "(docs/channels/rocketchat.md)"
        )
    if "not enough permission" in said:
        return SendError(f"{text}: alias and avatar require the permission message-impersonate")
    if any(gone in said for gone in _GONE):
        return RecipientGone(text)
    return SendError(text)


def _wait(reset: str | None) -> float:
    """Seconds until X-RateLimit-Reset (milliseconds since 1970); at most an hour."""
    try:
        left = float(reset or "") / 1000 - time.time()
    except ValueError:
        return _RETRY_AFTER
    seconds = seconds_of(str(left), 0.0)
    return _RETRY_AFTER if seconds is None else seconds


def _tell_retry_after(response: requests.Response, *args: Any, **kwargs: Any) -> None:
    """Copy the wait in Rocket.Chat's own header of a 429 to the header `Retry-After`."""
    if response.status_code == 429 and "retry-after" not in response.headers:
        response.headers["retry-after"] = str(_wait(response.headers.get("x-ratelimit-reset")))
