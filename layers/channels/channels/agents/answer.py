"""Read the response of a Rasa server's channel: bytes in, bot messages out. Pure.

The REST channel with `stream=true` and the remote channel respond with newline-delimited JSON, one
message per line, whatever the content type says (`text/event-stream`); otherwise the response is
one JSON array.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from channels.errors import AgentError, AgentTimeout, AgentUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any


def bot_messages(chunks: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the messages of a response, each as soon as its line is complete.

    Raises AgentError at the first line that is not a JSON object, and at a line `{"error": {...}}`,
    with which the remote channel and this application's own REST channel end a failed turn.
    """
    for number, document in enumerate(_documents(chunks), start=1):
        value = _parse(document, number)
        is_array = number == 1 and isinstance(value, list)
        for message in value if is_array else [value]:
            if not isinstance(message, dict):
                raise AgentError(
                    f"Rasa's answer is not understood: line {number} is not a JSON object"
                )
            if isinstance(message.get("error"), dict):
                raise _reported(message["error"])
            yield message


def _documents(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the response's lines except blank ones, or the whole response if it is an array."""
    lines = (line for line in map(bytes.strip, _lines(chunks)) if line)
    first = next(lines, b"")
    if first.startswith(b"["):
        yield b"\n".join((first, *lines))
    elif first:
        yield first
        yield from lines


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield each line when it is complete, and at the end what follows the last line break."""
    pending: list[bytes] = []
    for chunk in chunks:
        *complete, rest = chunk.split(b"\n")
        for line in complete:
            yield b"".join((*pending, line))
            pending.clear()
        pending.append(rest)
    yield b"".join(pending)


def _parse(document: bytes, number: int) -> Any:
    try:
        return json.loads(document.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        page = ", but looks like a web page: check RasaUrl" if document.startswith(b"<") else ""
        # Raised without its cause, which contains the whole line.
        raise AgentError(
            f"Rasa's answer is not understood: line {number} ({len(document)} bytes) is not valid "
            f"JSON ({type(error).__name__}){page}"
        ) from None


def _reported(error: dict[str, Any]) -> AgentError:
    """Return the failure that an error line reports, without its text, which may say anything."""
    status = error.get("status")
    if not isinstance(status, int):
        return AgentError("the agent's server reported an error: see its log")
    kind = {503: AgentUnavailable, 504: AgentTimeout}.get(status, AgentError)
    return kind(f"the agent's server reported an error with status {status}: see its log")
