"""Calls to the Google Chat API, as the bot's service account.

    POST <api_base>/spaces/AAA/messages?requestId=...    {"text": "hi"}

Imported only when something is sent, to keep a webhook's cold start short.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from channels.auth.shared_token import SharedToken
from channels.clients.answer_form import AnswerForm
from channels.clients.platform_api import PlatformApi
from channels.errors import RecipientGone, SendError
from channels.hangouts.settings import SECTION
from channels.messages.fields import as_object, object_of, objects_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.channel import KeyValueStore
    from channels.clients.platform_api import ApiResponse
    from channels.hangouts.service_account import ServiceAccount

#: Names of google.rpc.Code, which every Google API's errors have.
_STATUS = re.compile(
    "INVALID_ARGUMENT|FAILED_PRECONDITION|OUT_OF_RANGE|UNAUTHENTICATED|PERMISSION_DENIED|NOT_FOUND"
    "|ABORTED|ALREADY_EXISTS|RESOURCE_EXHAUSTED|CANCELLED|UNIMPLEMENTED|UNKNOWN|INTERNAL"
)

_OWN = AnswerForm(
    "Google Chat",
    success=({"name": re.compile(r"spaces/[^/]+/messages/[^/]+")},),
    error=({"error": {"code": int, "message": str, "status": _STATUS}},),
    setting="api_base",
)

_IN_THREAD = {"messageReplyOption": "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"}

#: `reason` of errors of a project that is not set up, whatever is sent and to whom.
_SETUP = frozenset(
    (
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        "CONSUMER_INVALID",
        "SERVICE_DISABLED",
    )
)
_NO_APP = "google chat app not found"

#: Texts of a 403, in lower case, that mean the app is not in the space (any more).
_NOT_A_MEMBER = ("not a member", "does not have permission")


class ChatApi:
    """The Chat API as called by one app, over kept-alive connections."""

    def __init__(
        self, account: ServiceAccount, api_base: str, memory: Callable[[], KeyValueStore | None]
    ) -> None:
        """Log in on the first call; `memory()` shares the token among all instances."""
        self._token = SharedToken(account.email, account.log_in, memory)
        self._api = PlatformApi(api_base, answers=_OWN)

    def create_message(self, space: str, message: dict[str, Any], request_id: str) -> str:
        """Post a message to `spaces/...`; returns the message's resource name.

        With the `request_id` of an earlier call, nothing is posted and the earlier message's name
        is returned; "" means no id. Raises RecipientGone if the bot is not in the space,
        CredentialsError for a project that is not set up, RateLimited, PlatformUnavailable, and
        SendError for any other refusal.
        """
        parameters = {"requestId": request_id} if request_id else {}
        if "thread" in message:
            parameters = {**_IN_THREAD, **parameters}
        answer = self._post(f"{space}/messages", message, parameters)
        document = as_object(answer.json)
        if answer.status >= 400:
            raise _error(answer, document)
        return str(document.get("name", ""))

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._api.close()

    def _post(self, path: str, message: dict[str, Any], parameters: dict[str, str]) -> ApiResponse:
        token = self._token.get()
        answer = self._call(path, message, parameters, token)
        if answer.status == 401:
            answer = self._call(path, message, parameters, self._token.replace(token))
        return answer

    def _call(
        self, path: str, message: dict[str, Any], parameters: dict[str, str], token: str
    ) -> ApiResponse:
        headers = {"authorization": f"Bearer {token}"}
        return self._api.call("POST", path, json=message, params=parameters, headers=headers)


def _error(answer: ApiResponse, document: dict[str, Any]) -> Exception:
    status, error = answer.status, object_of(document, "error")
    said = str(error.get("message", ""))
    told = answer.without_sent(said)
    text = f"spaces.messages.create: {status} {error.get('status', '')}: {told}"
    reasons = {str(each.get("reason")) for each in objects_of(error, "details")}
    if status == 401 or reasons & _SETUP or _NO_APP in said.lower():
        return SECTION.error(
            f"{text}: does 'service_account' belong to the Chat app's project, and is the Chat API "
            "enabled and configured there?"
        )
    is_barred = status == 403 and any(each in said.lower() for each in _NOT_A_MEMBER)
    return RecipientGone(text) if is_barred or status == 404 else SendError(text)
