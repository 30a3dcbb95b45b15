"""Common parts of agents for chat models: settings, memory of the conversation, streamed replies.

    agent:
      model: ...                # the model's name at the service, required
      system_prompt: You are ...
      temperature: 0.2
      max_tokens: 1024          # of a reply
      history: 10               # exchanges that the model is sent, 0 for none
      history_hours: 24         # how long they are remembered after the last exchange
      timeout: 20               # seconds, for a whole turn; can only shorten it

The agents are `chat_completions` and `aws.bedrock_agent`: examples that are ready to run.
"""

from __future__ import annotations

import json
import logging
import math
import time
from typing import TYPE_CHECKING, NamedTuple

from channels.errors import (
    AgentError,
    AgentTimeout,
    AgentUnavailable,
    CredentialsError,
    PlatformUnavailable,
)
from channels.section import A_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from channels.channel import KeyValueStore, UserMessage

logger = logging.getLogger(__name__)

#: The keys that all of these agents read.
KEYS = (
    "model",
    "system_prompt",
    "temperature",
    "max_tokens",
    "history",
    "history_hours",
    "timeout",
)

#: The most characters remembered of a conversation; an item holds 400 KB (DynamoDB).
_MAX_HISTORY = 60_000


class ChatSettings(NamedTuple):
    """The section `agent`; times are in seconds, None means not given."""

    model: str
    system_prompt: str = ""
    temperature: float | None = None
    max_tokens: int | None = None
    history: int = 10
    history_seconds: float = 86_400.0
    timeout: float = 25.0


class Exchange(NamedTuple):
    """A user's text and the model's reply; `message_id` is that of the user's message."""

    message_id: str
    user: str
    bot: str


class ChatAgent:
    """Replies with a model's text, in chunks as they arrive and then as a whole.

    Subclasses provide the text in `pieces(exchanges, text, remaining)`. The conversation is
    remembered in `memory`, by channel and sender; without a memory each message stands alone.
    """

    #: A longer reply ends the turn with an AgentError (characters).
    max_answer = 100_000

    def __init__(
        self,
        settings: ChatSettings,
        memory: KeyValueStore | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Reply as `settings` say; `clock()` is in seconds and never goes back."""
        self.settings = settings
        self._memory = memory
        self._clock = clock

    def pieces(
        self, exchanges: list[Exchange], text: str, remaining: Callable[[], float]
    ) -> Iterator[str]:
        """Yield the model's reply to `text` after `exchanges`, piece by piece as it arrives.

        `remaining()` returns the seconds left and raises AgentTimeout if there are none. Raises
        AgentError, AgentUnavailable or AgentTimeout if the reply is incomplete.
        """
        raise NotImplementedError(f"{type(self).__name__} must define pieces(...)")

    async def handle_message(self, message: UserMessage) -> None:
        """Ask the model and send its reply; send nothing for a message without text.

        The reply to a message that was answered before comes from memory: the worker may have been
        stopped before it recorded the reply.
        """
        if not message.text:
            logger.info("%r: not answered, because it has no text", message)
            return
        exchanges = self._remembered(message)
        if exchanges and exchanges[-1].message_id == message.message_id:
            answer = exchanges[-1].bot
        else:
            answer = await self._ask(message, exchanges, message.text)
            new = Exchange(message.message_id, message.text, answer)
            self._remember(message, [*exchanges, new])
        await message.output_channel.send_response(message.sender_id, {"text": answer})

    async def _ask(self, message: UserMessage, exchanges: list[Exchange], text: str) -> str:
        deadline = self._clock() + self.settings.timeout
        output, recipient = message.output_channel, message.sender_id
        answer = ""
        for piece in self.pieces(exchanges, text, lambda: self._remaining(deadline)):
            if not answer:
                await output.send_response_chunk_start(recipient)
            answer += piece
            if len(answer) > self.max_answer:
                raise AgentError(f"the model's answer is longer than {self.max_answer} characters")
            await output.send_response_chunk(recipient, piece)
        if not answer.strip():
            raise AgentError("the model returned no text")
        await output.send_response_chunk_end(recipient)
        return answer

    def _remaining(self, deadline: float) -> float:
        remaining = deadline - self._clock()
        if remaining <= 0:
            raise AgentTimeout(
                f"the model did not finish its answer within {self.settings.timeout:g} seconds"
            )
        return remaining

    def _remembered(self, message: UserMessage) -> list[Exchange]:
        if self._memory is None or not self.settings.history:
            return []
        try:
            known = json.loads(self._memory.get(_key(message)) or "[]")
        except PlatformUnavailable as error:
            raise AgentUnavailable(f"the conversation's history cannot be read: {error}") from error
        return [Exchange(*exchange) for exchange in known][-self.settings.history :]

    def _remember(self, message: UserMessage, exchanges: list[Exchange]) -> None:
        if self._memory is None or not self.settings.history:
            return
        kept = exchanges[-self.settings.history :]
        while len(kept) > 1 and sum(len(each.user) + len(each.bot) for each in kept) > _MAX_HISTORY:
            kept = kept[1:]
        try:
            self._memory.put(_key(message), json.dumps(kept), self.settings.history_seconds)
        except PlatformUnavailable as error:
            raise AgentUnavailable(
                f"the conversation's history cannot be stored: {error}"
            ) from error


def history_key(channel: str | None, sender_id: str) -> str:
    """Return the key of a conversation's history; `channel` is the message's `input_channel`."""
    return f"chat:{channel}:{sender_id}"


def _key(message: UserMessage) -> str:
    return history_key(message.input_channel, message.sender_id)


def read_chat_settings(
    credentials: dict[str, Any], timeout: float, also: tuple[str, ...] = ()
) -> ChatSettings:
    """Read the section `agent`; raise CredentialsError naming the first invalid key.

    `timeout` is the limit of a turn (seconds); `also` are the agent's own keys.
    """
    known = (*KEYS, *also)
    unknown = sorted(set(credentials) - set(known))
    if unknown:
        raise refused(unknown[0], f"is not a setting; there are {', '.join(known)}")
    given = {key: value for key, value in credentials.items() if value is not None}
    prompt = given.get("system_prompt", "")
    if not isinstance(prompt, str):
        raise refused("system_prompt", "must be a string")
    temperature = _number(given, "temperature", None, zero=True)
    max_tokens = _number(given, "max_tokens", None)
    return ChatSettings(
        text_setting(given, "model"),
        prompt.strip(),
        temperature,
        None if max_tokens is None else int(max_tokens),
        int(_number(given, "history", 10, zero=True) or 0),
        (_number(given, "history_hours", 24) or 24) * 3600,
        min(timeout, _number(given, "timeout", timeout) or timeout),
    )


def text_setting(given: dict[str, Any], key: str) -> str:
    """Return a required string of the section."""
    value = given.get(key)
    if not isinstance(value, str | None):
        raise refused(key, A_TEXT)
    if value is None or not value.strip():
        raise refused(key, "is needed: it must be a non-empty string")
    return value.strip()


def _number(
    given: dict[str, Any], key: str, default: float | None, *, zero: bool = False
) -> float | None:
    value = given.get(key, default)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise refused(key, "must be a number")
    if value < 0 or not (value or zero):
        raise refused(key, "must be 0 or more" if zero else "must be more than 0")
    return value


def refused(key: str, problem: str) -> CredentialsError:
    """Return the error of an invalid setting."""
    return CredentialsError(f"agent: '{key}' {problem} (docs/agents.md)")
