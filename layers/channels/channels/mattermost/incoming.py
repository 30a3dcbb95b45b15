"""Read Mattermost's requests: posts, slash commands, clicks and choices, submitted dialogs.

    {"token": "...", "channel_id": "c1", "user_id": "u1", "post_id": "p1", "text": "@bot hi",
     "trigger_word": "@bot"}                                       outgoing webhook, JSON or form
    token=...&command=/ask&text=what+is+up&trigger_id=...          slash command, form or query
    {"channel_id": "c1", "user_id": "u1", "context": {"action": "/affirm"}}     button or menu
    {"type": "dialog_submission", "callback_id": "book", "submission": {...}}   dialog

(developers.mattermost.com, "Integrate"; server `app/webhook.go`, `app/integration_action.go`.)
A value of an unexpected type counts as missing.
"""

from __future__ import annotations

import json

from channels.errors import PayloadError
from channels.mattermost.signature import own_state
from channels.messages.fields import object_of, text_of
from channels.messages.mentions import said

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.http.request import Request

WEBHOOK, COMMAND, ACTION, DIALOG = "webhook", "command", "action", "dialog"

_FORM = "application/x-www-form-urlencoded"

#: Fields about the place and the user that every kind of request has, passed on unchanged.
_METADATA = ("user_name", "channel_id", "channel_name", "team_id", "team_domain", "post_id")

#: The server's own account, which notifies users about their channels and jobs.
_SYSTEM_BOT = "system-bot"

#: What may follow a trigger word: `@bot: hi`, `@bot, hi`.
_AFTER_TRIGGER = " \t\n,:"


class Incoming:
    """One request: its `kind`, its `fields`, and where it comes from ("" if unknown)."""

    def __init__(self, kind: str, fields: dict[str, Any]) -> None:
        self.kind = kind
        self.fields = fields
        self.team = text_of(fields, "team_id")
        self.channel = text_of(fields, "channel_id")
        self.user = text_of(fields, "user_id")
        self.post = text_of(fields, "post_id")
        self.trigger_id = text_of(fields, "trigger_id")

    @property
    def message_id(self) -> str | None:
        """The post's id; for a command or click its trigger's, which is unique each time."""
        return (self.post if self.kind == WEBHOOK else self.trigger_id) or None

    @property
    def is_systems(self) -> bool:
        """Whether the server itself wrote the post: somebody joined, a header changed, ..."""
        is_system_type = text_of(self.fields, "type").startswith("system_")
        is_by_system = text_of(self.fields, "user_name") == _SYSTEM_BOT
        return self.kind == WEBHOOK and (is_system_type or is_by_system)

    @property
    def is_cancelled(self) -> bool:
        """Whether the user closed a dialog without submitting it."""
        return self.kind == DIALOG and self.fields.get("cancelled") is True

    @property
    def lacking(self) -> str:
        """What a request without a text lacks, for the log."""
        has_place = self.channel and self.user
        return _LACKING[self.kind] if has_place else "a request without a channel or a user"

    @property
    def text(self) -> str | None:
        """The user's message to the bot; None if there is none."""
        if not self.channel or not self.user:
            return None
        return _TEXTS[self.kind](self)

    @property
    def metadata(self) -> dict[str, Any]:
        """What the agent is told besides the text."""
        found = {key: text_of(self.fields, key) for key in _METADATA}
        return {key: value for key, value in found.items() if value} | _DETAILS[self.kind](self)


def incoming_of(request: Request) -> Incoming:
    """Read a request of any kind; an unreadable one has no fields, and so no token."""
    fields = _fields(request)
    if "command" in fields or _has_token_header(request):
        return Incoming(COMMAND, fields)
    if text_of(fields, "type") == "dialog_submission":
        return Incoming(DIALOG, fields)
    return Incoming(ACTION if isinstance(fields.get("context"), dict) else WEBHOOK, fields)


def tokens_of(request: Request, incoming: Incoming) -> list[str]:
    """The tokens of a webhook or command: the field, and a command's header too."""
    header = [request.token or ""] if _has_token_header(request) else []
    return [token for token in (text_of(incoming.fields, "token"), *header) if token]


def _fields(request: Request) -> dict[str, Any]:
    try:
        if request.method == "GET":
            return {key: values[0] for key, values in request.args.items()}
        if request.content_type == _FORM:
            return {key: values[0] for key, values in request.form.items()}
        document = request.json
    except PayloadError:
        return {}
    return document if isinstance(document, dict) else {}


def _has_token_header(request: Request) -> bool:
    """Whether it has `Authorization: Token ...`, as commands do; webhooks' may differ (OAuth)."""
    header: str = request.headers.get("authorization", "")
    return header.strip().lower().startswith("token ")


