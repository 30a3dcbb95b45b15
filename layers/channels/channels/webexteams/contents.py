"""The contents that a webhook only points to: fetched in the worker, from Webex and the memory."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING
from urllib.parse import quote

from channels.errors import PlatformUnavailable, RecipientGone
from channels.messages.fields import object_of, objects_of, text_of, texts_of
from channels.messages.mentions import said
from channels.telemetry.ignored import ignored
from channels.webexteams.hooks import CARD_SUBMITS
from channels.webexteams.mentions import without_mentions
from channels.webexteams.payloads import said_by
from channels.webexteams.settings import SECTION

if TYPE_CHECKING:
    from typing import Any

    from channels.channel import KeyValueStore, UserMessage
    from channels.webexteams.api import WebexApi

logger = logging.getLogger(__name__)

#: How long the bot's own id is stored (seconds); it never changes.
_LIFETIME = 86_400.0

#: Fields of a fetched message that are copied to the metadata.
_METADATA = ("roomType", "personEmail", "parentId", "mentionedPeople", "mentionedGroups", "html")


def own_id(api: WebexApi, access_token: str, memory: KeyValueStore | None) -> str:
    """Return the person id of the token's bot; fetched once a day for all instances."""
    key = f"own-id:{hashlib.sha256(access_token.encode()).hexdigest()[:16]}"
    known = memory.get(key) if memory is not None else None
    if known:
        return known
    try:
        found = text_of(api.get("people/me"), "id")
    except RecipientGone as error:
        # Not a deleted message: the address is not the Webex API, or the token is nobody's.
        raise SECTION.error(f"{error}: check 'api_base' and 'access_token'") from error
    if not found:
        raise PlatformUnavailable(
            "people/me: no id, so the bot's own messages cannot be told apart"
        )
    if memory is not None:
        memory.put(key, found, _LIFETIME)
    return found


def add_contents(
    message: UserMessage, api: WebexApi, bot_id: str, memory: KeyValueStore | None
) -> bool:
    """Add what the user wrote or submitted; return False if there is nothing (any more).

    Raises RateLimited and PlatformUnavailable.
    """
    metadata = message.metadata or {}
    is_submit = metadata["resource"] == CARD_SUBMITS
    path = "attachment/actions" if is_submit else "messages"
    try:
        fetched = api.get(f"{path}/{quote(message.message_id, safe='')}")
    except RecipientGone as error:
        logger.warning("%r: dropped, deleted or not for the bot: %s", message, error)
        return False
    if is_submit:
        inputs = fetched.get("inputs")
        message.metadata = {**metadata, "inputs": inputs}
        message.text = said_by(inputs, memory) or _button(fetched, api)
    else:
        message.metadata, message.text = {**metadata, **_about(fetched)}, _text(fetched, bot_id)
        root = text_of(fetched, "parentId") or message.message_id
        message.reply_to = {**(message.reply_to or {}), "parentId": root}
    if not message.text:
        ignored("webexteams", "a message without text", {"id": message.message_id})
    return bool(message.text)


def thread_root(api: WebexApi, message_id: str) -> str:
    """Return the id of the first message of the thread: the message or its parent; "" if gone."""
    try:
        message = api.get(f"messages/{quote(message_id, safe='')}")
    except RecipientGone:
        return ""
    return text_of(message, "parentId") or message_id


def _text(fetched: dict[str, Any], bot_id: str) -> str:
    """What the user wrote to the bot, or the files' URLs if there is no text."""
    written = text_of(fetched, "text")
    text = without_mentions(written, text_of(fetched, "html"), bot_id).strip()
    return said(text or "\n".join(texts_of(fetched, "files")), written)


def _button(fetched: dict[str, Any], api: WebexApi) -> str:
    """What a button without data says: its title if it is the card's only button, else `submit`.

    Webex names the card's message, but not which of its buttons was clicked.
    """
    message_id, message = text_of(fetched, "messageId"), {}
    try:
        message = api.get(f"messages/{quote(message_id, safe='')}") if message_id else {}
    except RecipientGone as error:
        logger.info("webexteams: the card of a button is gone: %s", error)
    cards = [object_of(each, "content") for each in objects_of(message, "attachments")]
    actions = [action for card in cards for action in objects_of(card, "actions")]
    titles = [text_of(each, "title") for each in actions if each.get("type") == "Action.Submit"]
    name = titles[0] if len(titles) == 1 else ""
    return name or text_of(fetched, "type") or "submit"


def _about(fetched: dict[str, Any]) -> dict[str, Any]:
    about = {key: fetched[key] for key in _METADATA if key in fetched}
    files = [{"url": url} for url in texts_of(fetched, "files")]
    return {**about, "attachments": files} if files else about
