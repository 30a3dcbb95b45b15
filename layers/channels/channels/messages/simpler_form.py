"""Send a message in a simpler form if the platform refuses it: no content is dropped."""

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
    """Return `send(message)`, or `send(fallback)` if the platform will never accept the message.

    A refused call must not have posted anything. The error of `send` is raised if there is no
    `fallback`, or if a retry may succeed or the recipient cannot be reached at all.
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
