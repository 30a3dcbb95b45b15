"""What to do about Twilio's error codes, where Twilio's own text does not say."""

from __future__ import annotations

_MEANINGS = {
    "21408": "enable the country in Twilio's console, under Geo permissions",
    "21610": "the user wrote STOP and receives nothing until they write START",
    "30007": "a carrier filtered the message as spam",
    "63016": "the user last wrote more than 24 hours ago: WhatsApp now accepts only templates, "
    "sent as custom JSON with content_sid",
}


def explained(code: str) -> str:
    """Return a code with its explanation, if there is one: `63016 (...)`."""
    return f"{code} ({_MEANINGS[code]})" if code in _MEANINGS else code
