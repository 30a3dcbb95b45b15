"""Bot Framework, for the contract tests."""

from __future__ import annotations

import json
from typing import Any

from ops import ROOT
from tests.contract.sample import Sample, refused, with_value
from tests.servers.recording_server import Answer, Recorded
from tests.unit.botframework.bot import CREDENTIALS, remembered_keys, remembered_login


def botframework_token(event: dict[str, Any]) -> None:
    """The Bot Connector's token of the examples, valid until 2100."""
    path = ROOT / "events" / "botframework" / "text.json"
    example = json.loads(path.read_text(encoding="utf-8"))
    event["headers"]["authorization"] = example["headers"]["authorization"]


def botframework_api(request: Recorded) -> Answer:
    """The Bot Connector takes every activity."""
    return 201, b'{"id": "1767225600999"}', {}


def botframework_refusal(words: str) -> Answer:
    """The Bot Connector's error of an invalid activity."""
    return refused(400, {"error": {"code": "BadArgument", "message": words}})


def place_botframework(event: dict[str, Any], url: str) -> None:
    """Activities tell where their Bot Connector is."""
    event["body"] = event["body"].replace("https://smba.trafficmanager.net", url)


SAMPLE = Sample(
    CREDENTIALS,
    "botframework/no_token",
    botframework_token,
    platform=botframework_api,
    refusal=botframework_refusal,
    platform_key="token_url",
    remembered=lambda: {**remembered_keys(), **remembered_login()},
    place=place_botframework,
    ignored=("botframework/own_message",),
    mention="botframework/mention_only",
    only_the_platform_signs=True,
    strange=with_value("type"),
)
