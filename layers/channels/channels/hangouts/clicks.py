"""Read clicks on cards: the payload of our buttons, or the best text that the event contains.

    classic    {"action": {"actionMethodName": "f", "parameters": [{"key": "a", "value": "b"}]},
                "common": {"invokedFunction": "f", "parameters": {"a": "b"}, "formInputs": {...}}}
    add-on     {"commonEventObject": {"parameters": {"a": "b"}, "formInputs": {...}}}

https://developers.google.com/workspace/add-ons/concepts/event-objects#common-event-object
"""

from __future__ import annotations

import time

from channels.messages.fields import object_of, objects_of, text_of, texts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

#: The function of our buttons; the payload is its parameter `payload`.
FUNCTION = "rasa_payload"

#: The classic name of a click event.
CLICKED = "CARD_CLICKED"

#: From 1970 to the year 1 (milliseconds), and as far into the future: no date lies beyond.
_FARTHEST = 62_135_596_800_000

_DAY, _MINUTE = "%Y-%m-%d", "%Y-%m-%d %H:%M"


def clicked(event: dict[str, Any]) -> str:
    """The text of a click, never "".

    The parameter `payload`, or the function, as in Rasa. For a bot's own card that calls the
    endpoint's URL: the values entered, or the parameters' values, or the button's label.
    """
    parameters = parameters_of(event)
    payload = parameters.get("payload")
    if isinstance(payload, str) and payload:
        return payload
    function = function_of(event)
    if function and function != FUNCTION and not function.startswith("https://"):
        return function
    given = [value for value in parameters.values() if isinstance(value, str) and value]
    words = ", ".join(_entered(event)) or ", ".join(given) or _label(event, function, parameters)
    return words or (FUNCTION if function == FUNCTION else CLICKED)


def function_of(event: dict[str, Any]) -> str:
    """The function that a click calls; "" if the event names none."""
    return text_of(object_of(event, "action"), "actionMethodName") or text_of(
        object_of(event, "common"), "invokedFunction"
    )


def parameters_of(event: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a click's action."""
    parameters = _by_key(object_of(event, "action"))
    return {**parameters, **object_of(object_of(event, "common"), "parameters")}


def _by_key(action: dict[str, Any]) -> dict[str, Any]:
    return {text_of(each, "key"): each.get("value") for each in objects_of(action, "parameters")}


def _entered(event: dict[str, Any]) -> Iterator[str]:
    """The values of the card's inputs: texts, choices, dates (`2026-01-02`), times (`11:30`)."""
    inputs = object_of(object_of(event, "common"), "formInputs")
    for name in inputs:
        given = object_of(inputs, name)
        yield from filter(None, texts_of(object_of(given, "stringInputs"), "value"))
        yield from filter(None, [_date(object_of(given, "dateInput"), has_time=False)])
        point = object_of(given, "dateTimeInput")
        yield from filter(None, [_date(point, has_time=point.get("hasTime") is not False)])
        at = object_of(given, "timeInput")
        if at:
            yield f"{_two_digits(at.get('hours'))}:{_two_digits(at.get('minutes'))}"


def _date(given: dict[str, Any], *, has_time: bool) -> str:
    """A date, optionally with a time; Google sends its 64-bit milliseconds as a string."""
    text = str(given.get("msSinceEpoch", ""))
    is_number = text.isascii() and text.removeprefix("-").isdecimal()
    if not is_number or len(text) > len(f"-{_FARTHEST}") or abs(int(text)) > _FARTHEST:
        return ""
    return time.strftime(_MINUTE if has_time else _DAY, time.gmtime(int(text) / 1000))


def _two_digits(value: object) -> str:
    """Hours or minutes; a missing value is 0, as in all of Google's JSON."""
    return f"{value:02}" if isinstance(value, int) else "00"


def _label(event: dict[str, Any], function: str, parameters: dict[str, Any]) -> str:
    """The label of the clicked button, if only one button of the message makes this call.

    Events do not identify the button.
    """
    labels = {
        text_of(button, "text") or text_of(button, "altText")
        for button, action in _buttons(object_of(event, "message").get("cardsV2"))
        if function in ("", text_of(action, "function")) and _by_key(action) == parameters
    }
    return labels.pop() if len(labels) == 1 else ""


def _buttons(cards: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The clickable parts of cards, each with its action; iterative, to allow any depth."""
    left = [cards]
    while left:
        part = left.pop()
        if isinstance(part, list):
            left += part
        elif isinstance(part, dict):
            action = object_of(object_of(part, "onClick"), "action")
            if action:
                yield part, action
            left += part.values()
