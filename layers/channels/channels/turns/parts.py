"""Sending a turn's messages part by part, so that a broken turn goes on where it stopped."""

from __future__ import annotations

import logging
import time

from channels.errors import PlatformUnavailable, RateLimited, RecipientGone, SendError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

logger = logging.getLogger(__name__)

#: The kinds of one bot message in the order of `send_response`; the first three exclude another.
_TEXT_KINDS = ("quick_replies", "buttons", "text")
_OTHER_KINDS = ("custom", "image", "attachment", "elements")


class Parts:
    """The parts of a turn in order; a part is one call of the platform.

    The first `sent` parts were sent by an earlier attempt and are skipped: rendering a turn again
    gives the same parts. `mark(sent, platform_id)` is called after each part, with the number of
    parts sent by then and the platform's id of the new one, "" where it gives none; `took` with the
    milliseconds that the platform took for it.
    """

    def __init__(
        self,
        sent: int,
        mark: Callable[[int, str], None],
        took: Callable[[float], None] = lambda milliseconds: None,
    ) -> None:
        """Continue after `sent` parts."""
        self._sent = sent
        self._mark = mark
        self._took = took
        self._seen = 0

    async def part(self, send: Callable[[], Awaitable[str | None]]) -> None:
        """Send one part, unless it was sent before; `send()` returns the platform's id of it.

        A part that the platform refuses for good (SendError itself) is marked with the reason, and
        the turn goes on; errors that leave hope are raised.
        """
        self._seen += 1
        if self._seen <= self._sent:
            return
        started = time.perf_counter()
        try:
            mark = await send() or ""
            self._took((time.perf_counter() - started) * 1000)
        except (RateLimited, RecipientGone, PlatformUnavailable):
            raise
        except SendError as error:
            logger.error("a part was refused for good: %s", error)
            mark = f"refused: {error}"
        self._mark(self._seen, mark)


def single_kinds(message: dict[str, Any]) -> list[dict[str, Any]]:
    """A bot message as messages of one kind each, in the order that `send_response` sends them."""
    chosen = [kind for kind in _TEXT_KINDS if message.get(kind)][:1]
    chosen += [kind for kind in _OTHER_KINDS if message.get(kind)]
    kinds = (*_TEXT_KINDS, *_OTHER_KINDS)
    others = {key: value for key, value in message.items() if key not in kinds}
    singles = []
    for kind in chosen:
        single = {**others, kind: message[kind]}
        if kind in ("quick_replies", "buttons"):
            single["text"] = message.get("text")
        singles.append(single)
    return singles
