"""Calls to the Bot Connector API, with errors named after what the worker does next.

    POST <service URL>/v3/conversations/<id>/activities    {...}    -> 200, 201 {"id": "..."} or 202

Source: learn.microsoft.com, "Bot Connector REST API reference" and "Handle Teams bot errors".
Imported only when something is sent, to keep a webhook's cold start short.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import requests

from channels.auth.shared_token import SharedToken
from channels.botframework.settings import SECTION
from channels.clients.answer_form import AnswerForm, Only, json_of, token_answers
from channels.clients.platform_api import PlatformApi
from channels.errors import PlatformUnavailable, RecipientGone, SendError
from channels.messages.fields import as_object, object_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.channel import KeyValueStore
    from channels.clients.platform_api import ApiResponse
    from channels.errors import CredentialsError

#: Where multi-tenant bots log in; single-tenant bots log in to their own tenant.
MULTI_TENANT = "botframework.com"

#: The scope of the bot's token.
SCOPE = "https://api.botframework.com/.default"

#: Codes of Azure's other services, which respond in the connector's form.
_NOT_OURS = (
    "ResourceNotFound|ResourceGroupNotFound|SubscriptionNotFound|AuthorizationFailed"
    "|AuthenticationFailed|InvalidAuthenticationToken"
)
_BLOCKED = 209

#: Errors come from the connector, from the services behind it, or from its own front door.
_ERRORS = (
    {"error": {"code": re.compile(rf"(?!(?:{_NOT_OURS})$)\S.*"), "message": str}},
    {"errorCode": _BLOCKED, "message": str},
    {"errorCode": int, "message": re.compile(r'\s*\{.*"subCode".*', re.S)},
    {"errorCode": int, "message": {"subCode": str}},
    {"message": "Authorization has been denied for this request."},
)
_NOTHING = re.compile(r"(?:\{\s*\})?")

#: An activity gets an id, except from Teams, which may accept it (202) without a body.
_ACTIVITY = AnswerForm("the Bot Connector", ({"id": str}, Only((202, 204), _NOTHING)), _ERRORS)

#: Typing and deleting get an id or nothing, with any of the documented statuses.
_NO_ID = AnswerForm(
    "the Bot Connector", ({"id": str}, Only((200, 201, 202, 204), _NOTHING)), _ERRORS
)
_LOGIN = token_answers("Microsoft", "token_url")

#: Error codes after which nothing can reach the conversation any more.
_GONE = frozenset(
    (
        "BotNotInConversationRoster",
        "BotDisabledByAdmin",
        "ConversationBlockedByUser",
        "ConversationNotFound",
        "ForbiddenOperationException",
        "MessageWritesBlocked",
    )
)

#: Entra ID's login errors, and the key of the credentials that causes each.
_TO_BLAME = {
    "AADSTS700016": "app_tenant_id",
    "AADSTS90002": "app_tenant_id",
    "AADSTS900023": "app_tenant_id",
    "AADSTS7000215": "app_password",
    "AADSTS7000222": "app_password",
}


class Connector:
    """The Bot Connector as called by one bot, over kept-alive connections."""

    def __init__(self, token: SharedToken | None) -> None:
        """Send `token` with each call, or no token if it is None."""
        self._token = token
        self._session = requests.Session()

    @classmethod
    def of_bot(
        cls,
        app_id: str,
        app_password: str,
        tenant: str = "",
        token_url: str = "",
        memory: Callable[[], KeyValueStore | None] = lambda: None,
    ) -> Connector:
        """Make the connector of a bot; it logs in on the first send, and never without an `app_id`.

        `tenant` and `token_url` default to Microsoft's for multi-tenant bots. `memory()` shares
        the token among all instances.
        """
        if not app_id:
            return cls(None)
        tenant = tenant or MULTI_TENANT
        url = token_url or login_url(tenant)
        return cls(
            SharedToken(f"{app_id}:{tenant}", lambda: login(url, app_id, app_password), memory)
        )

    def send(
        self, service_url: str, conversation_id: str, activity: dict[str, Any], method: str = "POST"
    ) -> str:
        """Send an activity to a conversation and return its id, "" if it gets none.

        `PUT` and `DELETE` update or delete the activity whose `id` it carries. A rejected token is
        replaced once. Raises CredentialsError if the bot cannot log in, RateLimited,
        RecipientGone, PlatformUnavailable, and SendError for any other refusal.
        """
        path = f"v3/conversations/{quote(conversation_id, safe='')}/activities"
        if method != "POST":
            path = f"{path}/{quote(str(activity['id']), safe='')}"
        needs_no_id = method == "DELETE" or activity.get("type") == "typing"
        answers = _NO_ID if needs_no_id else _ACTIVITY
        api = PlatformApi(service_url, session=self._session, answers=answers)

        def call(token: str | None) -> ApiResponse:
            headers = {"authorization": f"Bearer {token}"} if token else None
            body = activity if method != "DELETE" else None
            return api.call(method, path, json=body, headers=headers)

        token = self._token.get() if self._token is not None else None
        answer = call(token)
        if answer.status == 401 and self._token is not None and token is not None:
            answer = call(self._token.replace(token))
        return _activity_id(answer)

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._session.close()


def login_url(tenant: str) -> str:
    """Where a tenant's bots log in; a tenant other than the bot's own does not know the app."""
    return f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"


def login(token_url: str, app_id: str, app_password: str) -> tuple[str, float]:
    """Log in with the bot's client secret; returns its access token and the lifetime (seconds).

    Raises CredentialsError naming the key that Entra ID rejects, RateLimited, and
    PlatformUnavailable.
    """
    form = {
        "grant_type": "client_credentials",
        "client_id": app_id,
        "client_secret": app_password,
        "scope": SCOPE,
    }
    api = PlatformApi(token_url, answers=_LOGIN)
    try:
        answer = api.call("POST", "", form=form)
    finally:
        api.close()
    document = as_object(answer.json)
    if answer.status >= 400:
        raise _login_refused(answer, document)
    try:
        return str(document["access_token"]), float(document["expires_in"])
    except (KeyError, TypeError, ValueError):
        raise PlatformUnavailable(f"login: status {answer.status} without a token") from None


def _login_refused(answer: ApiResponse, document: dict[str, Any]) -> CredentialsError:
    said = text_of(document, "error_description")
    number = next((each for each in _TO_BLAME if f"{each}:" in said), "")
    error = answer.without_sent(text_of(document, "error"))
    reason = number or error or f"status {answer.status}"
    keys = f"'{_TO_BLAME[number]}'" if number else "'app_id', 'app_password' and 'app_tenant_id'"
    return SECTION.error(f"Microsoft rejected the login ({reason}): check {keys}")


def _activity_id(answer: ApiResponse) -> str:
    document = as_object(answer.json)
    if answer.status < 300:
        return text_of(document, "id")
    code, said = _error(document)
    reason = f"{answer.status} {code} {answer.without_sent(said)}".strip()
    if answer.status == 401:
        raise SECTION.error(
            f"{reason}: the channel rejected the bot's token: is 'app_id' the Azure Bot's app id, "
            "and 'app_tenant_id' its tenant?"
        )
    if answer.status == 412:  # two writes collided; Microsoft advises sending again
        raise PlatformUnavailable(reason)
    if code in _GONE:
        raise RecipientGone(reason)
    raise SendError(reason)


def _error(document: dict[str, Any]) -> tuple[str, str]:
    """Code and text of an error; services behind the connector send theirs as JSON in a string."""
    error = object_of(document, "error")
    if error:
        return text_of(error, "code"), text_of(error, "message")
    said = document.get("message")
    inner = as_object(json_of(said) if isinstance(said, str) else said)
    return text_of(inner, "subCode"), text_of(inner, "details") or text_of(document, "message")
