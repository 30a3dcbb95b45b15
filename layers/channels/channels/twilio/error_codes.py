"""What Twilio's error codes mean where its own words do not say the mend."""

from __future__ import annotations

_MEANINGS = {
    "21408": "switch the country on in Twilio's console, under Geo permissions",
    "21610": "the user wrote STOP and hears nothing until START",
    "30007": "a carrier took the message for spam",
    "63016": "the user wrote last more than 24 hours ago: WhatsApp then takes templates only, sent "
    "as custom JSON with content_sid",
}


def explained(code: str) -> str:
    """A code with its meaning, where we know more than Twilio says: `63016 (...)`."""
    return f"{code} ({_MEANINGS[code]})" if code in _MEANINGS else code
