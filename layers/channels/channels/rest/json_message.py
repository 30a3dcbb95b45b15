"""Parse Rasa's JSON body of a user message: `{sender, message, metadata, input_channel}`."""

from __future__ import annotations

from channels.channel import UserMessage
from channels.errors import PayloadError
from channels.http.json_object import json_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.http.request import Request

#: Longest sender (characters). Rasa has no limit; a longer one is a mistake.
MAX_SENDER = 1024

#: Longest message id that a client may send (characters).
MAX_MESSAGE_ID = 512


def json_message(request: Request, name: str, metadata: dict[str, Any] | None) -> UserMessage:
    """The message in a request's body, with Rasa's defaults; `name` is the channel's.

    `message_id`, ours, identifies the message: channels that reply later recognise a message sent
    again with the same id. Raises PayloadError naming what is wrong.
    """
    body = json_object(request)
    text = body.get("message")
    if not isinstance(text, str):
        raise PayloadError("'message' must be a string")
    return UserMessage(
        text,
        sender_id=_sender(body.get("sender")),
        input_channel=_text(body, "input_channel", MAX_SENDER) or name,
        message_id=_text(body, "message_id", MAX_MESSAGE_ID) or None,
        metadata=metadata,
    )


def json_metadata(request: Request) -> dict[str, Any] | None:
    """The body's `metadata`; None if it has none. Raises PayloadError if it is not an object."""
    metadata = json_object(request).get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise PayloadError("'metadata' must be an object")
    return metadata


def _sender(sender: object) -> object:
    if isinstance(sender, bool) or not isinstance(sender, str | int | None):
        raise PayloadError("'sender' must be a string")
    if len(str(sender)) > MAX_SENDER:
        raise PayloadError(f"'sender' is longer than {MAX_SENDER} characters")
    return sender


def _text(body: dict[str, Any], key: str, longest: int) -> str | None:
    value = body.get(key)
    if not isinstance(value, str | None):
        raise PayloadError(f"'{key}' must be a string")
    if len(value or "") > longest:
        raise PayloadError(f"'{key}' is longer than {longest} characters")
    return value
