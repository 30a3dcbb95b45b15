"""Send a turn's messages part by part, so that an interrupted turn resumes where it stopped."""

from __future__ import annotations

import logging
import time

from channels.errors import PlatformUnavailable, RateLimited, RecipientGone, SendError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

logger = logging.getLogger(__name__)

#: The kinds of content in a bot message, in the order of `send_response`. Only the first of the
#: text kinds present is sent.
_TEXT_KINDS = ("quick_replies", "buttons", "text")
_OTHER_KINDS = ("custom", "image", "attachment", "elements")


class Parts:
    """The parts of a turn, in order; a part is one call to the platform.

    The first `sent` parts were sent by an earlier attempt and are skipped: rendering a turn again
    yields the same parts. `mark(sent, platform_id)` is called after each part with the number of
    parts sent so far and the platform's id of the new part ("" if there is none). `took` is called
    with the milliseconds that the platform took for the part.
    """

    def __init__(
        self,
        sent: int,
        mark: Callable[[int, str], None],
        took: Callable[[float], None] = lambda milliseconds: None,
    ) -> None:
        self._sent = sent
        self._mark = mark
        self._took = took
        self._seen = 0

    async def part(self, send: Callable[[], Awaitable[str | None]]) -> None:
        """Send one part, unless it was sent before; `send()` returns the platform's id of the part.

        A part that the platform refuses for good (SendError itself) is marked with the reason, and
        the turn continues. The subclasses of SendError are raised.
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
            logger.error("the platform refused a part for good: %s", error)
            mark = f"refused: {error}"
        self._mark(self._seen, mark)


def single_kinds(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Split a bot message into one message per kind, in the order of `send_response`."""
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
