"""How a call sounds and is listened to: the channel's settings, checked one by one."""

from __future__ import annotations

import re

from channels.errors import CredentialsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

#: What one conversation is: a caller (Rasa's), a call.
GRANULARITIES = ("caller", "call")

#: Rasa's model of its own name: Twilio chooses the model.
DEFAULT_MODEL = "default"

#: Texts that are spoken, and what they are unless set; the first two are Rasa's.
PHRASES = {
    "initial_prompt": "hello",
    "reprompt_fallback_phrase": "I'm sorry I didn't get that could you rephrase.",
    "hold_phrase": "One moment, please.",
    "late_phrase": "I am still working on that. Please stay on the line.",
    "sorry_phrase": "I am sorry, something went wrong. Please say that again.",
    "button_phrase": "Press {number} for {title}.",
}

# Twilio adds voices and models all the time (`Polly.Joanna-Neural`, `googlev2_telephony`): what can
# be checked is the form.
_VOICE = re.compile(r"[A-Za-z][\w.:/-]{0,99}")
_MODEL = re.compile(r"[A-Za-z][\w.-]{0,99}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_SECONDS = re.compile(r"[1-9][0-9]{0,2}")


class VoiceSettings:
    """The settings of a section of credentials.yml, with Rasa's defaults.

    Attributes have the names of the keys; `speech_timeout` is `auto` or seconds as a text. The
    attributes `goodbye_phrase`, `language` and `hints` are empty unless set.
    """

    def __init__(self, credentials: dict[str, Any]) -> None:
        """Raises CredentialsError that names the key of a value that cannot serve."""
        self.initial_prompt = _phrase(credentials, "initial_prompt")
        self.reprompt_fallback_phrase = _phrase(credentials, "reprompt_fallback_phrase")
        self.hold_phrase = _phrase(credentials, "hold_phrase")
        self.late_phrase = _phrase(credentials, "late_phrase")
        self.sorry_phrase = _phrase(credentials, "sorry_phrase")
        self.button_phrase = _phrase(credentials, "button_phrase")
        if not ("{number}" in self.button_phrase and "{title}" in self.button_phrase):
            _refuse("button_phrase", "it must contain {number} and {title}")
        self.goodbye_phrase = _optional_text(credentials, "goodbye_phrase")
        self.assistant_voice = _matching(
            credentials, "assistant_voice", "woman", _VOICE, "one of Twilio's voices"
        )
        self.language = _matching(credentials, "language", "", _LANGUAGE, "a tag such as en-US")
        self.hints = _hints(credentials)
        self.speech_model = _matching(
            credentials, "speech_model", DEFAULT_MODEL, _MODEL, "one of Twilio's speech models"
        )
        self.speech_timeout = _speech_timeout(credentials)
        self.enhanced = _switch(credentials, "enhanced")
        granularity = _optional_text(credentials, "conversation_granularity") or GRANULARITIES[0]
        if granularity not in GRANULARITIES:
            _refuse("conversation_granularity", f"it must be one of {', '.join(GRANULARITIES)}")
        self.conversation_granularity = granularity
        self._check_together()

    def _check_together(self) -> None:
        """What Twilio refuses or ignores in combination."""
        if self.enhanced and self.speech_model != "phone_call":
            _refuse("enhanced", "it works with 'speech_model: phone_call' only")
        # Rasa wants numbers_and_commands for `auto`; Twilio by now wants no model (warning 13335).
        models = (DEFAULT_MODEL, "numbers_and_commands")
        if self.speech_timeout == "auto" and self.speech_model not in models:
            _refuse("speech_timeout", "with this 'speech_model' it must be a number of seconds")


def _refuse(key: str, reason: str) -> NoReturn:
    """Raise the CredentialsError of a key."""
    raise CredentialsError(f"twilio_voice: '{key}': {reason} (README, section 'Twilio Voice')")


def _phrase(credentials: dict[str, Any], key: str) -> str:
    return _optional_text(credentials, key) or PHRASES[key]


def _optional_text(credentials: dict[str, Any], key: str) -> str:
    value = credentials.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or not value.strip():
        _refuse(key, "it must be a text; leave the key out to do without")
    return value.strip()


def _matching(
    credentials: dict[str, Any], key: str, default: str, pattern: re.Pattern[str], expected: str
) -> str:
    text = _optional_text(credentials, key) or default
    if text and not pattern.fullmatch(text):
        _refuse(key, f"it must be {expected}")
    return text


def _hints(credentials: dict[str, Any]) -> str:
    """Words that callers are likely to say, as Twilio takes them; a list in YAML serves too."""
    value = credentials.get("hints")
    if isinstance(value, list):
        return ", ".join(_optional_text({"hints": hint}, "hints") for hint in value)
    return _optional_text(credentials, "hints")


def _speech_timeout(credentials: dict[str, Any]) -> str:
    value = credentials.get("speech_timeout")
    if value is None:
        return "5"
    text = "" if isinstance(value, bool) else str(value).strip()
    if text != "auto" and not _SECONDS.fullmatch(text):
        _refuse("speech_timeout", "it must be a whole number of seconds above 0, or auto")
    return text


def _switch(credentials: dict[str, Any], key: str) -> bool:
    text = str(credentials.get(key) or False).strip().lower()
    if text not in ("true", "false"):
        _refuse(key, "it must be true or false")
    return text == "true"
