"""Send a turn's messages part by part, so that an interrupted turn resumes where it stopped."""

from __future__ import annotations

import logging
import threading
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


class OutOfTime(Exception):
    """The attempt has no time for another part: the turn goes on later. No failure."""


class Parts:
    """The parts of a turn, in order; a part is one call to the platform.

    The first `sent` parts were sent by an earlier attempt and are skipped: rendering a turn again
    yields the same parts. `mark(sent, platform_id)` is called after each part with the number of
    parts sent so far and the platform's id of the new part ("" if there is none). `took` is called
    with the milliseconds that the platform took for the part. No part begins unless `has_time()`.
    """

    def __init__(
        self,
        sent: int,
        mark: Callable[[int, str], None],
        took: Callable[[float], None] = lambda milliseconds: None,
        has_time: Callable[[], bool] = lambda: True,
    ) -> None:
        self._sent = sent
        self._mark = mark
        self._took = took
        self._has_time = has_time
        self._seen = 0
        self._is_over = False
        self._marking = threading.Lock()
        #: Whether a call of the platform, or its mark, is under way.
        self.is_busy = False

    def close(self) -> None:
        """End the attempt: whoever is still sending for it sends and marks nothing more.

        Waits for a mark that is under way.
        """
        with self._marking:
            self._is_over = True

    def check(self) -> None:
        """Raise OutOfTime if the attempt is over."""
        if self._is_over:
            raise OutOfTime("the attempt is over")

    async def part(self, send: Callable[[], Awaitable[str | None]]) -> None:
        """Send one part, unless it was sent before; `send()` returns the platform's id of the part.

        A part that the platform refuses for good (SendError itself) is marked with the reason, and
        the turn continues. The subclasses of SendError are raised. Raises OutOfTime before a part
        for which no time is left, and instead of the mark once the attempt is over.
        """
        self._seen += 1
        if self._seen <= self._sent:
            return
        self.check()
        if not self._has_time():
            raise OutOfTime("no time left for another part")
        self.is_busy = True
        try:
            await self._send(send)
        finally:
            self.is_busy = False

    async def last(self, call: Awaitable[None]) -> None:
        """Await what follows the last part, a call of the platform or none."""
        self.is_busy = True
        try:
            await call
        finally:
            self.is_busy = False

    async def _send(self, send: Callable[[], Awaitable[str | None]]) -> None:
        started = time.perf_counter()
        try:
            mark = await send() or ""
            self._took((time.perf_counter() - started) * 1000)
        except (RateLimited, RecipientGone, PlatformUnavailable):
            raise
        except SendError as error:
            logger.error("the platform refused a part for good: %s", error)
            mark = f"refused: {error}"
        with self._marking:
            self.check()
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
