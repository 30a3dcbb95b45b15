"""The turns of a call: how to respond to a request while the worker asks the agent.

- The caller speaks: queue the message, wait for the reply, speak it and listen.
- No reply in time: ask the caller to hold and look again; after a minute listen, and owe the reply.
- The caller is silent: speak the last reply again, as Rasa does, without asking the agent.
- Something fails: say so and listen; the caller stays on the line.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from channels.errors import ChannelError
from channels.turns.awaited_reply import wait_for_answer
from channels.twilio_voice.output import TwilioVoiceCollectingOutputChannel
from channels.twilio_voice.twiml import Script, hold, listen, say, script_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from channels.channel import KeyValueStore, OnNewMessage, UserMessage
    from channels.twilio_voice.call import Call
    from channels.twilio_voice.settings import VoiceSettings

logger = logging.getLogger(__name__)

#: How long a request waits (seconds). Twilio gives up after 15 seconds, which include the Lambda's
#: start, the queue and the way back; and a line that is silent for longer seems dead.
WAIT = 6.0

#: How often a caller is asked to hold. Together with the waiting before and between, this is more
#: than a minute, which is as long as the worker lets an agent take.
MAX_HOLDS = 7

#: Pressed keys that may be a button's number.
_BUTTON = re.compile(r"[0-9]{1,3}")


class Dialogue:
    """Responds to one request of a call, in TwiML.

    Replies arrive through `memory`; without one, they only come from within the request. `now()`
    and `sleep()` are in seconds.
    """

    def __init__(
        self,
        call: Call,
        settings: VoiceSettings,
        memory: KeyValueStore | None,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._call = call
        self._settings = settings
        self._memory = memory
        self._now = now
        self._sleep = sleep
        self._owes = call.late or call.is_waiting

    async def respond(self, message: UserMessage | None, on_new_message: OnNewMessage) -> str:
        """Return the TwiML document for a message, or for a request without one."""
        call = self._call
        if not call.sid:
            logger.warning("twilio_voice: the request has no CallSid")
            return self._prompt(self._settings.sorry_phrase, call.url(call.turn))
        try:
            if message is not None:
                return await self._ask(message, on_new_message)
            return await (self._look() if call.is_waiting else self._repeat())
        except ChannelError as error:
            kind = type(error).__name__
            logger.error("call %s, turn %d: not answered: %s: %s", call.sid, call.turn, kind, error)
            return self._prompt(self._settings.sorry_phrase, self._after())

    async def _ask(self, message: UserMessage, on_new_message: OnNewMessage) -> str:
        output = TwilioVoiceCollectingOutputChannel(self._memory, message.message_id)
        message.output_channel = output
        message.text = await self._pressed() or message.text
        await on_new_message(message)
        self._owes = True
        if output.messages or self._memory is None:
            return self._speak(output.messages, self._call.turn, self._call.turn)
        return await self._look()

    async def _pressed(self) -> str | None:
        """The payload of the button whose number was pressed, None for other keys."""
        call = self._call
        if call.late or call.turn == 1 or not _BUTTON.fullmatch(call.digits):
            return None
        payloads = script_of(await self._heard(), self._settings).payloads
        return dict(enumerate(payloads, 1)).get(int(call.digits))

    async def _look(self) -> str:
        """Wait for the reply of this turn, and speak it with those that are owed."""
        call = self._call
        first = call.first_unheard
        answer = await self._answers(first, call.turn, WAIT)
        if answer is not None:
            return self._speak(answer, first, call.turn)
        if call.holds < MAX_HOLDS:
            return hold(self._settings, call.url(call.turn, first, wait=call.holds + 1))
        logger.warning("call %s, turn %d: the agent's reply is late", call.sid, call.turn)
        return self._prompt(self._settings.late_phrase, call.url(call.turn + 1, first, late=True))

    async def _repeat(self) -> str:
        """Speak the last reply again, or for the first time if it was late."""
        call = self._call
        first, last = call.first_heard, call.turn - 1
        here = call.url(call.turn, first, late=call.late)
        if call.late:
            answer = await self._answers(first, last, 0)
            if answer is None:
                return self._prompt(self._settings.late_phrase, here)
            return self._speak(answer, first, last)
        script = _last_said(script_of(await self._heard(), self._settings))
        if not script.verbs:
            return self._prompt(self._settings.reprompt_fallback_phrase, here)
        return listen(script, self._settings, here, self._rest(first, last), call.skip)

    async def _heard(self) -> list[dict[str, Any]]:
        """The messages that the caller heard last; a failed turn has none."""
        turns = range(self._call.first_heard, self._call.turn)
        return [message for turn in turns for message in await self._answer(turn) or []]

    async def _answers(self, first: int, last: int, seconds: float) -> list[dict[str, Any]] | None:
        """The bot's messages of several turns, None until the last turn has its reply.

        The worker handles a conversation's messages in order, so an earlier turn without a reply by
        then has failed.
        """
        answer = await self._answer(last, seconds)
        if answer is None:
            return None
        earlier = [await self._answer(turn) or [] for turn in range(first, last)]
        return [message for messages in (*earlier, answer) for message in messages]

    async def _answer(self, turn: int, seconds: float = 0) -> list[dict[str, Any]] | None:
        if self._memory is None:
            return None
        message_id = self._call.message_id(turn)
        return await wait_for_answer(self._memory, message_id, seconds, self._now, self._sleep)

    def _speak(self, messages: list[dict[str, Any]], first: int, last: int) -> str:
        script = script_of(messages, self._settings)
        action = self._call.url(last + 1, first)
        return listen(script, self._settings, action, self._rest(first, last), self._call.skip)

    def _rest(self, first: int, last: int) -> Callable[[int], str]:
        return lambda skip: self._call.url(last, first, wait=0, skip=skip)

    def _prompt(self, phrase: str, action: str) -> str:
        script = Script(say(phrase, self._settings), 0, [], ends=False)
        return listen(script, self._settings, action, lambda skip: action)

    def _after(self) -> str:
        """The URL to continue at after an error: a reply that may still come is owed."""
        call = self._call
        if call.is_silent:
            return call.url(call.turn, call.first_heard, late=call.late)
        if self._owes:
            return call.url(call.turn + 1, call.first_unheard, late=True)
        return call.url(call.turn + 1, call.first_heard or None)


def _last_said(script: Script) -> Script:
    """The part of a script that may be repeated: nothing is dialled twice."""
    tags = [verb.tag for verb in script.verbs]
    if "Dial" not in tags:
        return script
    start = len(tags) - tags[::-1].index("Dial")
    return Script(script.verbs[start:], script.listen_from - start, script.payloads, script.ends)
