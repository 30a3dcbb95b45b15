"""The section `twilio_voice` of credentials.yml: its keys, and the checks of their values."""

from __future__ import annotations

import re

from channels.section import Section

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SECTION = Section(
    "twilio_voice",
    "docs/channels/twilio_voice.md",
    keys=(
        "auth_token",
        "secondary_auth_token",
        "webhook_shared_keys",
        "account_sid",
        "twilio_number",
        "api_key_sid",
        "api_key_secret",
        "api_base",
        "initial_prompt",
        "reprompt_fallback_phrase",
        "assistant_voice",
        "speech_timeout",
        "speech_model",
        "enhanced",
        "language",
        "hints",
        "conversation_granularity",
        "button_phrase",
        "hold_phrase",
        "late_phrase",
        "sorry_phrase",
        "goodbye_phrase",
        "allow_unsigned",
    ),
)

#: Rasa's name for "no model given": Twilio chooses the model.
DEFAULT_MODEL = "default"

#: Phrases and their defaults; the first two are Rasa's.
PHRASES = {
    "initial_prompt": "hello",
    "reprompt_fallback_phrase": "I'm sorry I didn't get that could you rephrase.",
    "hold_phrase": "One moment, please.",
    "late_phrase": "I am still working on that. Please stay on the line.",
    "sorry_phrase": "I am sorry, something went wrong. Please say that again.",
    "button_phrase": "Press {number} for {title}.",
}

# Only the form can be checked: Twilio adds voices and models (`Polly.Joanna-Neural`,
# `googlev2_telephony`) all the time.
_VOICE = re.compile(r"[A-Za-z][\w.:/-]{0,99}")
_MODEL = re.compile(r"[A-Za-z][\w.-]{0,99}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_SPEECH_TIMEOUT = re.compile(r"auto|[1-9][0-9]{0,2}")

#: What counts as one conversation: a caller (as in Rasa) or a call.
_GRANULARITY = re.compile("caller|call")

_TEXT = re.compile(r".+", re.DOTALL)
_A_TEXT = "a text that is not empty, or be left out"


class VoiceSettings:
    """The settings of the section, with Rasa's defaults.

    Attributes are named like the keys. `speech_timeout` is `auto` or seconds, as a string.
    `goodbye_phrase`, `language` and `hints` are empty unless set.
    """

    def __init__(self, credentials: dict[str, Any]) -> None:
        """Raises CredentialsError, which names the key, if a value is invalid."""
        given = SECTION.of(credentials)
        self.initial_prompt = _phrase(given, "initial_prompt")
        self.reprompt_fallback_phrase = _phrase(given, "reprompt_fallback_phrase")
        self.hold_phrase = _phrase(given, "hold_phrase")
        self.late_phrase = _phrase(given, "late_phrase")
        self.sorry_phrase = _phrase(given, "sorry_phrase")
        self.button_phrase = _phrase(given, "button_phrase")
        if not ("{number}" in self.button_phrase and "{title}" in self.button_phrase):
            raise given.wrong("button_phrase", "must contain {number} and {title}")
        self.goodbye_phrase = _phrase(given, "goodbye_phrase")
        self.assistant_voice = given["assistant_voice"].matching(
            _VOICE, "one of Twilio's voices", "woman"
        )
        self.language = given["language"].matching(_LANGUAGE, "a tag such as en-US", "")
        self.hints = _hints(given)
        self.speech_model = given["speech_model"].matching(
            _MODEL, "one of Twilio's speech models", DEFAULT_MODEL
        )
        self.speech_timeout = _speech_timeout(given)
        self.enhanced = _switch(given, "enhanced")
        self.conversation_granularity = given["conversation_granularity"].matching(
            _GRANULARITY, "caller or call", "caller"
        )
        self._check_together(given)

    def _check_together(self, given: Section) -> None:
        """Refuse combinations that Twilio refuses or ignores."""
        if self.enhanced and self.speech_model != "phone_call":
            raise given.wrong("enhanced", "works with 'speech_model: phone_call' only")
        # For `auto`, Rasa requires numbers_and_commands, but Twilio now no model (warning 13335).
        models = (DEFAULT_MODEL, "numbers_and_commands")
        if self.speech_timeout == "auto" and self.speech_model not in models:
            raise given.wrong(
                "speech_timeout", "must be a number of seconds with this 'speech_model'"
            )


def _phrase(given: Section, key: str) -> str:
    """A phrase to speak, its default if not set, "" if it has no default."""
    return given[key].matching(_TEXT, _A_TEXT, PHRASES.get(key, ""))


def _hints(given: Section) -> str:
    """Words that callers are likely to say, joined as Twilio expects; may be a list in YAML."""
    value = given["hints"].value
    hints = value if isinstance(value, list) else [value]
    return ", ".join(given.setting("hints", hint).matching(_TEXT, _A_TEXT, "") for hint in hints)


def _speech_timeout(given: Section) -> str:
    """`auto`, or seconds, which may be written as a number."""
    value = given["speech_timeout"].value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    written = given.setting("speech_timeout", str(value) if is_number else value)
    return written.matching(_SPEECH_TIMEOUT, "a whole number of seconds above 0, or auto", "5")


def _switch(given: Section, key: str) -> bool:
    """A switch, which may be written as a string, as Rasa's default is."""
    text = str(given[key].value or False).strip().lower()
    if text not in ("true", "false"):
        raise given.wrong(key, "must be true or false")
    return text == "true"
