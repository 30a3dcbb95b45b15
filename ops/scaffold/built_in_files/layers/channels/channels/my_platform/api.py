"""Calls of the platform's API, with its errors by what follows from them.

    POST <api_base>/messages    {"room_id": "R1", "text": "hi"}
    201 {"id": "M2"}  or  4xx {"error": {"code": "no_such_room", "message": "..."}}

Imported only when something is sent: a webhook's start stays short.
"""

from __future__ import annotations

from channels.clients.answer_form import AnswerForm
from channels.clients.platform_api import PlatformApi
from channels.errors import RecipientGone, SendError
from channels.messages.fields import as_object, object_of, text_of
from channels.my_platform.settings import SECTION

_OWN = AnswerForm(
    "My Platform",
    success=({"id": str},),
    error=({"error": {"code": str, "message": str}},),
    setting="api_base",
)

#: There is no such room any more, or the bot was removed from it.
_GONE = (403, 404, 410)


class MyPlatformApi:
    """The API under one bot's token, over kept-alive connections."""

    def __init__(self, access_token: str, api_base: str) -> None:
        """Call `api_base`, `https://api.example.com/v1`."""
        headers = {"authorization": f"Bearer {access_token}"}
        self._api = PlatformApi(api_base, headers, answers=_OWN)

    def post_message(self, room_id: str, text: str) -> str:
        """Post a text to a room; gives the message's id.

        Raises CredentialsError when the token does not serve, RecipientGone, RateLimited,
        PlatformUnavailable, and SendError for whatever else is refused.
        """
        answer = self._api.call("POST", "messages", json={"room_id": room_id, "text": text})
        document = as_object(answer.json)
        if answer.status < 400:
            return text_of(document, "id")
        error = object_of(document, "error")
        said = answer.without_sent(f"{text_of(error, 'code')} {text_of(error, 'message')}")
        if answer.status == 401:
            raise SECTION.error("the platform does not accept 'access_token': take the bot's")
        reason = f"messages: status {answer.status} {said}"
        raise RecipientGone(reason) if answer.status in _GONE else SendError(reason)