def _post_text(incoming: Incoming) -> str | None:
    """The post without its trigger word; "" for a post that has only files."""
    if not incoming.post:
        return None
    text, word = text_of(incoming.fields, "text"), text_of(incoming.fields, "trigger_word")
    return _without_trigger(text, word) or ("" if _file_ids(incoming) else None)


def _without_trigger(text: str, word: str) -> str:
    """A text without the word that triggered the webhook, if it begins with that word.

    `@bot book a table` becomes `book a table`; the word alone is kept, as in Rasa. With "first word
    starts with", a sign is removed (`!help` becomes `help`), but not the beginning of a longer word
    (`booking` does not become `ing`).
    """
    stripped = text.strip()
    if not word or not stripped.startswith(word):
        return stripped
    rest = stripped[len(word) :]
    if word[-1].isalnum() and rest and rest[0] not in _AFTER_TRIGGER:
        return stripped
    return said(rest.lstrip(_AFTER_TRIGGER), stripped)


def _command_text(incoming: Incoming) -> str | None:
    """The arguments: `what is up?` for `/ask what is up?`; `/ask` for a bare `/ask`."""
    text = text_of(incoming.fields, "text").strip()
    return text or text_of(incoming.fields, "command").strip() or None


def _action_text(incoming: Incoming) -> str | None:
    """The payload of a button or menu option; for a bot's own menu, the chosen value."""
    context = object_of(incoming.fields, "context")
    chosen = context.get("selected_option")
    if isinstance(context.get("action"), str):
        # Only for a menu: a client may add a choice to any click.
        is_menu = text_of(incoming.fields, "type") == "select" and isinstance(chosen, str)
        return str(chosen if is_menu else context["action"]) or None
    actions = context.get("actions")
    if isinstance(actions, list) and isinstance(chosen, str):
        numbered = {str(number): action for number, action in enumerate(actions)}
        return text_of(numbered, chosen) or None
    return None


def _dialog_text(incoming: Incoming) -> str | None:
    """`/<callback_id>{"<element>": value, ...}`, an intent with its entities."""
    callback_id = text_of(incoming.fields, "callback_id")
    if not callback_id or incoming.is_cancelled:
        return None
    entered = _entered(incoming)
    return f"/{callback_id}{json.dumps(entered, ensure_ascii=False) if entered else ''}"


def _entered(incoming: Incoming) -> dict[str, Any]:
    submission = object_of(incoming.fields, "submission")
    return {name: value for name, value in submission.items() if value not in (None, "")}


def _post_details(incoming: Incoming) -> dict[str, Any]:
    details = {
        "trigger_word": text_of(incoming.fields, "trigger_word"),
        "timestamp": _seconds(incoming.fields.get("timestamp")),
        "file_ids": _file_ids(incoming),
    }
    return {key: value for key, value in details.items() if value}


def _seconds(timestamp: object) -> int | None:
    """The post's time (seconds since 1970): JSON has milliseconds, a form has seconds."""
    if isinstance(timestamp, int):
        return timestamp // 1000
    is_number = isinstance(timestamp, str) and timestamp.isascii() and timestamp.isdigit()
    return int(str(timestamp)[:12]) if is_number else None


def _file_ids(incoming: Incoming) -> list[str]:
    return [each for each in text_of(incoming.fields, "file_ids").split(",") if each]


def _command_details(incoming: Incoming) -> dict[str, Any]:
    return {"command": text_of(incoming.fields, "command"), "trigger_id": incoming.trigger_id}


def _action_details(incoming: Incoming) -> dict[str, Any]:
    context = object_of(incoming.fields, "context")
    hidden = ("signature", "actions")
    shown = {key: value for key, value in context.items() if key not in hidden}
    kind = text_of(incoming.fields, "type")
    return {"action": {**shown, "type": kind}, "trigger_id": incoming.trigger_id}


def _dialog_details(incoming: Incoming) -> dict[str, Any]:
    return {
        "callback_id": text_of(incoming.fields, "callback_id"),
        "state": own_state(text_of(incoming.fields, "state")),
        "submission": object_of(incoming.fields, "submission"),
    }


_TEXTS: dict[str, Callable[[Incoming], str | None]] = {
    WEBHOOK: _post_text,
    COMMAND: _command_text,
    ACTION: _action_text,
    DIALOG: _dialog_text,
}
_LACKING = {
    WEBHOOK: "a message without text",
    COMMAND: "a command without a name",
    ACTION: "a click without an action",
    DIALOG: "a dialog without a callback_id",
}
_DETAILS: dict[str, Callable[[Incoming], dict[str, Any]]] = {
    WEBHOOK: _post_details,
    COMMAND: _command_details,
    ACTION: _action_details,
    DIALOG: _dialog_details,
}
