"""Webex: a bot's webhooks, one for messages and one for submitted cards.

developer.webex.com/docs/api/v1/webhooks. Webex makes a second webhook where one is there already,
and sends each message twice then; it switches a webhook off that fails too often.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from channels.clients.platform_api import ApiResponse
from channels.messages.fields import objects_of, text_of
from channels.webexteams.hooks import CARD_SUBMITS, MESSAGES
from channels.webexteams.input import SIGNATURE_HEADER
from channels.webexteams.settings import API_BASE
from ops.findings import Findings
from ops.platforms.api import AdminApi, Call, Refused, document
from ops.platforms.platform import Action, Platform, Probe, Verb, unchanged

#: What the channel's webhooks are for; both for the event `created`.
RESOURCES = (MESSAGES, CARD_SUBMITS)

_REGISTER = "python -m ops register webexteams"

Hook = dict[str, Any]


def desired(resource: str, url: str, secret: str) -> Hook:
    """The webhook of a resource."""
    return {
        "name": f"assistant {resource}",
        "targetUrl": url,
        "resource": resource,
        "event": "created",
        "secret": secret,
    }


def differences(wanted: Hook, hook: Hook) -> list[str]:
    """How a webhook differs; a secret that Webex does not show is taken to be the right one."""
    found = []
    if hook.get("targetUrl") != wanted["targetUrl"]:
        found.append("address")
    if "secret" in hook and hook["secret"] != wanted["secret"]:
        found.append("secret")
    if hook.get("status") not in (None, "active"):
        found.append("status")
    return found


class Webex(Platform):
    """A bot of developer.webex.com."""

    name: ClassVar[str] = "webexteams"
    title: ClassVar[str] = "Webex"
    registered: ClassVar[Mapping[str, Any]] = {"webhook_secret": "to-be-made"}
    proofs: ClassVar[frozenset[str]] = frozenset({"webhook_secret"})

    @cached_property
    def api(self) -> AdminApi:
        """The REST API, as the bot."""
        base = str(self.settings.get("api_base") or API_BASE).rstrip("/")
        headers = {"authorization": f"Bearer {self.settings.get('access_token')}"}
        return AdminApi(self.title, base, headers=headers)

    def check(self, answer: ApiResponse) -> None:
        """Raise Refused for a status of 400 and more."""
        if answer.status < 400:
            return
        said = text_of(document(answer), "message")
        mend = ""
        if answer.status == 401:
            mend = "Make a new 'access_token': developer.webex.com > My Webex Apps > your bot."
        raise Refused(f"Webex refuses it: {answer.status} {said}".rstrip(), mend)

    def actions(self) -> list[Action]:
        """One webhook for each resource, whatever number there is."""
        hooks = self._hooks()
        secret = self.settings.get("webhook_secret")
        fresh = None if secret else self.bot.new_secret()
        kept = {"webhook_secret": fresh} if fresh else {}
        found = []
        for resource in RESOURCES:
            wanted = desired(resource, self.bot.webhook_url, str(secret or fresh))
            found += self._of_resource(wanted, _ours(hooks[resource], wanted), kept)
        return found

    def _of_resource(self, wanted: Hook, hooks: list[Hook], kept: dict[str, Any]) -> list[Action]:
        what = f"webhook for {wanted['resource']} at {wanted['targetUrl']}"
        if not hooks:
            return [Action(Verb.CREATE, what, Call("POST", "webhooks", json=wanted), settings=kept)]
        first, *doubles = hooks
        deletions = [self._deletion(each, "double") for each in doubles]
        different = differences(wanted, first)
        if not different and not kept and not self.bot.renew:
            return [unchanged(what), *deletions]
        keys = ("name", "targetUrl", "secret")
        body = {**{key: wanted[key] for key in keys}, "status": "active"}
        change = Call("PUT", f"webhooks/{first['id']}", json=body)
        return [
            Action(Verb.CHANGE, f"{what} ({_told(different)})", change, settings=kept),
            *deletions,
        ]

    def removals(self) -> list[Action]:
        """All webhooks that lead to the bot."""
        found = [
            self._deletion(each)
            for hooks in self._hooks().values()
            for each in hooks
            if self.is_ours(each.get("targetUrl"))
        ]
        return found or [unchanged("no webhook leads here")]

    def _deletion(self, hook: Hook, kind: str = "") -> Action:
        what = f"{kind} webhook for {hook.get('resource')}".strip()
        return Action(
            Verb.DELETE,
            f"{what} at {self.shown(hook.get('targetUrl'))}",
            Call("DELETE", f"webhooks/{hook['id']}"),
        )

    def examine(self, findings: Findings) -> None:
        """The bot, and its webhooks."""
        me = document(self.perform(Call("GET", "people/me")))
        findings.ok(f"Webex knows the bot as {me.get('displayName') or me.get('id')}")
        if me.get("type") == "person":
            findings.warn(
                "'access_token' is a person's, which ends after hours",
                "Take the one of a bot: developer.webex.com > Create a New App > Create a Bot.",
            )
        hooks = self._hooks()
        for resource in RESOURCES:
            secret = str(self.settings.get("webhook_secret") or "")
            wanted = desired(resource, self.bot.webhook_url, secret)
            self._examine_hooks(wanted, _ours(hooks[resource], wanted), findings)

    def _examine_hooks(self, wanted: Hook, hooks: list[Hook], findings: Findings) -> None:
        resource = wanted["resource"]
        if not hooks:
            findings.error(f"Webex has no webhook for {resource}", _REGISTER)
            return
        if len(hooks) > 1:
            findings.warn(f"Webex has {len(hooks)} webhooks for {resource}", _REGISTER)
        different = differences(wanted, hooks[0])
        if not different:
            findings.ok(f"webhook for {resource} at {wanted['targetUrl']}")
        if "address" in different:
            where = self.shown(hooks[0].get("targetUrl"))
            findings.error(
                f"the webhook for {resource} leads to {where}, not to {wanted['targetUrl']}",
                _REGISTER,
            )
        if "secret" in different:
            findings.error(f"the webhook for {resource} has another secret", _REGISTER)
        if "status" in different:
            findings.error(
                f"Webex has switched the webhook for {resource} off: it failed too often",
                f"Mend what failed (the function's log), then {_REGISTER}",
            )

    def signed(self) -> Probe:
        """A hook of a resource that the channel does not read."""
        body = json.dumps({"resource": "memberships", "event": "created", "data": {}}).encode()
        secret = str(self.settings.get("webhook_secret") or "").encode()
        signature = hmac.digest(secret, body, "sha1").hex()
        headers = {"content-type": "application/json", SIGNATURE_HEADER: signature}
        return Probe(body=body, headers=headers)

    def _hooks(self) -> dict[str, list[Hook]]:
        answer = self.perform(Call("GET", "webhooks", params={"max": "100"}))
        items = [each for each in objects_of(document(answer), "items") if "id" in each]
        return {
            resource: [
                each
                for each in items
                if each.get("resource") == resource and each.get("event") == "created"
            ]
            for resource in RESOURCES
        }


def _ours(hooks: list[Hook], wanted: Hook) -> list[Hook]:
    """The bot's webhooks, the one at the right address first; a filtered one is somebody's own."""
    path = wanted["targetUrl"].partition("/webhooks/")[2]
    ours = [
        each
        for each in hooks
        if not each.get("filter")
        and (
            each.get("name") == wanted["name"]
            or str(each.get("targetUrl")).endswith(f"/webhooks/{path}")
        )
    ]
    return sorted(ours, key=lambda hook: hook.get("targetUrl") != wanted["targetUrl"])


def _told(different: list[str]) -> str:
    return f"other {', '.join(different)} before" if different else "set again"
