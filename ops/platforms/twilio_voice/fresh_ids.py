"""What a call is known by: its SID."""

from __future__ import annotations

from ops.platforms.fresh_ids import of_form

with_fresh_ids = of_form(lambda fresh: {"CallSid": f"CA{fresh.digits}"})
