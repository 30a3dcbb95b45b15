"""My Platform: a webhook that a person enters, and a login that can be tried.

Where the platform has an API for webhooks, `actions` gives its calls in place of the instruction,
and a secret that is made is declared in `registered` and `proofs` (ops/platforms/telegram).
"""

from __future__ import annotations

import hmac
import json
from functools import cached_property
from typing import ClassVar

from channels.messages.fields import text_of
from channels.my_platform.input import SIGNATURE_HEADER
from channels.my_platform.settings import API_BASE
from ops.findings import Findings
from ops.platforms.api import AdminApi, Call, document
from ops.platforms.platform import Action, Platform, Probe, instruct


class MyPlatform(Platform):
    """A bot on My Platform."""

    name: ClassVar[str] = "my_platform"
    title: ClassVar[str] = "My Platform"

    @cached_property
    def api(self) -> AdminApi:
        """The platform's API, as the bot."""
        base = str(self.settings.get("api_base") or API_BASE)
        headers = {"authorization": f"Bearer {self.settings.get('access_token')}"}
        return AdminApi(self.title, base, headers=headers)

    def actions(self) -> list[Action]:
        """The webhook by hand."""
        return [
            instruct(
                f"My Platform's console > your bot > Webhook: {self.bot.webhook_url}, "
                "signed with 'webhook_secret'"
            )
        ]

    def removals(self) -> list[Action]:
        """The webhook by hand."""
        return [instruct("Clear it: My Platform's console > your bot > Webhook")]

    def examine(self, findings: Findings) -> None:
        """Whether the platform knows the bot."""
        me = document(self.perform(Call("GET", "me")))
        findings.ok(f"{self.title} knows the bot as {text_of(me, 'name') or text_of(me, 'id')}")

    def signed(self) -> Probe:
        """An event that the channel does not read, signed."""
        body = json.dumps({"type": "ping"}).encode()
        secret = str(self.settings.get("webhook_secret") or "").encode()
        signature = hmac.digest(secret, body, "sha256").hex()
        headers = {"content-type": "application/json", SIGNATURE_HEADER: signature}
        return Probe(body=body, headers=headers)
