"""The section `hangouts` of credentials.yml, checked."""

from __future__ import annotations

import re

from channels.errors import CredentialsError
from channels.hangouts.proof import CHAT_KEYS_URL, ENDPOINT, GOOGLE_KEYS_URL
from channels.hangouts.service_account import ServiceAccount

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.hangouts.events import Event

API_BASE = "https://chat.googleapis.com/v1/"

#: What one conversation is: a space, a thread of it, a user in it, everybody of one name (Rasa's).
GRANULARITIES = ("space", "thread", "sender", "display_name")

#: Said in place of an answer that comes too late, and of one that nobody will work on.
APOLOGY = "Sorry, this takes too long. Please ask again."

_NUMBER = re.compile(r"[0-9]{1,30}")
_URL = re.compile(r"https?://[^\s?#]+")


class Settings:
    """What the keys of the section say, with their defaults."""

    def __init__(self, credentials: dict[str, Any]) -> None:
        """Raises CredentialsError for a key that is missing or cannot serve."""
        number = credentials.get("project_id")
        is_number = isinstance(number, int) and not isinstance(number, bool)
        self.project_id = _matching(
            "project_id", str(number) if is_number else number, _NUMBER, "the project's number"
        )
        audience = credentials.get("audience")
        self.audience = ENDPOINT
        if audience != ENDPOINT:
            self.audience = _matching("audience", audience, _URL, f"a URL or '{ENDPOINT}'")
        self.lets_everybody_in = not (self.project_id or self.audience)
        if self.lets_everybody_in and credentials.get("allow_unsigned") is not True:
            raise CredentialsError(
                "hangouts: 'project_id' is needed, the number of your Google Cloud project, or "
                "'audience' (README, section 'Google Chat')"
            )
        key = credentials.get("service_account")
        self.service_account = None if key is None else ServiceAccount(key)
        self.granularity = credentials.get("conversation_granularity") or "space"
        if self.granularity not in GRANULARITIES:
            raise _wrong("conversation_granularity", f"one of {', '.join(GRANULARITIES)}")
        self.apology = credentials.get("apology") or APOLOGY
        if not isinstance(self.apology, str):
            raise _wrong("apology", "a text")
        self.api_base = _url(credentials, "api_base", API_BASE)
        self.chat_keys_url = _url(credentials, "chat_keys_url", CHAT_KEYS_URL)
        self.google_keys_url = _url(credentials, "google_keys_url", GOOGLE_KEYS_URL)

    def conversation(self, event: Event) -> str:
        """The conversation's id: `AAA`, `AAA:T1`, `AAA:111`, or the user's name."""
        space = event.space.partition("/")[2]
        if self.granularity == "display_name":
            return event.user_name or event.user or space
        if event.is_direct or self.granularity == "space":
            return space
        part = event.thread if self.granularity == "thread" else event.user
        return f"{space}:{part.rpartition('/')[2]}" if part else space


def _matching(key: str, value: object, pattern: re.Pattern[str], expected: str) -> str:
    """The text of an optional key, "" when it is not there."""
    if value is None:
        return ""
    text = value.strip() if isinstance(value, str) else ""
    if not pattern.fullmatch(text):
        raise _wrong(key, expected)
    return text


def _url(credentials: dict[str, Any], key: str, default: str) -> str:
    return _matching(key, credentials.get(key), _URL, "a URL") or default


def _wrong(key: str, expected: str) -> CredentialsError:
    return CredentialsError(
        f"hangouts: '{key}' cannot serve: it must be {expected} (README, section 'Google Chat')"
    )
