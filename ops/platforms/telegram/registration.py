"""Telegram: the webhook of a bot (core.telegram.org/bots/api#setwebhook)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from channels.clients.platform_api import ApiResponse
from channels.messages.fields import object_of, text_of
from channels.telegram.input import SECRET_TOKEN_HEADER
from channels.telegram.settings import API_BASE
from ops.findings import Findings
from ops.platforms.api import AdminApi, Call, Refused, document
from ops.platforms.platform import Action, Platform, Probe, Verb, unchanged
from ops.wording import count

#: What the channel reads; without this list Telegram sends 20 more kinds.
_UPDATES = ("message", "edited_message", "callback_query")

_FORCE = "python -m ops register telegram --force"
_REGISTER = "python -m ops register telegram"

#: What `last_error_message` of getWebhookInfo says, and what mends it.
_ERRORS = (
    (("401", "403"), f"The secrets differ: {_FORCE}"),
    (("404",), "The address is not this stack's: is PublicBaseUrl right? Then " + _REGISTER),
    (("ssl", "certificate"), "Renew the certificate of the public address; it must be complete."),
    (("resolve", "refused", "timeout", "timed out", "unreachable"), "Is the public address up?"),
    (
        ("500", "502", "503", "504"),
        "The stack fails: `sam logs`, and the findings about the stack.",
    ),
)


def desired(url: str, *, edited: bool) -> dict[str, Any]:
    """What setWebhook is to say, but for the secret."""
    updates = [each for each in _UPDATES if edited or each != "edited_message"]
    return {"url": url, "allowed_updates": updates}


def differences(wanted: dict[str, Any], info: dict[str, Any]) -> list[str]:
    """How the webhook that getWebhookInfo tells of differs from the one that is wanted."""
    found = []
    if info.get("url") != wanted["url"]:
        found.append("address")
    if set(info.get("allowed_updates") or ()) != set(wanted["allowed_updates"]):
        found.append("allowed_updates")
    if is_refused(info):
        found.append("secret")
    return found


def is_refused(info: dict[str, Any]) -> bool:
    """Whether updates wait because the webhook refuses Telegram's secret."""
    message = text_of(info, "last_error_message")
    waiting = info.get("pending_update_count") or 0
    return waiting > 0 and any(status in message for status in ("401", "403"))


class Telegram(Platform):
    """A bot of BotFather's."""

    name: ClassVar[str] = "telegram"
    title: ClassVar[str] = "Telegram"
    registered: ClassVar[Mapping[str, Any]] = {"secret_token": "to-be-made"}
    proofs: ClassVar[frozenset[str]] = frozenset({"secret_token"})

    @cached_property
    def api(self) -> AdminApi:
        """The Bot API of the bot."""
        base = str(self.settings.get("api_base") or API_BASE).rstrip("/")
        return AdminApi(self.title, f"{base}/bot{self.settings.get('access_token')}")

    def check(self, answer: ApiResponse) -> None:
        """Raise Refused unless the answer is `"ok": true`."""
        said = document(answer)
        if said.get("ok") is True:
            return
        description = text_of(said, "description") or "no reason"
        mend = ""
        if answer.status in (401, 404):
            mend = "Take the 'access_token' that @BotFather shows: /mybots > API Token."
        raise Refused(f"Telegram refuses it: {answer.status} {description}", mend)

    def actions(self) -> list[Action]:
        """setWebhook, unless it says all of that already."""
        wanted, info = self._wanted(), self._info()
        secret = self.settings.get("secret_token")
        different = differences(wanted, info)
        if secret and not different and not self.bot.renew:
            return [unchanged(f"webhook {wanted['url']}")]
        fresh = None if secret else self.bot.new_secret()
        body = {
            **wanted,
            "secret_token": secret or fresh,
            "drop_pending_updates": self.bot.drop_pending,
        }
        return [
            Action(
                Verb.CHANGE if info.get("url") else Verb.CREATE,
                _told(wanted["url"], self.shown(info.get("url")), different, fresh is not None),
                Call("POST", "setWebhook", json=body),
                settings={"secret_token": fresh} if fresh else {},
            )
        ]

    def removals(self) -> list[Action]:
        """deleteWebhook, where the webhook is the bot's."""
        url = self._info().get("url")
        if not self.is_ours(url):
            return [unchanged(f"webhook leads to {self.shown(url)}")]
        body = {"drop_pending_updates": self.bot.drop_pending}
        return [Action(Verb.DELETE, f"webhook {url}", Call("POST", "deleteWebhook", json=body))]

    def examine(self, findings: Findings) -> None:
        """getMe, getWebhookInfo."""
        me = self._result("getMe")
        findings.ok(f"Telegram knows the bot as @{me.get('username')}")
        if me.get("can_read_all_group_messages") is False:
            # right for most bots, and the commonest cause of silence in a group
            findings.ok(
                "in groups the bot hears commands, replies and mentions only "
                "(@BotFather: /setprivacy)"
            )
        given = str(self.settings.get("verify") or "").removeprefix("@")
        if given and given.lower() != str(me.get("username", "")).lower():
            findings.warn(
                f"'verify' is '{given}', the bot is '{me.get('username')}'",
                "Correct 'verify' in the credentials: commands in groups are told by it.",
            )
        self._examine_webhook(self._info(), findings)

    def _examine_webhook(self, info: dict[str, Any], findings: Findings) -> None:
        wanted, url = self._wanted(), info.get("url")
        waiting = info.get("pending_update_count") or 0
        message = text_of(info, "last_error_message")
        if url != wanted["url"]:
            findings.error(
                f"Telegram sends updates to {self.shown(url)}, not to {wanted['url']}", _REGISTER
            )
        elif "allowed_updates" in differences(wanted, info):
            findings.warn("Telegram sends other kinds of updates than the channel reads", _REGISTER)
        else:
            findings.ok(f"webhook {url}")
        if waiting and message:
            findings.error(
                f"{count(waiting, 'update')} waiting at Telegram; its last error: {message}",
                _mend(message),
            )
        elif waiting:
            findings.warn(
                f"{count(waiting, 'update')} waiting at Telegram",
                "They are on their way if the count goes down: run it again.",
            )

    def signed(self) -> Probe:
        """An update of no kind, with the secret."""
        headers = {
            "content-type": "application/json",
            SECRET_TOKEN_HEADER: str(self.settings.get("secret_token") or ""),
        }
        return Probe(body=json.dumps({"update_id": 0}).encode(), headers=headers)

    def _wanted(self) -> dict[str, Any]:
        edited = self.settings.get("edited_messages") is not False
        return desired(self.bot.webhook_url, edited=edited)

    def _info(self) -> dict[str, Any]:
        return self._result("getWebhookInfo")

    def _result(self, method: str) -> dict[str, Any]:
        return object_of(document(self.perform(Call("POST", method))), "result")


def _told(url: str, before: str, different: list[str], is_fresh: bool) -> str:
    parts = [f"webhook {url}"]
    if "address" in different and before != "nowhere":
        parts.append(f"was {before}")
    if is_fresh:
        parts.append("with a fresh secret_token")
    elif "secret" in different:
        parts.append("with the stack's secret_token: Telegram has another")
    return ", ".join(parts)


def _mend(message: str) -> str:
    said = message.lower()
    for signs, mend in _ERRORS:
        if any(sign in said for sign in signs):
            return mend
    return "See the findings about the stack, and the log of its function."
