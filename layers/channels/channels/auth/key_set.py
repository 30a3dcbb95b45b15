"""Public keys of a JWT issuer, kept by each instance and shared through the channel's memory."""

from __future__ import annotations

import json
import logging
import time

from channels.errors import PlatformUnavailable, VerificationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.channel import KeyValueStore

logger = logging.getLogger(__name__)

#: Known keys are fetched again after this time (seconds), because one may have been withdrawn.
LIFETIME = 86_400.0

#: The shortest time between two fetches (seconds), however many key ids strangers make up.
_PATIENCE = 10.0

#: The timeout for connecting to an issuer (seconds).
_CONNECT = 2.0


def fetch_document(url: str, issuer: str, read: float) -> dict[str, Any]:
    """Fetch a JSON object that an issuer publishes: its keys, or metadata that links to them.

    Makes one attempt, follows no redirect and waits at most `read` seconds for the response,
    because a request is waiting. Raises PlatformUnavailable, with the issuer's name, if there is no
    such object.
    """
    import urllib3

    timeout = urllib3.Timeout(connect=_CONNECT, read=read)
    try:
        with urllib3.PoolManager(timeout=timeout, retries=False) as http:
            answer = http.request("GET", url, redirect=False)
        document = json.loads(answer.data) if answer.status == 200 else None
    except (urllib3.exceptions.HTTPError, ValueError, RecursionError) as error:
        raise PlatformUnavailable(f"no keys from {issuer}: {type(error).__name__}") from error
    if not isinstance(document, dict):
        raise PlatformUnavailable(
            f"no keys from {issuer}: status {answer.status}, not a JSON object"
        )
    return document


class KeySet:
    """A JSON Web Key Set (RFC 7517) that is fetched when a requested key is missing."""

    def __init__(
        self,
        name: str,
        fetch: Callable[[], dict[str, Any]],
        memory: Callable[[], KeyValueStore | None],
        now: Callable[[], float] = time.time,
    ) -> None:
        """Fetch nothing yet.

        `fetch()` returns the set, `{"keys": [...]}`, or raises PlatformUnavailable. `memory()`
        returns the channel's memory, where the set is kept as `keys:<name>`. `now()` is in seconds
        since 1970.
        """
        self._name = f"keys:{name}"
        self._fetch = fetch
        self._memory = memory
        self._now = now
        self._keys: dict[str, dict[str, Any]] = {}
        self._fetched = float("-inf")

    def key(self, key_id: str) -> dict[str, Any]:
        """Return the key with an id, as a JWK; raise VerificationError if the issuer has none.

        Raises what `fetch` and the memory raise if the keys cannot be fetched.
        """
        if self._age() > LIFETIME or key_id not in self._keys:
            self._recall()
        if self._age() > LIFETIME or (key_id not in self._keys and self._age() > _PATIENCE):
            self._renew()
        found = self._keys.get(key_id)
        if found is None:
            raise VerificationError("the token's issuer has no key with its key id")
        return found

    def _age(self) -> float:
        return self._now() - self._fetched

    def _recall(self) -> None:
        memory = self._memory()
        held = memory.get(self._name) if memory is not None else None
        if held is not None:
            kept = json.loads(held)
            if kept["fetched"] > self._fetched:
                self._take(kept["keys"], kept["fetched"])

    def _renew(self) -> None:
        keys = self._fetch().get("keys") or []
        self._take(keys, self._now())
        logger.info("%s: fetched %d keys", self._name, len(self._keys))
        memory = self._memory()
        if memory is not None:
            kept = json.dumps({"keys": list(self._keys.values()), "fetched": self._fetched})
            memory.put(self._name, kept, LIFETIME)

    def _take(self, keys: list[dict[str, Any]], fetched: float) -> None:
        self._keys = {key["kid"]: key for key in keys if isinstance(key.get("kid"), str)}
        self._fetched = fetched
