"""Buttons and cards, in the forms that work when they are clicked.

A card action without `type` and `value` does nothing. `messageBack` shows the title as the user's
message and returns the payload; channels that do not support it take `postBack`.
Source: learn.microsoft.com, "Add card actions in a bot" and "Types of cards".
"""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING

from channels.botframework.activities import TEAMS
from channels.botframework.line_breaks import card_html
from channels.botframework.payloads import is_long, short
from channels.messages.buttons import said_by

if TYPE_CHECKING:
    from typing import Any

    from channels.channel import KeyValueStore

HERO = "application/vnd.microsoft.card.hero"

#: How many buttons Teams shows on one card.
MAX_BUTTONS = 6

#: How many suggested actions Teams shows; it silently drops the fourth (learn.microsoft.com,
#: "Dynamically guide users with suggested actions", 2026).
MAX_SUGGESTED = 3

#: Longer titles are cut on the button and appear in full above it (characters).
MAX_TITLE = 100

#: Placeholder where a text is required and there is none.
NO_TEXT = "\u2026"

#: Channels that take `messageBack`, also in suggested actions, which Teams does not.
_WEB = ("directline", "webchat", "emulator")

#: Types of card actions (Bot Framework -- Cards, "Card action"): a button with one is an action.
_ACTIONS = frozenset(
    (
        "call",
        "downloadFile",
        "imBack",
        "invoke",
        "messageBack",
        "openApp",
        "openUrl",
        "payment",
        "playAudio",
        "playVideo",
        "postBack",
        "showImage",
        "signin",
    )
)


class Buttons:
    """Converts Rasa's buttons to a channel's card actions, and collects payloads to remember."""

    def __init__(self, channel_id: str, memory: KeyValueStore | None) -> None:
        """`channel_id` is Microsoft's name for the channel: `msteams`, `webchat`, ..."""
        self._channel_id = channel_id
        self._memory = memory

    def action(self, button: dict[str, Any]) -> dict[str, Any]:
        """The card action of a button; a button that already is a card action stays as it is."""
        title = label_of(title_of(button))
        if button.get("type") in _ACTIONS and button.get("value") is not None:
            return {**button, "title": title}
        if button.get("url"):
            return {"type": "openUrl", "title": title, "value": str(button["url"])}
        payload = short(payload_of(button), self._memory)
        if self._channel_id != TEAMS and self._channel_id not in _WEB:
            return {"type": "postBack", "title": title, "value": payload}
        value = {"payload": payload}
        if payload != payload_of(button):
            value["title"] = title  # used if the payload has expired
        return {
            "type": "messageBack",
            "title": title,
            "displayText": title,
            "text": payload,
            "value": value,
        }

    def suggested(
        self, buttons: list[dict[str, Any]], conversation_type: str
    ) -> list[dict[str, Any]] | None:
        """Suggested actions for quick replies; None if the channel needs a card for them.

        Teams has them in personal chats, three at most, and posts their value as the user's words,
        so payloads that differ from the title go on a card. (The newest clients show them in
        groups too, where a bot gets only messages that mention it; a card's buttons work in all.)
        """
        if any(button.get("url") for button in buttons):
            return None
        if self._channel_id in _WEB:
            return [self.action(button) for button in buttons]
        are_titles = all(payload_of(button) == title_of(button) for button in buttons)
        are_few = len(buttons) <= MAX_SUGGESTED and not any(_is_cut(each) for each in buttons)
        if self._channel_id == TEAMS and conversation_type == "personal" and are_titles and are_few:
            titles = [title_of(button) for button in buttons]
            return [{"type": "imBack", "title": title, "value": title} for title in titles]
        return None

    def long_payloads(self, buttons: list[dict[str, Any]]) -> list[str]:
        """The payloads to remember before these buttons are sent."""
        payloads = [payload_of(button) for button in buttons if not button.get("url")]
        return [payload for payload in payloads if is_long(payload)]

    def cards(self, content: dict[str, Any], buttons: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """A hero card with its buttons, and further cards if Teams cannot show them all on one."""
        actions = [self.action(button) for button in buttons]
        first, *others = [list(group) for group in batched(actions, MAX_BUTTONS, strict=False)] or [
            []
        ]
        top = {**content, "buttons": first} if first else content
        return [hero(top), *(hero({"buttons": group}) for group in others)]

    def element_cards(self, element: dict[str, Any]) -> list[dict[str, Any]]:
        """The cards of one carousel element: title, subtitle, image, buttons, a link."""
        content: dict[str, Any] = {
            key: str(element[key]) for key in ("title", "subtitle") if element.get(key)
        }
        if self._channel_id == TEAMS:
            content = _with_lines(content)
        if element.get("image_url"):
            content["images"] = [{"url": str(element["image_url"])}]
        link = element.get("default_action")
        if isinstance(link, dict) and link.get("url"):
            content["tap"] = {"type": "openUrl", "title": NO_TEXT, "value": str(link["url"])}
        return self.cards(content, element.get("buttons") or [])


def _with_lines(content: dict[str, Any]) -> dict[str, Any]:
    """A card's title on one line and a subtitle of several as its text: Teams formats only that."""
    shown = {key: " ".join(content[key].splitlines()) for key in ("title",) if key in content}
    subtitle = content.get("subtitle", "")
    if len(subtitle.splitlines()) > 1:
        return {**shown, "text": card_html(subtitle)}
    return {**shown, "subtitle": subtitle} if subtitle else shown


def hero(content: dict[str, Any]) -> dict[str, Any]:
    """A hero card as an attachment."""
    return {"contentType": HERO, "content": content}


def title_of(button: dict[str, Any]) -> str:
    """A button's title, or its payload or URL if it has none."""
    titles = (said_by(button, key).strip() for key in ("title", "payload", "url"))
    return next((title for title in titles if title), NO_TEXT)


def payload_of(button: dict[str, Any]) -> str:
    """The message a click sends: the button's payload, or its title if it has none."""
    return said_by(button, "payload").strip() or title_of(button)


def label_of(title: str) -> str:
    """The title, cut if it is too long for a button."""
    return title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1]}…"


def with_long_titles(text: str, buttons: list[dict[str, Any]]) -> str:
    """The text, followed by the titles that are too long for their buttons."""
    return "\n".join([text, *(title_of(each) for each in buttons if _is_cut(each))]).strip("\n")


def _is_cut(button: dict[str, Any]) -> bool:
    return label_of(title_of(button)) != title_of(button)
