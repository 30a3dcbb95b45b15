"""Calls to Mattermost's REST API, with errors named after what the worker does next.

POST <url>/posts    Authorization: Bearer <token>    {...}
201 {"id": "..."}  or  {"id": "api.context.permissions.app_error", "message": "...", ...}
"""

from __future__ import annotations

import hashlib
import logging
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from channels.auth.shared_token import SharedToken
from channels.clients.answer_form import AnswerForm
from channels.clients.platform_api import PlatformApi
from channels.errors import PlatformUnavailable, RateLimited, RecipientGone, SendError
from channels.mattermost.settings import SECTION
from channels.messages.fields import as_object

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.channel import KeyValueStore
    from channels.clients.platform_api import ApiResponse

logger = logging.getLogger(__name__)

API_PATH = "/api/v4"

#: How long a login's token is used (seconds). Mattermost does not say how long it accepts a token;
#: one that it rejects earlier is replaced.
_LOGIN_LIFE = 86_400.0

#: How long to remember the bot's own user id (seconds).
_USER_LIFE = 30 * 86_400.0

#: How long to remember whether an author is a bot (seconds): an account may become one.
_AUTHOR_LIFE = 86_400.0

_BOT, _PERSON = "bot", "person"

_ARCHIVED = "api.post.create_post.can_not_post_to_deleted.error"
_NO_ROOT = "api.post.create_post.root_id.app_error"
_NO_ROUTE = "api.context.404.app_error"

_NO_PERMISSION = "api.context.permissions.app_error"

#: An error's id is a key of the server's translations, or what a plugin has against the post.
_ERROR_ID = re.compile(r"[a-z]\w*(?:\.[\w-]+)+|Post rejected by plugin\. .*", re.S)
_ERROR = {"id": _ERROR_ID, "message": str, "detailed_error": str, "status_code": int}
_RESPONDED = AnswerForm("Mattermost", (re.compile(r"ok"),), (_ERROR,), "url")

_POST: dict[str, Any] = {"id": str, "create_at": int}
_USER: dict[str, Any] = {"id": str, "username": str}
_DONE: dict[str, Any] = {"status": "OK"}

_HOOK = re.compile(r"/hooks/commands/([A-Za-z0-9]{1,64})$")


class RootGone(SendError):
    """The thread's root post no longer exists: post outside the thread."""


