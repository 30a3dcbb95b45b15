"""Pieces of a streamed answer, joined to few posts: each post is billed and takes milliseconds.

The first one is posted at once: it is what the reader waits for.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: A piece is posted when it has this many characters, or with the first chunk that comes when this
#: many seconds have passed since the last post.
MAX_CHARACTERS = 200
MAX_WAIT = 0.08


class Coalescer:
    """Joins chunks; `clock()` goes forward (seconds)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start without any."""
        self._clock = clock
        self._chunks: list[str] = []
        self._since: float | None = None

    def add(self, chunk: str) -> str:
        """Take a chunk; gives what is to be posted now, "" when nothing is."""
        self._chunks.append(chunk)
        due = self._since is None or self._clock() - self._since >= MAX_WAIT
        return self.flush() if due or sum(map(len, self._chunks)) >= MAX_CHARACTERS else ""

    def flush(self) -> str:
        """What has not been posted yet."""
        joined = "".join(self._chunks)
        self._chunks.clear()
        if joined:
            self._since = self._clock()
        return joined
