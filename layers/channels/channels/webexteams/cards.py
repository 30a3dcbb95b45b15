"""Buttons and elements as adaptive cards, within what Webex supports (schema 1.3).

One card per message, up to five buttons per card (developer.webex.com, "Buttons and Cards").
"""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, NamedTuple

from channels.messages.buttons import as_button, said_by, title_of
from channels.output import button_to_string
from channels.webexteams.payloads import button_value

if TYPE_CHECKING:
    from typing import Any

    type Button = dict[str, Any]

MAX_ACTIONS = 5


class Card(NamedTuple):
    """One message's card, and by key the payloads to store for its buttons.

    `lines` are the buttons as text, in the form Rasa uses on platforms without buttons; `titles`
    are the buttons' titles.
    """

    attachment: dict[str, Any]
    payloads: dict[str, str]
    lines: list[str]
    titles: list[str]


def cards(body: list[dict[str, Any]], buttons: list[Any]) -> list[Card]:
    """Return the cards for a body and buttons: several if there are too many buttons for one.

    The body is on the first card. The list is empty if there is neither body nor buttons.
    """
    named = [as_button(each) for each in buttons]
    groups = [list(group) for group in batched(named, MAX_ACTIONS, strict=False)]
    if not groups:
        return [_card(body, [], 1)] if body else []
    return [
        _card([] if index else body, group, index * MAX_ACTIONS + 1)
        for index, group in enumerate(groups)
    ]


def text_block(text: str, **style: Any) -> dict[str, Any]:
    """Return a text block that wraps to the card's width."""
    return {"type": "TextBlock", "text": text, "wrap": True, **style}


def element_body(element: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the card body of a carousel's element: its image, title and subtitle, if present."""
    body: list[dict[str, Any]] = []
    if element.get("image_url"):
        alt = str(element.get("title") or "")
        body.append({"type": "Image", "url": str(element["image_url"]), "altText": alt})
    if element.get("title"):
        body.append(text_block(str(element["title"]), weight="Bolder"))
    if element.get("subtitle"):
        body.append(text_block(str(element["subtitle"])))
    return body


def _card(body: list[dict[str, Any]], buttons: list[Button], number: int) -> Card:
    content = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.3",
        "body": body,
        "actions": [_action(button) for button in buttons],
    }
    said = [_payload(button) for button in buttons if not button.get("url")]
    return Card(
        {"contentType": "application/vnd.microsoft.card.adaptive", "content": content},
        {value: payload for payload in said if (value := button_value(payload)) != payload},
        [button_to_string(button, index) for index, button in enumerate(buttons, start=number)],
        [title_of(button) for button in buttons],
    )


def _action(button: Button) -> dict[str, Any]:
    if button.get("url"):
        return {"type": "Action.OpenUrl", "title": title_of(button), "url": str(button["url"])}
    payload = _payload(button)
    data = {"payload": button_value(payload)}
    if data["payload"] != payload:
        data["title"] = title_of(button)
    return {"type": "Action.Submit", "title": title_of(button), "data": data}


def _payload(button: Button) -> str:
    return said_by(button, "payload") or title_of(button)