class MattermostApi:
    """The API of one server, called with a token, or with a login whose token all instances share.

    Raises RateLimited, RecipientGone, PlatformUnavailable and SendError; for invalid credentials
    CredentialsError, so that the worker waits for better ones.
    """

    def __init__(
        self,
        url: str,
        token: str | None,
        login: tuple[str, str] | None = None,
        *,
        account: str = "",
        memory: Callable[[], KeyValueStore | None] = lambda: None,
    ) -> None:
        """Call `url` (`https://chat.example.com/api/v4`) with `token`, or with `login` (user, pw).

        `account` names the bot in the channel's `memory()`.
        """
        self._url = url.rstrip("/").removesuffix(API_PATH)
        self._account = account
        self._memory = memory
        self._token = token or ""
        self._login = login or ("", "")
        self._session_token = None if token else SharedToken(account, self._logged_in, memory)
        self._user_id = ""
        self._authors: dict[str, str] = {}
        session = requests.Session()
        session.hooks["response"].append(_tell_retry_after)
        self._api = PlatformApi(self._url, session=session, answers=_form("posts"))
        hooks = f"{self._url}/hooks/commands"
        self._hooks = PlatformApi(hooks, session=session, answers=_RESPONDED)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call a path below `/api/v4/`, again after a new login if needed; returns the JSON."""
        token = self._session_token.get() if self._session_token else self._token
        answer = self._answer(method, path, body, token)
        if answer.status == 401 and self._session_token:
            answer = self._answer(method, path, body, self._session_token.replace(token))
        return _checked(f"{method} {path}", answer)

    def user_id(self) -> str:
        """The bot's own user id, requested once and then remembered."""
        key, memory = f"user:{self._account}", self._memory()
        if not self._user_id and memory is not None:
            self._user_id = memory.get(key) or ""
        if not self._user_id:
            self._user_id = str(as_object(self.call("GET", "users/me")).get("id", ""))
            if memory is not None:
                memory.put(key, self._user_id, _USER_LIFE)
        return self._user_id

    def is_bot(self, user_id: str) -> bool:
        """Whether an account is a bot's, checked once a day; False for one that we cannot see.

        Reads `is_bot` of the user (server `model/user.go`), which webhooks do not contain.
        """
        if not user_id.isalnum():
            return False
        # A hash, so that what is remembered of a person does not identify anybody.
        key = f"author:{hashlib.sha256(user_id.encode()).hexdigest()[:32]}"
        memory = self._memory()
        known = self._authors.get(user_id) or (memory.get(key) if memory is not None else None)
        if not known:
            known = self._asked(user_id)
            if memory is not None:
                memory.put(key, known, _AUTHOR_LIFE)
        self._authors[user_id] = known
        return known == _BOT

    def _asked(self, user_id: str) -> str:
        try:
            user = as_object(self.call("GET", f"users/{user_id}"))
        except (PlatformUnavailable, RateLimited):
            raise
        except SendError as error:
            logger.warning("mattermost: cannot look up an author, assuming a person: %s", error)
            return _PERSON
        return _BOT if user.get("is_bot") is True else _PERSON

    def root_of(self, post_id: str) -> str:
        """The root post of a post's thread; "" if we cannot see the post."""
        if not post_id.isalnum():
            return ""
        try:
            post = as_object(self.call("GET", f"posts/{post_id}"))
        except RecipientGone:
            return ""
        return str(post.get("root_id") or post.get("id", ""))

    def respond(self, response_url: str, message: dict[str, Any]) -> None:
        """Reply to a slash command at its `response_url` (for 30 minutes, up to 5 times).

        Only the hook's id is taken from it: the request always goes to our server.
        """
        hook = _HOOK.search(urlsplit(response_url).path)
        if hook is None:
            raise SendError("response_url is not one of Mattermost's")
        answer = self._hooks.call("POST", hook[1], json=message)
        if answer.status >= 400:
            raise RecipientGone(f"response_url: status {answer.status}")

    def _answer(self, method: str, path: str, body: Any, token: str) -> ApiResponse:
        headers = {"authorization": f"Bearer {token}"}
        return self._api.call(
            method, f"api/v4/{path}", json=body, headers=headers, answers=_form(path)
        )

    def _logged_in(self) -> tuple[str, float]:
        user, pw = self._login
        body = {"login_id": user, "password": pw}
        path = "users/login"
        answer = self._api.call("POST", f"api/v4/{path}", json=body, answers=_form(path))
        token = answer.headers.get("Token")
        if answer.status >= 400 or not token:
            reason = answer.without_sent(_error_id(answer))
            raise SECTION.error(
                f"login refused ({reason}): check 'user' and 'pw', or set 'token' to a bot "
                "account's, which needs no login"
            )
        return token, _LOGIN_LIFE


def _form(path: str) -> AnswerForm:
    """Return the form of the responses at a path below `/api/v4/`."""
    kind, _, rest = path.partition("/")
    returned = {"posts": _POST, "users": _USER}.get(kind, _DONE)
    success = _DONE if rest.endswith("/typing") else returned
    return AnswerForm("Mattermost", (success,), (_ERROR,), "url")


def _checked(call: str, answer: ApiResponse) -> Any:
    if answer.status < 400:
        return answer.json
    error_id = _error_id(answer)
    reason = f"{call}: {answer.status} {answer.without_sent(error_id)}"
    if answer.status == 401:
        raise SECTION.error(f"{reason}: check 'token'")
    if error_id == _NO_ROUTE:
        raise SECTION.error(
            f"{reason}: 'url' is not Mattermost's API: it must be an address such as "
            "https://chat.example.com/api/v4"
        )
    if error_id == _NO_ROOT:
        raise RootGone(reason)
    if answer.status == 404 or error_id in (_ARCHIVED, _NO_PERMISSION):
        raise RecipientGone(reason)
    raise SendError(reason)


def _error_id(answer: ApiResponse) -> str:
    """Mattermost's id of an error; its `message` may repeat what was sent."""
    return str(as_object(answer.json).get("id", "")) if answer.status >= 400 else ""


def _tell_retry_after(response: requests.Response, *args: Any, **kwargs: Any) -> None:
    """Copy the seconds of Mattermost's own header to the standard one, `Retry-After`."""
    reset = response.headers.get("x-ratelimit-reset")
    if response.status_code == 429 and reset and "retry-after" not in response.headers:
        response.headers["retry-after"] = reset
