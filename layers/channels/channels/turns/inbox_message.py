"""A message on its way through the inbox: `UserMessage` to JSON and back."""

from __future__ import annotations

import json

from channels.channel import UserMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: SQS accepts 1,048,576 bytes per message and batch; the difference is for message attributes.
MAX_SIZE = 1_000_000

_MARK = " [trimmed]"
_FIELDS = ("text", "sender_id", "message_id", "input_channel", "metadata", "reply_to", "parse_data")


class InboxMessage:
    """What the conversation worker receives: a user's message, or replies to send unprompted.

    `channel` is the key in credentials.yml of the channel that sends the reply. `received_at` is
    when the webhook received the message (seconds since 1970). `replies`, if not None, are bot
    messages to send without asking the agent. Request headers are left out: they contain
    credentials.
    """

    def __init__(
        self,
        channel: str,
        message: UserMessage,
        received_at: float,
        replies: list[dict[str, Any]] | None = None,
    ) -> None:
        self.channel = channel
        self.message = message
        self.received_at = received_at
        self.replies = replies

    def to_json(self, max_size: int = MAX_SIZE) -> str:
        """Return the message as ASCII JSON of at most `max_size` bytes.

        A message that is too long is shortened, never refused: first the values of `metadata`,
        largest first, each replaced by `{"trimmed": <its size>}`, then the text, which then ends in
        `[trimmed]`.
        """
        fields = {name: getattr(self.message, name) for name in _FIELDS}
        document = {"channel": self.channel, "received_at": self.received_at, "message": fields}
        if self.replies is not None:
            document["replies"] = self.replies
        text = json.dumps(document)
        return text if len(text) <= max_size else _trimmed(document, max_size)

    @classmethod
    def from_json(cls, text: str) -> InboxMessage:
        """Read what `to_json` wrote; raise ValueError if `text` is anything else."""
        try:
            document = json.loads(text)
            message = UserMessage(**document["message"])
            received_at = float(document["received_at"])
            return cls(document["channel"], message, received_at, document.get("replies"))
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"not a queued message: {type(error).__name__}") from error


def _trimmed(document: dict[str, Any], max_size: int) -> str:
    fields = document["message"]
    metadata = dict(fields["metadata"] or {})
    sizes = {key: len(json.dumps(value)) for key, value in metadata.items()}
    text = json.dumps(document)
    for key in sorted(sizes, key=lambda key: -sizes[key]):
        metadata[key] = {"trimmed": sizes[key]}
        text = json.dumps({**document, "message": {**fields, "metadata": metadata}})
        if len(text) <= max_size:
            return text
    fields = {**fields, "metadata": metadata or None, "text": ""}
    room = max_size - len(json.dumps({**document, "message": fields})) - len(_MARK)
    fields["text"] = _shortened(document["message"]["text"] or "", room) + _MARK
    return json.dumps({**document, "message": fields})


def _shortened(text: str, room: int) -> str:
    """Return about the longest prefix of a text whose JSON takes at most `room` characters."""
    while text and (size := len(json.dumps(text)) - 2) > room:
        text = text[: min(len(text) - 1, len(text) * max(room, 0) // size)]
    return text
