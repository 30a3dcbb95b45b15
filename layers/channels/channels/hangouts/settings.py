"""The section `hangouts` of credentials.yml, checked."""

from __future__ import annotations

import re

from channels.section import Section

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.hangouts.events import Event

SECTION = Section(
    "hangouts",
    "docs/channels/hangouts.md",
    keys=(
        "project_id",
        "audience",
        "service_account",
        "conversation_granularity",
        "apology",
        "allow_unsigned",
        "api_base",
        "chat_keys_url",
        "google_keys_url",
    ),
)

API_BASE = "https://chat.googleapis.com/v1/"

#: Public keys of Google Chat's own account, and of Google accounts.
CHAT_KEYS_URL = "https://www.googleapis.com/service_accounts/v1/jwk/chat@system.gserviceaccount.com"
GOOGLE_KEYS_URL = "https://www.googleapis.com/oauth2/v3/certs"

#: `audience: endpoint` stands for the URL that Google called.
ENDPOINT = "endpoint"

#: The scope of a conversation: a space, a thread, a user in a space, or a display name (Rasa's).
GRANULARITIES = ("space", "thread", "sender", "display_name")

#: Sent in place of a reply that takes too long, or that will never come.
APOLOGY = "Sorry, this takes too long. Please ask again."

_NUMBER = re.compile(r"[0-9]{1,30}")
_URL = re.compile(r"https?://[^\s?#]+")


class Settings:
    """The section's settings, with their defaults.

    `service_account` is the JSON key as given, None without one.
    """

    def __init__(self, credentials: dict[str, Any]) -> None:
        """Raise CredentialsError for a missing or invalid key."""
        number = credentials.get("project_id")
        is_number = isinstance(number, int) and not isinstance(number, bool)
        given = SECTION.of({**credentials, "project_id": str(number) if is_number else number})
        self.project_id = given["project_id"].matching(_NUMBER, "the project's number", "")
        self.audience = ENDPOINT
        if credentials.get("audience") != ENDPOINT:
            self.audience = given["audience"].matching(_URL, f"a URL or '{ENDPOINT}'", "")
        may_let_in = given["allow_unsigned"].switch()
        self.lets_everybody_in = not (self.project_id or self.audience)
        if self.lets_everybody_in and not may_let_in:
            raise given.wrong(
                "project_id",
                "is needed: the number of your Google Cloud project; or else set 'audience'",
            )
        self.service_account = credentials.get("service_account")
        self.granularity = given["conversation_granularity"].one_of(GRANULARITIES, "space")
        self.apology = credentials.get("apology") or APOLOGY
        if not isinstance(self.apology, str):
            raise given.wrong("apology", "must be a text")
        self.api_base = given["api_base"].matching(_URL, "a URL", API_BASE)
        self.chat_keys_url = given["chat_keys_url"].matching(_URL, "a URL", CHAT_KEYS_URL)
        self.google_keys_url = given["google_keys_url"].matching(_URL, "a URL", GOOGLE_KEYS_URL)

    def conversation(self, event: Event) -> str:
        """The conversation's id: `AAA`, `AAA:T1`, `AAA:111`, or the user's name."""
        space = event.space.partition("/")[2]
        if self.granularity == "display_name":
            return event.user_name or event.user or space
        if event.is_direct or self.granularity == "space":
            return space
        part = event.thread if self.granularity == "thread" else event.user
        return f"{space}:{part.rpartition('/')[2]}" if part else space
