"""Answers that a request waits for while the worker asks the agent.

A platform that wants the bot's messages as the response to its request gives up after seconds; an
agent may take longer, and must not be asked twice for that. So the message goes through the inbox
as every other one; the worker's output, `AwaitedOutput`, brings the turn's messages to the
channel's memory, and the request looks for them there with `wait_for_answer`.

Which of the two comes first is decided by one conditional write: a request that gives up with
`give_up` learns whether the answer came after all, and the worker learns that nobody waits.
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

#: How long an answer can be asked for (seconds).
LIFETIME = 3600.0

#: Between two looks for an answer (seconds).
_INTERVAL = 0.15

_NOBODY_WAITS = "null"


async def wait_for_answer(
    memory: KeyValueStore,
    message_id: str,
    seconds: float,
    now: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> list[dict[str, Any]] | None:
    """The bot's messages of a turn, None when they are not there after `seconds`.

    `now()` is any clock that goes forward (seconds). Raises PlatformUnavailable when the memory
    does not answer.
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
    """Stop waiting: the messages if they are there, else None, and the worker sends them itself."""
    return _messages(memory.claim(answer_key(message_id), _NOBODY_WAITS, LIFETIME))


class AwaitedOutput(CollectingOutputChannel):
    """Collects a turn's messages and hands them over at its end.

    Subclasses give `name` (for the agent's response variations) and may override `answer_late`.
    Within a request that runs the turn itself, `messages` is all there is to it.
    """

    delivers_parts = True

    def __init__(self, memory: KeyValueStore | None, message_id: str) -> None:
        """Hand over through `memory` what belongs to the message of that id."""
        super().__init__()
        self._memory = memory
        self._message_id = message_id

    async def end_turn(self, recipient_id: str) -> None:
        """Hand the messages over, or send them late when nobody waits any more."""
        if self._memory is None:
            return
        answer = json.dumps(self.messages)
        held = self._memory.claim(answer_key(self._message_id), answer, LIFETIME)
        if held == _NOBODY_WAITS:
            await self.answer_late(recipient_id)
        elif self.messages:
            await self.deliver(_handed_over)

    async def answer_late(self, recipient_id: str) -> None:
        """Bring the messages to the user without the response; by default there is no way."""


async def _handed_over() -> str:
    """What the journal notes in place of a platform's id."""
    return "handed over"


def answer_key(message_id: str) -> str:
    """Where the answer to a message is waited for."""
    return f"answer:{message_id}"


def _messages(held: str) -> list[dict[str, Any]] | None:
    messages: list[dict[str, Any]] | None = json.loads(held)
    return messages
