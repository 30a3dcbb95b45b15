"""Join the chunks of a streamed reply into few posts, as each post is billed and takes time.

The first chunk is posted at once, because the reader is waiting for it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: Chunks are posted once they have this many characters, or when a chunk comes after this many
#: seconds since the last post.
MAX_CHARACTERS = 200
MAX_WAIT = 0.08


class Coalescer:
    """Joins chunks; `clock()` is monotonic (seconds)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._chunks: list[str] = []
        self._since: float | None = None

    def add(self, chunk: str) -> str:
        """Add a chunk; returns the text to post now, "" if none is due."""
        self._chunks.append(chunk)
        due = self._since is None or self._clock() - self._since >= MAX_WAIT
        return self.flush() if due or sum(map(len, self._chunks)) >= MAX_CHARACTERS else ""

    def flush(self) -> str:
        """Return the text that has not been posted yet."""
        joined = "".join(self._chunks)
        self._chunks.clear()
        if joined:
            self._since = self._clock()
        return joined
