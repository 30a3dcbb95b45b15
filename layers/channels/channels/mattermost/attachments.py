"""Buttons, menus, images and links as Mattermost's message attachments.

The fields are those that current servers check (server `model/integration_action.go`): an action
has a name, a type and an integration's URL, a menu has options, ids are alphanumeric.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from channels.messages.attachments import file_name_of
from channels.messages.buttons import NO_TITLE, said_by

if TYPE_CHECKING:
    from typing import Any

    from channels.mattermost.signature import ActionSigner

#: More buttons than this become a menu, which the user can search.
MAX_BUTTONS = 20

#: Size of the actions of one post (ASCII characters of JSON). A post's `props` take 800,000
#: characters; the server writes some of ours as six.
MAX_SIZE = 120_000


class Choice(NamedTuple):
    """A bot's button: its title, and the payload that a click sends."""

    title: str
    payload: str


class Actions(NamedTuple):
    """How clicks come back: to which URL, and signed by whom for which channel."""

    webhook_url: str
    channel_id: str
    signer: ActionSigner

    def of(self, choices: list[Choice]) -> list[list[dict[str, Any]]]:
        """The actions of choices, grouped by post: buttons, or menus if there are many."""
        if len(choices) > MAX_BUTTONS:
            return [[self._menu(piece, number)] for number, piece in enumerate(_packed(choices))]
        buttons = [self._button(choice, number) for number, choice in enumerate(choices)]
        groups, start = [], 0
        for piece in _packed(choices):
            groups.append(buttons[start : start + len(piece)])
            start += len(piece)
        return groups

    def signed(self, attachment: Any) -> Any:
        """An attachment of a bot's own JSON, with a signature on actions that call our webhook."""
        if not isinstance(attachment, dict) or not isinstance(attachment.get("actions"), list):
            return attachment
        return {**attachment, "actions": [self._signed(each) for each in attachment["actions"]]}

    def _signed(self, action: Any) -> Any:
        integration = action.get("integration") if isinstance(action, dict) else None
        if not isinstance(integration, dict):
            return action
        url, context = integration.get("url") or self.webhook_url, integration.get("context")
        if url != self.webhook_url:
            return action
        own = context if isinstance(context, dict) else {}
        kind = "select" if "options" in action or "data_source" in action else "button"
        # A button without a payload sends its name, as the click contains nothing else of it.
        payload = own.get("action") or (action.get("name") if kind == "button" else None) or ""
        said = payload if isinstance(payload, str) else json.dumps(payload)
        context = {**own, **self.signer.button(self.channel_id, said)}
        return {"type": kind, **action, "integration": {"url": url, "context": context}}

    def _button(self, choice: Choice, number: int) -> dict[str, Any]:
        context = self.signer.button(self.channel_id, choice.payload)
        return self._action(f"button{number}", choice.title, "button", context)

    def _menu(self, choices: list[Choice], number: int) -> dict[str, Any]:
        context = self.signer.menu(self.channel_id, [choice.payload for choice in choices])
        name = f"{choices[0].title} … {choices[-1].title}"
        options = [
            {"text": choice.title, "value": str(index)} for index, choice in enumerate(choices)
        ]
        return {**self._action(f"menu{number}", name, "select", context), "options": options}

    def _action(
        self, action_id: str, name: str, kind: str, context: dict[str, Any]
    ) -> dict[str, Any]:
        integration = {"url": self.webhook_url, "context": context}
        return {"id": action_id, "name": name, "type": kind, "integration": integration}


def choice_of(button: dict[str, Any]) -> Choice:
    """The choice of a bot's button, which may lack a title or a payload."""
    said = said_by(button, "payload", "title") or NO_TITLE
    return Choice(str(button.get("title") or "").strip() or said.strip() or NO_TITLE, said)


def link_lines(buttons: list[dict[str, Any]]) -> str:
    """Buttons with a URL as links, because Mattermost's buttons cannot open a page."""
    links = [(str(each.get("title") or each["url"]), str(each["url"])) for each in buttons]
    return "\n".join(f"[{title}]({url})" for title, url in links)


def link(url: str) -> dict[str, Any]:
    """The attachment of a file, by its URL."""
    return {"fallback": url, "title": file_name_of(url) or url, "title_link": url}


def picture(url: str) -> dict[str, Any]:
    """The attachment of an image; notifications show its URL."""
    return {"fallback": url, "image_url": url}


def _packed(choices: list[Choice]) -> list[list[Choice]]:
    """Group choices, in order, so that each group fits into a post."""
    groups: list[list[Choice]] = []
    room = 0
    for choice in choices:
        size = len(json.dumps(choice)) + 400  # the rest of an action: URL, signature, names
        if not groups or size > room:
            groups.append([])
            room = MAX_SIZE
        groups[-1].append(choice)
        room -= size
    return groups
