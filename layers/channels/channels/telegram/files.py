"""URLs of the files that users send, where the credentials want them (`file_urls: true`).

A URL works for an hour and holds the bot's token: only an agent that may know the token gets it.
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
    """Add `url` to each attachment in the message's metadata; a text that is empty becomes it.

    A file that Telegram does not hand out (over 20 MB) stays without. RateLimited and
    PlatformUnavailable are raised.
    """
    attachments = (message.metadata or {}).get("attachments") or []
    for attachment in (each for each in attachments if each.get("file_id")):
        try:
            file = api.call("getFile", {"file_id": attachment["file_id"]})
        except (RateLimited, PlatformUnavailable):
            raise
        except SendError as error:
            logger.warning("%r: no URL of a file: %s", message, error)
            continue
        if file.get("file_path"):
            attachment["url"] = api.file_url(file["file_path"])
            message.text = message.text or attachment["url"]
