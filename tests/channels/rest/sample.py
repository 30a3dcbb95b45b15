"""REST, for the contract tests."""

from __future__ import annotations

from tests.contract.sample import KEY, Sample, bearer

SAMPLE = Sample({"jwt_key": KEY}, "rest/text", bearer, answers_in_request=True)
