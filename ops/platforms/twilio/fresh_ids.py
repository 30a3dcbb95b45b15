"""What Twilio's messages are known by: their SID, under three names."""

from __future__ import annotations

from ops.platforms.fresh_ids import of_form

_NAMES = ("MessageSid", "SmsMessageSid", "SmsSid")

with_fresh_ids = of_form(lambda fresh: dict.fromkeys(_NAMES, f"SM{fresh.digits}"))
