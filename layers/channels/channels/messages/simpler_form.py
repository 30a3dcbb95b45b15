"""What a platform refuses in one form is sent in a simpler one: nothing the bot says is dropped."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from channels.errors import PlatformUnavailable, RateLimited, RecipientGone, SendError

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)


def send_or_simplify[M, R](
    channel: str, send: Callable[[M], R], message: M, fallback: M | None
) -> R:
    """`send(message)`; `send(otherwise)` where the platform will never take the message.

    A refused call must have posted nothing. Without `fallback`, and where another attempt or
    nothing at all could reach the recipient, what `send` raises is raised.
    """
    try:
        return send(message)
    except (RateLimited, RecipientGone, PlatformUnavailable):
        raise
    except SendError as error:
        if fallback is None:
            raise
        logger.warning("%s: sent in a simpler form: %s", channel, error)
    return send(fallback)
