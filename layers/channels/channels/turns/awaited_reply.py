"""Replies that a request waits for while the worker asks the agent.

A platform that wants the bot's messages as the response to its request gives up after a few
seconds. The agent may take longer, and must not be asked twice because of that. So the message goes
through the inbox like any other. The worker's output, `AwaitedOutput`, stores the turn's messages
in the channel's memory, and the request waits for them there with `wait_for_answer`.

One conditional write decides which of the two comes first: a request that calls `give_up` learns
whether the reply has arrived after all, and the worker learns that nobody is waiting.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from channels.channel import CollectingOutputChannel

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from channels.channel import KeyValueStore

#: How long a reply can be fetched (seconds).
LIFETIME = 3600.0

#: The pause between two checks for a reply (seconds).
_INTERVAL = 0.15

_NOBODY_WAITS = "null"


async def wait_for_answer(
    memory: KeyValueStore,
    message_id: str,
    seconds: float,
    now: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> list[dict[str, Any]] | None:
    """Return the bot's messages of a turn, or None if they have not arrived after `seconds`.

    `now()` is any clock that never goes back (seconds). Raises PlatformUnavailable if the memory
    cannot be read.
    """
    end = now() + seconds
    while True:
        held = memory.get(answer_key(message_id))
        if held is not None:
            return _messages(held)
        if now() + _INTERVAL > end:
            return None
        await sleep(_INTERVAL)


def give_up(memory: KeyValueStore, message_id: str) -> list[dict[str, Any]] | None:
    """Stop waiting: return the messages if they have arrived, else None.

    The worker then sends them.
    """
    return _messages(memory.claim(answer_key(message_id), _NOBODY_WAITS, LIFETIME))


class AwaitedOutput(CollectingOutputChannel):
    """Collect a turn's messages and hand them over at its end.

    Subclasses define `name` (for the agent's response variations) and may override `answer_late`.
    If the request runs the turn itself, only `messages` is used.
    """

    delivers_parts = True

    def __init__(self, memory: KeyValueStore | None, message_id: str) -> None:
        """Hand the replies to message `message_id` over through `memory`."""
        super().__init__()
        self._memory = memory
        self._message_id = message_id

    async def end_turn(self, recipient_id: str) -> None:
        """Hand the messages over, or send them late if nobody is waiting any more."""
        if self._memory is None:
            return
        answer = json.dumps(self.messages)
        held = self._memory.claim(answer_key(self._message_id), answer, LIFETIME)
        if held == _NOBODY_WAITS:
            await self.answer_late(recipient_id)
        elif self.messages:
            await self.deliver(_handed_over)

    async def answer_late(self, recipient_id: str) -> None:
        """Send the messages to the user without the response; does nothing by default."""


async def _handed_over() -> str:
    """Return what the journal notes in place of a platform's id."""
    return "handed over"


def answer_key(message_id: str) -> str:
    """Return the key under which the reply to a message is stored."""
    return f"answer:{message_id}"


def _messages(held: str) -> list[dict[str, Any]] | None:
    messages: list[dict[str, Any]] | None = json.loads(held)
    return messages
