"""Rocket.Chat: two outgoing integrations, for messages and for files.

    POST /api/v1/integrations.create    type, event, channel, urls, token, ...
    PUT  /api/v1/integrations.update    the same with integrationId

(developer.rocket.chat/apidocs; its schemas take no further keys.) Who makes integrations needs the
right `manage-outgoing-integrations`, which bots lack: an administrator's personal access token.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from channels.clients.platform_api import ApiResponse
from channels.messages.fields import object_of, objects_of, text_of
from ops.findings import Findings
from ops.platforms.api import AdminApi, Call, Refused, document
from ops.platforms.platform import Action, Platform, Probe, Verb, instruct, unchanged

#: What the channel reads; one integration has one event.
EVENTS = ("sendMessage", "fileUploaded")

_REGISTER = "python -m ops register rocketchat"
_ADMIN = (
    "Set ROCKETCHAT_ADMIN_USER_ID and ROCKETCHAT_ADMIN_TOKEN, of an administrator: "
    "Profile > Personal Access Tokens, with Ignore Two Factor Authentication."
)

Integration = dict[str, Any]


def desired(event: str, url: str, token: str, username: str, settings: Integration) -> Integration:
    """An integration; `settings` may have `rooms` (by default the bot's direct messages)."""
    rooms = settings.get("rooms") or [f"@{username}"]
    words = settings.get("trigger_words") or []
    return {
        "type": "webhook-outgoing",
        "name": "Assistant" if event == "sendMessage" else "Assistant (files)",
        "enabled": True,
        "event": event,
        "username": username,
        "channel": ",".join(map(str, rooms if isinstance(rooms, list) else [rooms])),
        "triggerWords": list(map(str, words)) if event == "sendMessage" else [],
        "urls": [url],
        "token": token,
        "scriptEnabled": False,
        "retryFailedCalls": True,
        "retryCount": 6,
        "retryDelay": "powers-of-ten",
    }


def differences(wanted: Integration, found: Integration) -> list[str]:
    """The keys in which an integration differs; a token that is not shown is taken to be right."""
    keys = ("enabled", "username", "urls")
    different = [key for key in keys if found.get(key) != wanted[key]]
    if set(found.get("channel") or ()) != set(wanted["channel"].split(",")):
        different.append("channel")
    if sorted(found.get("triggerWords") or []) != sorted(wanted["triggerWords"]):
        different.append("triggerWords")
    if "token" in found and found["token"] != wanted["token"]:
        different.append("token")
    return different


class RocketChat(Platform):
    """A bot's user on a server."""

    name: ClassVar[str] = "rocketchat"
    title: ClassVar[str] = "Rocket.Chat"
    registered: ClassVar[Mapping[str, Any]] = {"webhook_token": "to-be-made"}
    proofs: ClassVar[frozenset[str]] = frozenset({"webhook_token"})
    administrator: ClassVar[tuple[str, ...]] = (
        "ROCKETCHAT_ADMIN_USER_ID",
        "ROCKETCHAT_ADMIN_TOKEN",
    )

    @cached_property
    def api(self) -> AdminApi:
        """The server's REST API, as nobody yet: each call says whose it is."""
        server = str(self.settings.get("server_url") or "").rstrip("/")
        return AdminApi(self.title, f"{server}/api/v1")

    def check(self, answer: ApiResponse) -> None:
        """Raise Refused unless the answer says that it succeeded."""
        said = document(answer)
        if answer.status < 400 and (said.get("success") or said.get("status") == "success"):
            return
        reason = text_of(said, "error") or text_of(said, "message") or "no reason"
        mend = ""
        if answer.status == 403 or "not-allowed" in reason or "not allowed" in reason.lower():
            mend = _ADMIN
        elif answer.status == 401:
            mend = "Check 'user' and 'password', or 'user_id' and 'auth_token'."
        raise Refused(f"Rocket.Chat refuses it: {answer.status} {reason[:200]}", mend)

    def actions(self) -> list[Action]:
        """Each integration; livechat's webhook by hand."""
        tokens = self._tokens("webhook_token")
        fresh = None if tokens else self.bot.new_secret()
        token = tokens[0] if tokens else str(fresh)
        kept = {"webhook_token": fresh} if fresh else {}
        found = [self._event_action(event, token, kept) for event in EVENTS]
        if self.settings.get("livechat_token"):
            found.append(
                instruct(
                    f"Livechat: enter {self.bot.webhook_url} and 'livechat_token' at "
                    "Manage > Omnichannel > Webhooks, and switch Visitor Messages on"
                )
            )
        return found

    def _event_action(self, event: str, token: str, kept: dict[str, Any]) -> Action:
        wanted = desired(event, self.bot.webhook_url, token, self._username, self.settings)
        what = f"integration for {event} in {wanted['channel']} at {self.bot.webhook_url}"
        integrations = self._ours(event)
        headers = self._as_administrator()
        if not integrations:
            call = Call("POST", "integrations.create", json=wanted, headers=headers)
            return Action(Verb.CREATE, what, call, settings=kept)
        found = integrations[0]
        # Any of several tokens will do: they are there while one replaces another.
        if found.get("token") in self._tokens("webhook_token"):
            wanted["token"] = found["token"]
        different = differences(wanted, found)
        if not different and not kept and not self.bot.renew:
            return unchanged(what)
        body = {**wanted, "integrationId": found["_id"]}
        call = Call("PUT", "integrations.update", json=body, headers=headers)
        told = f" (other {', '.join(different)} before)" if different else ""
        return Action(Verb.CHANGE, what + told, call, settings=kept)

    def removals(self) -> list[Action]:
        """The integrations that lead to the bot."""
        found = []
        for event in EVENTS:
            for each in self._ours(event):
                body = {"type": "webhook-outgoing", "integrationId": each["_id"]}
                headers = self._as_administrator()
                call = Call("POST", "integrations.remove", json=body, headers=headers)
                found.append(Action(Verb.DELETE, f"integration for {event}", call))
        return found or [unchanged("no integration leads here")]

    def examine(self, findings: Findings) -> None:
        """The bot's login, and its integrations."""
        findings.ok(f"Rocket.Chat knows the bot as @{self._username}")
        try:
            integrations = {event: self._ours(event) for event in EVENTS}
        except Refused as refused:
            findings.unknown(f"integrations may not be read: {refused.cause}", refused.mend)
            return
        for event, found in integrations.items():
            self._examine_event(event, found, findings)

    def _examine_event(
        self, event: str, integrations: list[Integration], findings: Findings
    ) -> None:
        if not integrations:
            told = f"Rocket.Chat has no integration for {event} that leads here"
            if event == EVENTS[0]:
                findings.error(told, _REGISTER)
            else:
                findings.warn(f"{told}: the bot hears of no files", _REGISTER)
            return
        found = integrations[0]
        if self.bot.webhook_url not in (found.get("urls") or []):
            where = ", ".join(map(self.shown, found.get("urls") or []))
            findings.error(
                f"the integration for {event} leads to {where}, not to {self.bot.webhook_url}",
                _REGISTER,
            )
        elif found.get("enabled") is not True:
            findings.error(f"the integration for {event} is switched off", _REGISTER)
        elif "token" in found and found["token"] not in self._tokens("webhook_token"):
            findings.error(f"the integration for {event} has another token", _REGISTER)
        else:
            findings.ok(f"integration for {event} at {self.bot.webhook_url}")

    def signed(self) -> Probe | None:
        """A webhook's body that says nothing, with the token."""
        tokens = self._tokens("webhook_token")
        if not tokens:
            return None
        headers = {"content-type": "application/json"}
        return Probe(body=json.dumps({"token": tokens[0]}).encode(), headers=headers)

    def _tokens(self, key: str) -> list[str]:
        given = self.settings.get(key) or []
        return [str(each) for each in (given if isinstance(given, list) else [given])]

    @cached_property
    def _bot_login(self) -> dict[str, str]:
        user_id, token = self.settings.get("user_id"), self.settings.get("auth_token")
        if not (user_id and token):
            user = str(self.settings.get("user") or "")
            # The two keys that its Python client uses; a server takes `user` for both.
            key = "user" if "@" in user else "username"
            body = {key: user, "password": self.settings.get("password")}
            answer = self.perform(Call("POST", "login", json=body))
            data = object_of(document(answer), "data")
            user_id, token = text_of(data, "userId"), text_of(data, "authToken")
        return {"X-User-Id": str(user_id), "X-Auth-Token": str(token)}

    def _as_administrator(self) -> dict[str, str]:
        user_id, token = (self.bot.administrator.get(name) for name in type(self).administrator)
        if user_id and token:
            return {"X-User-Id": user_id, "X-Auth-Token": token}
        return self._bot_login

    @cached_property
    def _username(self) -> str:
        me = document(self.perform(Call("GET", "me", headers=self._bot_login)))
        return text_of(me, "username")

    def _ours(self, event: str) -> list[Integration]:
        """The integrations for an event that lead to the bot, the right ones first."""
        call = Call(
            "GET", "integrations.list", params={"count": "0"}, headers=self._as_administrator()
        )
        entries = objects_of(document(self.perform(call)), "integrations")
        ours = [
            each
            for each in entries
            if each.get("type") == "webhook-outgoing"
            and each.get("event") == event
            and any(map(self.is_ours, each.get("urls") or []))
        ]
        return sorted(ours, key=lambda each: self.bot.webhook_url not in each["urls"])
