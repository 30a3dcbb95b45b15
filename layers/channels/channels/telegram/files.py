"""URLs of the files that users send, if the credentials ask for them (`file_urls: true`).

A URL is valid for an hour and contains the bot's token: turn this on only for an agent that may
know the token.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from channels.errors import PlatformUnavailable, RateLimited, SendError

if TYPE_CHECKING:
    from channels.channel import UserMessage
    from channels.telegram.api import TelegramApi

logger = logging.getLogger(__name__)


def add_file_urls(message: UserMessage, api: TelegramApi) -> None:
    """Add `url` to each attachment in the message's metadata; an empty text becomes that URL.

    A file that Telegram does not serve to bots (over 20 MB) gets no `url`. Raises RateLimited and
    PlatformUnavailable.
    """
    attachments = (message.metadata or {}).get("attachments") or []
    for attachment in (each for each in attachments if each.get("file_id")):
        try:
            file = api.call("getFile", {"file_id": attachment["file_id"]})
        except (RateLimited, PlatformUnavailable):
            raise
        except SendError as error:
            logger.warning("%r: Telegram gave no URL for a file: %s", message, error)
            continue
        if file.get("file_path"):
            attachment["url"] = api.file_url(file["file_path"])
            message.text = message.text or attachment["url"]
