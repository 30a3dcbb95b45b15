"""The Twilio Voice channel: a phone call, turn by turn, each turn the response to a request.

    POST /webhooks/twilio_voice/webhook?turn=2
    X-Twilio-Signature: ...
    CallSid=CA...&From=%2B15550100&CallStatus=in-progress&SpeechResult=hello
    200 <Response><Gather action="..." input="speech dtmf"><Say>Hey! How are you?</Say></Gather>...

Rasa's channel, plus what Rasa leaves out: it checks that a request comes from Twilio, uses URLs
that work under any stage and domain, accepts key presses, bridges the time of agents slower than
Twilio's timeout, and keeps a call going if the bot says nothing or something fails.
"""

from __future__ import annotations

import time

from channels.channel import InputChannel, UserMessage
from channels.errors import VerificationError
from channels.http.response import Response
from channels.telemetry.ignored import ignored, not_a_message
from channels.twilio.replays import refuse_altered
from channels.twilio.signature import SignatureVerifier
from channels.twilio_voice.call import NOT_MESSAGES, read_call
from channels.twilio_voice.settings import SECTION, VoiceSettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from channels.channel import OnNewMessage
    from channels.http.request import Request
    from channels.twilio_voice.output import TwilioVoiceCollectingOutputChannel

_TWIML = "text/xml; charset=utf-8"


class TwilioVoiceInput(InputChannel):
    """Input channel for phone calls.

    Credentials: Rasa's `initial_prompt`, `reprompt_fallback_phrase`, `assistant_voice`,
    `speech_timeout`, `speech_model`, `enhanced`; ours: `auth_token` (needed),
    `secondary_auth_token`, `webhook_shared_keys`, `allow_unsigned`, and those of `VoiceSettings`.
    """

    answers_in_request = True
    waits_for_worker = True
    methods = ("GET", "POST")
    not_messages = NOT_MESSAGES

    @classmethod
    def name(cls) -> str:
        """`twilio_voice`."""
        return "twilio_voice"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> TwilioVoiceInput:
        """Create the channel from its section; raises CredentialsError for an invalid setting."""
        if not credentials:
            cls.raise_missing_credentials_exception()
        return cls(credentials=credentials)

    def __init__(  # noqa: PLR0913 - Rasa's parameters
        self,
        initial_prompt: str | None = None,
        reprompt_fallback_phrase: str | None = None,
        assistant_voice: str | None = None,
        speech_timeout: str | int | None = None,
        speech_model: str | None = None,
        enhanced: str | bool | None = None,
        *,
        credentials: dict[str, Any] | None = None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        """Rasa's parameters in Rasa's order; `credentials` may hold any key of the section.

        `now()` and `sleep()` are in seconds. Raises CredentialsError if a setting is invalid.
        """
        given = {
            "initial_prompt": initial_prompt,
            "reprompt_fallback_phrase": reprompt_fallback_phrase,
            "assistant_voice": assistant_voice,
            "speech_timeout": speech_timeout,
            "speech_model": speech_model,
            "enhanced": enhanced,
        }
        named = {key: value for key, value in given.items() if value is not None}
        section = {**(credentials or {}), **named}
        self._settings = VoiceSettings(section)
        self._verifier = SignatureVerifier.from_section(SECTION.of(section))
        self._now = now
        self._sleep = sleep

    def verify(self, request: Request) -> None:
        """Check Twilio's signature, and that it comes with the fields it first came with."""
        if self._verifier is not None:
            self._verifier.verify(request)
            refuse_altered(request, self.memory)

    def parse(self, request: Request) -> list[UserMessage]:
        """Return what the caller said or pressed; for the first request, `initial_prompt`.

        Empty for silence, for a request that looks again for a reply, and for calls that are over.
        The message's id is the call's id and the turn's number. Raises VerificationError if the
        call's id does not have Twilio's form.
        """
        call = read_call(request)
        if call.fields.get("CallSid") and not call.sid:
            raise VerificationError("not from Twilio: no valid CallSid", 403)
        if not call.sid:
            ignored("twilio_voice", "a request without a CallSid", {"From": call.caller})
            return []
        if call.kind:
            not_a_message("twilio_voice", call.kind, {"CallSid": call.sid}, NOT_MESSAGES)
            return []
        by_call = self._settings.conversation_granularity == "call"
        message = UserMessage(
            call.digits or call.speech or self._settings.initial_prompt,
            sender_id=call.sid if by_call else call.caller or call.sid,
            input_channel=self.name(),
            message_id=call.message_id(),
            metadata=self.get_metadata(request),
            reply_to={"message_id": call.message_id()},
        )
        return [message]

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """Return Twilio's fields by name, plus `confidence` and `language` of the speech."""
        return read_call(request).metadata

    async def answer(
        self, request: Request, messages: list[UserMessage], on_new_message: OnNewMessage
    ) -> Response:
        """Respond with TwiML: the bot's reply, or a request to hold; see `dialogue`."""
        import asyncio

        from channels.twilio_voice.dialogue import Dialogue
        from channels.twilio_voice.twiml import NOTHING

        call = read_call(request)
        if call.is_over:
            return Response.text(NOTHING, content_type=_TWIML)
        sleep = self._sleep or asyncio.sleep
        dialogue = Dialogue(call, self._settings, self.memory, self._now, sleep)
        twiml = await dialogue.respond(messages[0] if messages else None, on_new_message)
        return Response.text(twiml, content_type=_TWIML)

    def output_for(self, message: UserMessage) -> TwilioVoiceCollectingOutputChannel:
        """Return the output that hands the reply to the request that waits for it.

        A message that no caller said gets an output that refuses everything: such messages come
        from the conversations API.
        """
        from channels.twilio_voice.output import TwilioVoiceCollectingOutputChannel

        if (message.reply_to or {}).get("message_id") != message.message_id:
            return self.get_output_channel()
        return TwilioVoiceCollectingOutputChannel(self.memory, message.message_id)

    def get_output_channel(self) -> TwilioVoiceCollectingOutputChannel:
        """Return an output that refuses everything: the bot can only speak in a call's response."""
        from channels.twilio_voice.output import UnaskedVoiceOutput

        return UnaskedVoiceOutput()
