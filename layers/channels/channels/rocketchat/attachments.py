"""Attachments of `chat.postMessage`: buttons, cards, files; and their text where none are shown.

Rocket.Chat refuses a whole message if one address is not a URL, or if a text is too long
(`Message_MaxAllowedSize`). Livechat's window shows only pictures, sounds, videos and links.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from channels.messages.attachments import file_name_of, is_url, rasas_url_of
from channels.messages.buttons import NO_TITLE, as_button, said_by
from channels.messages.fields import objects_of
from channels.messages.payloads import LIFETIME, is_key, key_of
from channels.messages.text import split_text, utf16_units
from channels.rocketchat.webhooks import NO_COMMAND

if TYPE_CHECKING:
    from typing import Any

    from channels.channel import KeyValueStore

    type Attachment = dict[str, Any]

#: Types of Rasa attachments that Rocket.Chat plays or shows.
_MEDIA = {"image": "image_url", "audio": "audio_url", "video": "video_url"}

#: Rasa's keys for a card, which Rocket.Chat does not know.
_RASAS = ("subtitle", "buttons", "default_action")


class Buttons(NamedTuple):
    """Makes the buttons of a conversation.

    `trigger_word` is the word a message must begin with to reach the bot, "" if none is needed.
    `limit` is the longest message (UTF-16 units); `memory` stores payloads that are longer.
    """

    trigger_word: str
    limit: int
    memory: KeyValueStore | None

    def action(self, button: Any) -> dict[str, Any]:
        """Convert a Rasa button to a link, or to a button that posts as the user."""
        named = as_button(button)
        given = (named.get(key) for key in ("title", "payload", "url"))
        title = next((str(each) for each in given if each), NO_TITLE)
        if is_url(named.get("url")):
            return {"type": "button", "text": title, "url": named["url"]}
        payload = said_by(named, "payload", "url") or title
        return {
            "type": "button",
            "text": title,
            "msg": self._posted(payload, title),
            "msg_in_chat_window": True,
        }

    def _posted(self, payload: str, title: str) -> str:
        said = self._reaching_the_bot(payload)
        if utf16_units(said) <= self.limit and not is_key(payload):
            return said
        if self.memory is None:
            return self._reaching_the_bot(title)
        key = key_of(payload)
        self.memory.put(key, payload, LIFETIME)
        return self._reaching_the_bot(key)

    def _reaching_the_bot(self, payload: str) -> str:
        if self.trigger_word:
            return f"{self.trigger_word} {payload}"
        return f"{NO_COMMAND}{payload}" if payload.startswith("/") else payload


def card(element: dict[str, Any], buttons: Buttons) -> Attachment:
    """Convert an element of a carousel; keys of Rocket.Chat's own attachments are kept."""
    own = {key: value for key, value in element.items() if key not in _RASAS and value is not None}
    lines = [str(each) for each in (own.pop("text", None), element.get("subtitle")) if each]
    image = own.pop("image_url", None)
    if is_url(image):
        own["image_url"] = image
    elif image:
        lines.append(f"Image: {image}")
    action = element.get("default_action")
    link = action.get("url") if isinstance(action, dict) else None
    if is_url(link):
        own.setdefault("title_link", link)
    if lines:
        own["text"] = "\n".join(lines)
    actions = [buttons.action(each) for each in element.get("buttons") or []]
    return {**own, "actions": [*own.get("actions", []), *actions]} if actions else own


def file(attachment: Any) -> Attachment | None:
    """Convert a URL or Rasa's `{"type": "video", "payload": {"src": url}}`; else return None."""
    url = rasas_url_of(attachment)
    if url is None:
        return None
    link = {"title": file_name_of(url) or url, "title_link": url}
    key = _MEDIA.get(str(attachment.get("type"))) if isinstance(attachment, dict) else None
    return {**link, key: url} if key else link


def within(limit: int, attachments: list[Attachment]) -> list[Attachment]:
    """Split attachments so that no text is longer than `limit` (UTF-16 units)."""
    made = []
    for attachment in attachments:
        parts = split_text(str(attachment.get("text") or ""), limit, utf16_units)
        if len(parts) < 2:
            made.append(attachment)
            continue
        made.append({**attachment, "text": parts[0]})
        made += [{"text": part} for part in parts[1:]]
        if "actions" in attachment:
            made[-1]["actions"] = made[-len(parts)].pop("actions")
    return made


def for_visitors(text: str, attachments: list[Attachment]) -> tuple[str, list[Attachment]]:
    """Reduce attachments to those that livechat's window shows, and add the others to the text."""
    lines, shown = [text] if text else [], []
    for attachment in attachments:
        media = [attachment[key] for key in _MEDIA.values() if attachment.get(key)]
        link = attachment.get("title_link")
        titled = bool(link) and not media  # a link is shown with its title
        keys = ("text",) if titled else ("title", "text")
        words = [str(attachment[key]) for key in keys if attachment.get(key)]
        if media and link not in (None, *media):
            words.append(str(link))
        lines += [" : ".join(words)] if words else []
        fields = objects_of(attachment, "fields")
        lines += [f"{each.get('title', '')}: {each.get('value', '')}" for each in fields]
        if media or titled:
            said = (*keys, "fields", "actions")
            shown.append({key: each for key, each in attachment.items() if key not in said})
    actions = (action for each in attachments for action in objects_of(each, "actions"))
    lines += [_line(action, number) for number, action in enumerate(actions, start=1)]
    return "\n".join(lines), shown


def _line(action: dict[str, Any], number: int) -> str:
    """A button as a line of text, in Rasa's form."""
    target = action.get("msg") or action.get("url") or ""
    return f"{number}: {action.get('text', NO_TITLE)} ({str(target).removeprefix(NO_COMMAND)})"
