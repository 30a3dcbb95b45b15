"""The callback channel, for the contract tests."""

from __future__ import annotations

from tests.contract.sample import KEY, Sample, bearer

SAMPLE = Sample({"jwt_key": KEY, "url": "https://example.com/bot"}, "callback/text", bearer)
