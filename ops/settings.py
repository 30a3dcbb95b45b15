"""What the environment says of the local stack; the only place of `ops` that reads it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.failure import Failure

DEFAULT_PORT = 4566
_HIGHEST_PORT = 65535


@dataclass(frozen=True)
class LocalSettings:
    """The local stack's settings.

    `port` is None where none was asked for; `credentials` likewise. `parameters` are template
    parameters beside those of `ops up` itself. `prune` has `ops up` remove from a running stack
    what the credentials file lacks.
    """

    port: int | None
    local_dir: Path
    credentials: Path | None
    parameters: dict[str, str]
    prune: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> LocalSettings:
        """Read PORT, LOCAL_DIR, CREDENTIALS, PARAMETERS, PRUNE; raises Failure for nonsense."""
        credentials = environment.get("CREDENTIALS")
        return cls(
            port=_port(environment.get("PORT", "")),
            local_dir=Path(environment.get("LOCAL_DIR") or ".local").resolve(),
            credentials=Path(credentials) if credentials else None,
            parameters=_parameters(environment.get("PARAMETERS", "")),
            prune=_switch("PRUNE", environment.get("PRUNE", "")),
        )


def administrator(
    names: Iterable[str], environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """What registration needs and the stack never does: the variables that are set, by name."""
    found = {name: environment.get(name, "").strip() for name in names}
    return {name: value for name, value in found.items() if value}


def _port(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) <= _HIGHEST_PORT:
        raise Failure(f"PORT={text} is no port", f"Give a number from 1 to {_HIGHEST_PORT}.")
    return int(text)


def _switch(name: str, text: str) -> bool:
    if text not in {"", "0", "1"}:
        raise Failure(f"{name}={text} is neither 1 nor 0", f"Write {name}=1, or leave it out.")
    return text == "1"


def _parameters(text: str) -> dict[str, str]:
    mend = 'Write PARAMETERS="Name=value Other=value"; quote values with spaces.'
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise Failure(f"PARAMETERS cannot be read: {error}", mend) from error
    pairs = [word.partition("=") for word in words]
    if wrong := [
        word for word, pair in zip(words, pairs, strict=True) if not (pair[0] and pair[1])
    ]:
        raise Failure(f"PARAMETERS has '{wrong[0]}', which is not Name=value", mend)
    return {name: value for name, _, value in pairs}
