"""Access tokens that require a login, kept by each instance and shared through the memory."""

from __future__ import annotations

import json
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from channels.channel import KeyValueStore

#: A token is not used in its last seconds: a call takes a while.
_MARGIN = 300.0


class SharedToken:
    """An access token that is fetched when first needed, and again before it expires."""

    def __init__(
        self,
        key: str,
        fetch: Callable[[], tuple[str, float]],
        memory: Callable[[], KeyValueStore | None],
        now: Callable[[], float] = time.time,
    ) -> None:
        """Keep the token under `key`, which names its owner (account, tenant) and is not secret.

        `fetch()` logs in and returns the token and its lifetime (seconds). `memory()` returns the
        channel's memory; without a memory each instance logs in. `now()` is in seconds since 1970.
        """
        self._key = f"token:{key}"
        self._fetch = fetch
        self._memory = memory
        self._now = now
        self._token = ""
        self._expires = 0.0

    def get(self) -> str:
        """Return a token that is valid for a while. Raises what `fetch` and the memory raise."""
        if self._now() < self._expires - _MARGIN:
            return self._token
        return self._recall() or self._renew()

    def replace(self, refused: str) -> str:
        """Return a token other than `refused`, which the platform has just refused (401)."""
        if self._token and self._token != refused:
            return self._token
        recalled = self._recall()
        return recalled if recalled and recalled != refused else self._renew()

    def _recall(self) -> str | None:
        memory = self._memory()
        held = memory.get(self._key) if memory is not None else None
        if held is None:
            return None
        kept = json.loads(held)
        if self._now() >= kept["expires"] - _MARGIN:
            return None
        self._token, self._expires = kept["token"], kept["expires"]
        return self._token

    def _renew(self) -> str:
        self._token, seconds = self._fetch()
        # A lifetime shorter than two margins would be over before it began.
        self._expires = self._now() + max(seconds, 2 * _MARGIN)
        memory = self._memory()
        if memory is not None:
            kept = json.dumps({"token": self._token, "expires": self._expires})
            memory.put(self._key, kept, self._expires - self._now())
        return self._token
