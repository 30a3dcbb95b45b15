"""TwiML: the XML that tells Twilio what to say, play and listen for.

Texts become `<Say>` verbs, with a pause of one second between two. As in Rasa's channel, the last
one is inside the `<Gather>` that listens, so that the caller may interrupt it. So is everything
from the first message with buttons on, since keys can only be pressed inside a `<Gather>`.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element, tostring

from channels.messages.text import split_messages
from channels.twilio_voice.custom_json import verbs_of_custom
from channels.twilio_voice.settings import DEFAULT_MODEL

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.twilio_voice.settings import VoiceSettings

#: Longest text of one `<Say>` (characters; twilio.com/docs/voice/twiml/say).
MAX_SAY = 4096

#: Most bytes of verbs in one document; Twilio accepts 64 KB (error 11750).
MAX_VERBS = 60_000

#: An empty document, for a call that is over.
NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response />'

_SPOKEN = ("Say", "Play")

#: Characters that XML 1.0 cannot represent.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Script(NamedTuple):
    """A bot's messages as verbs; Twilio listens while it speaks `verbs[listen_from:]`.

    `payloads` are those of the buttons, in the order of their digits, from 1. `ends` means that the
    call ends after the verbs, so there is nothing to listen for.
    """

    verbs: list[Element]
    listen_from: int
    payloads: list[str]
    ends: bool


def script_of(messages: list[dict[str, Any]], settings: VoiceSettings) -> Script:
    """Return the script of messages collected by `TwilioVoiceCollectingOutputChannel`."""
    verbs: list[Element] = []
    payloads: list[str] = []
    listen_from = 0
    for message in messages:
        buttons = _buttons(message)
        own = [*_text(message, settings), *_options(buttons, len(payloads) + 1, settings)]
        own += _custom(message, settings)
        if own and not payloads:
            listen_from = len(verbs) + _pauses(verbs, own)
        payloads += [str(button.get("payload") or button["title"]) for button in buttons]
        for verb in own:
            verbs += [_pause()] * _pauses(verbs, [verb])
            verbs.append(verb)
    return _cut(verbs, listen_from, payloads)


def _cut(verbs: list[Element], listen_from: int, payloads: list[str]) -> Script:
    """Drop what follows a hang-up, and do not listen during a dialled call."""
    tags = [verb.tag for verb in verbs]
    if "Hangup" in tags:
        end = tags.index("Hangup") + 1
        return Script(verbs[:end], end, payloads, ends=True)
    if "Dial" in tags:
        listen_from = max(listen_from, len(tags) - tags[::-1].index("Dial"))
    return Script(verbs, listen_from, payloads, ends=False)


def _pauses(before: list[Element], verbs: list[Element]) -> int:
    return int(bool(before) and before[-1].tag in _SPOKEN and verbs[0].tag in _SPOKEN)


def _text(message: dict[str, Any], settings: VoiceSettings) -> list[Element]:
    return say(str(message.get("text") or ""), settings)


def _buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The buttons that can be read out; a missing title is replaced by the payload."""
    buttons = [each for each in message.get("buttons") or [] if isinstance(each, dict)]
    titled = [{**each, "title": each.get("title") or each.get("payload")} for each in buttons]
    return [each for each in titled if str(each["title"] or "").strip()]


def _options(buttons: list[dict[str, Any]], first: int, settings: VoiceSettings) -> list[Element]:
    verbs = []
    for number, button in enumerate(buttons, first):
        phrase = settings.button_phrase.replace("{number}", str(number))
        verbs += say(phrase.replace("{title}", str(button["title"])), settings)
    return verbs


def _custom(message: dict[str, Any], settings: VoiceSettings) -> list[Element]:
    verbs = []
    for verb in verbs_of_custom(message.get("custom")):
        if verb.name == "Say":
            verbs += say(verb.text, settings, verb.attributes)
            continue
        if verb.name == "Hangup" and settings.goodbye_phrase:
            verbs += say(settings.goodbye_phrase, settings)
        verbs.append(_element(verb.name, verb.attributes, verb.text))
        if verb.noun:
            verbs[-1].text = None
            verbs[-1].append(_element(verb.noun, {}, verb.text))
    return verbs


def say(
    text: str, settings: VoiceSettings, attributes: dict[str, str] | None = None
) -> list[Element]:
    """Return a text as `<Say>`s of at most 4096 characters; `attributes` override the settings."""
    voice = {"voice": settings.assistant_voice, "language": settings.language}
    given = {name: value for name, value in {**voice, **(attributes or {})}.items() if value}
    return [_element("Say", given, part) for part in split_messages(_clean(text), MAX_SAY)]


def hold(settings: VoiceSettings, url: str) -> str:
    """Return the document that asks the caller to hold and then calls `url`."""
    response = Element("Response")
    response.extend([*say(settings.hold_phrase, settings), _pause(2), _redirect(url)])
    return _document(response)


def listen(
    script: Script,
    settings: VoiceSettings,
    action: str,
    rest: Callable[[int], str],
    skip: int = 0,
) -> str:
    """Return the document that speaks a script from verb `skip` on, and posts input to `action`.

    If the script is too long for one document, it speaks the first part and continues at the URL
    `rest(skip)`.
    """
    response = Element("Response")
    verbs = script.verbs[skip:]
    sizes = accumulate(len(tostring(verb, "utf-8")) for verb in verbs)
    fitting = sum(size <= MAX_VERBS for size in sizes)
    if fitting < len(verbs):
        response.extend([*verbs[:fitting], _redirect(rest(skip + fitting))])
        return _document(response)
    before = max(script.listen_from - skip, 0)
    response.extend(verbs[:before])
    if not script.ends:
        gather = _gather(settings, action, len(script.payloads))
        gather.extend(verbs[before:])
        response.append(gather)
    return _document(response)


def _gather(settings: VoiceSettings, action: str, buttons: int) -> Element:
    """Rasa's Gather, which also accepts keys; with buttons, only as many as a number needs.

    Twilio accepts `speechTimeout="auto"` only without a model (warning 13335).
    """
    by_itself = settings.speech_timeout == "auto" and settings.speech_model == DEFAULT_MODEL
    attributes = {
        "action": action,
        "actionOnEmptyResult": "true",
        "enhanced": str(settings.enhanced).lower(),
        "hints": settings.hints,
        "input": "speech dtmf",
        "language": settings.language,
        "method": "POST",
        "numDigits": str(len(str(buttons))) if buttons else "",
        "speechModel": "" if by_itself else settings.speech_model,
        "speechTimeout": settings.speech_timeout,
    }
    return _element("Gather", {name: value for name, value in attributes.items() if value})


def _pause(seconds: int = 1) -> Element:
    return _element("Pause", {"length": str(seconds)})


def _redirect(url: str) -> Element:
    return _element("Redirect", {"method": "POST"}, url)


def _element(name: str, attributes: dict[str, str], text: str = "") -> Element:
    cleaned = {key: _clean(value) for key, value in sorted(attributes.items())}
    element = Element(name, cleaned)
    element.text = _clean(text) or None
    return element


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _document(response: Element) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>{tostring(response, encoding="unicode")}'
