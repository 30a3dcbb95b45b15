"""Slack: its users and its server."""

from __future__ import annotations

import json
import time
from typing import ClassVar
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from tests.channels.slack.administration import CONFIG_TOKEN, SlackAdministration
from tests.e2e.platforms.platform import JSON, SECRET, Platform


class Slack(Platform):
    name = "slack"
    longest = 4000
    example = "message_im"
    administrator: ClassVar[dict[str, str]] = {"SLACK_CONFIG_TOKEN": CONFIG_TOKEN}

    def __init__(self) -> None:
        self.administration = SlackAdministration("xoxb-made-up", SECRET)
        self.administration.apps["A1"] = {"display_information": {"name": "Helpdesk"}}

    def credentials(self, url):
        return {
            "slack_token": "xoxb-made-up",
            "slack_signing_secret": SECRET,
            "api_base": f"{url}/api/",
            "app_id": "A1",
        }

    def _signed(self, body, content_type):
        timestamp = str(int(time.time()))
        signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
        return body, {
            "content-type": content_type,
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": signature,
        }

    def message(self, text, number):
        event = {
            "type": "message",
            "channel": "D0AAAAAAA",
            "channel_type": "im",
            "user": "U0ALICE00",
            "text": text,
            "ts": f"17672255{number:02}.000100",
        }
        body = {
            "type": "event_callback",
            "team_id": "T1",
            "event_id": f"Ev{number}",
            "event": event,
        }
        return self._signed(json.dumps(body).encode(), "application/json; charset=utf-8")

    def click(self, payload, number, calls):
        interaction = {
            "type": "block_actions",
            "user": {"id": "U0ALICE00"},
            "team": {"id": "T1"},
            "channel": {"id": "D0AAAAAAA"},
            "message": {"ts": "1767225600.000900"},
            "actions": [
                {
                    "type": "button",
                    "action_id": "rasa_0",
                    "value": payload,
                    "action_ts": f"17672256{number:02}.1",
                }
            ],
        }
        form = urlencode({"payload": json.dumps(interaction)}).encode()
        return self._signed(form, "application/x-www-form-urlencoded")

    def answer(self, request, number):
        return 200, json.dumps({"ok": True, "ts": f"{number}.1"}).encode(), JSON


PLATFORM = Slack()
