"""Slack: the app's manifest, by its API where a configuration token is given, else to paste.

apps.manifest.export | create | update    with a token of api.slack.com/apps, good for 12 hours
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from channels.clients.platform_api import ApiResponse
from channels.messages.fields import object_of, objects_of, text_of
from channels.slack.settings import API_BASE
from channels.slack.signature import MAX_AGE, SignatureVerifier
from ops.findings import Findings
from ops.platforms.api import AdminApi, Call, Refused, document
from ops.platforms.platform import (
    Action,
    Platform,
    Probe,
    Settings,
    Verb,
    instruct,
    unchanged,
)
from ops.platforms.slack.manifest import Manifest, manifest, merged, scopes_of

MANIFEST = "slack-manifest.json"

_REGISTER = "python -m ops register slack"
_CONFIGURE = (
    "SLACK_CONFIG_TOKEN: api.slack.com/apps > Your App Configuration Tokens > Generate Token"
)
_NOT_OURS = ("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive")


class Slack(Platform):
    """An app of a workspace."""

    name: ClassVar[str] = "slack"
    title: ClassVar[str] = "Slack"
    signature_window: ClassVar[float] = float(MAX_AGE)
    registered: ClassVar[Mapping[str, Any]] = {
        "app_id": "to-be-made",
        "slack_signing_secret": "to-be-made",
    }
    proofs: ClassVar[frozenset[str]] = frozenset({"slack_signing_secret"})
    administrator: ClassVar[tuple[str, ...]] = ("SLACK_CONFIG_TOKEN",)
    makes_its_own: ClassVar[bool] = True

    @cached_property
    def api(self) -> AdminApi:
        """The Web API, as nobody yet: each call says with which token."""
        base = str(self.settings.get("api_base") or API_BASE).rstrip("/")
        return AdminApi(self.title, base, proxy=self.settings.get("proxy"))

    def check(self, answer: ApiResponse) -> None:
        """Raise Refused unless the answer is `"ok": true`."""
        said = document(answer)
        if said.get("ok") is True:
            return
        code = text_of(said, "error") or f"status {answer.status}"
        details = [text_of(each, "message") for each in objects_of(said, "errors")]
        reason = f"Slack refuses it: {': '.join([code, '; '.join(details)]).rstrip(': ')}"
        mend = ""
        if code in _NOT_OURS:
            mend = (
                "Check 'slack_token' (OAuth & Permissions > Bot User OAuth Token), and whether "
                f"the app is installed; a configuration token lasts 12 hours ({_CONFIGURE})."
            )
        raise Refused(reason, mend)

    def actions(self) -> list[Action]:
        """The app as the manifest says, by the API or by hand."""
        url, app = self.bot.webhook_url, self.settings.get("app_id")
        if not self.bot.administrator.get("SLACK_CONFIG_TOKEN"):
            return self._by_hand()
        if app:
            return [self._update(str(app), url)]
        if self.settings.get("slack_token"):
            return [instruct("Add 'app_id' to the section 'slack': Basic Information > App ID")]
        what = "app 'Assistant', which hears nothing yet"
        call = self._manifest_call("apps.manifest.create", manifest(self.settings, None))
        return [
            Action(Verb.CREATE, what, call, learn=_made),
            instruct(
                "Install it: api.slack.com/apps > Assistant > Install App. Put the Bot User OAuth "
                f"Token into the credentials as 'slack_token', push them, then {_REGISTER}"
            ),
        ]

    def _by_hand(self) -> list[Action]:
        text = json.dumps(manifest(self.settings, self.bot.webhook_url), indent=2) + "\n"
        return [
            Action(Verb.WRITE, "the app's manifest", file=(MANIFEST, text.encode())),
            instruct(
                f"Paste {MANIFEST} at api.slack.com/apps > your app > App Manifest > JSON, and "
                "save (a new app: Create New App > From a manifest). Or let it be done: "
                + _CONFIGURE
            ),
        ]

    def _update(self, app: str, url: str) -> Action:
        now = self._export(app)
        wanted = merged(now, manifest(self.settings, url))
        what = f"manifest of {app}: events, clicks and commands go to {url}"
        if wanted == now and not self.bot.renew:
            return unchanged(what)
        before = _request_url(now)
        told = f", was {self.shown(before)}" if before and before != url else ""
        call = self._manifest_call("apps.manifest.update", wanted, app_id=app)
        return Action(Verb.CHANGE, what + told, call)

    def removals(self) -> list[Action]:
        """The app hears nothing any more."""
        app = self.settings.get("app_id")
        place = "api.slack.com/apps > your app > Event Subscriptions, Interactivity, Slash Commands"
        if not (app and self.bot.administrator.get("SLACK_CONFIG_TOKEN")):
            return [instruct(f"Switch them off: {place}")]
        now = self._export(str(app))
        if not self.is_ours(_request_url(now)):
            return [unchanged(f"events go to {self.shown(_request_url(now))}")]
        call = self._manifest_call("apps.manifest.update", self._without(now), app_id=str(app))
        return [Action(Verb.DELETE, f"events, clicks and commands of {app}", call)]

    def _without(self, now: Manifest) -> Manifest:
        """The manifest without what leads to the bot."""
        features = dict(now.get("features", {}))
        commands = [
            each for each in features.pop("slash_commands", []) if not self.is_ours(each.get("url"))
        ]
        if commands:
            features["slash_commands"] = commands
        settings = dict(now.get("settings", {}))
        settings.pop("event_subscriptions", None)
        settings["interactivity"] = {"is_enabled": False}
        return {**now, "features": features, "settings": settings}

    def examine(self, findings: Findings) -> None:
        """The token, its scopes, and the manifest where it may be read."""
        token = {"authorization": f"Bearer {self.settings.get('slack_token')}"}
        answer = self.perform(Call("POST", "auth.test", headers=token))
        said = document(answer)
        findings.ok(f"Slack knows the bot as {said.get('user')} in {said.get('team')}")
        scopes = {each.strip() for each in answer.headers.get("x-oauth-scopes", "").split(",")}
        missing = sorted(set(scopes_of(self.settings)) - scopes)
        if missing and scopes != {""}:
            findings.warn(
                f"the app lacks the scopes {', '.join(missing)}",
                f"{_REGISTER}, then api.slack.com/apps > your app > Install App > Reinstall.",
            )
        self._examine_manifest(findings)

    def _examine_manifest(self, findings: Findings) -> None:
        app = self.settings.get("app_id")
        if not (app and self.bot.administrator.get("SLACK_CONFIG_TOKEN")):
            findings.ok(
                "where Slack sends events is told only to a configuration token, beside 'app_id' "
                f"in the section ({_CONFIGURE})"
            )
            return
        url = _request_url(self._export(str(app)))
        if url == self.bot.webhook_url:
            findings.ok(f"events go to {url}")
        else:
            findings.error(
                f"Slack sends events to {self.shown(url)}, not to {self.bot.webhook_url}", _REGISTER
            )

    def signed(self) -> Probe | None:
        """Slack's own check of the address."""
        secret = self.settings.get("slack_signing_secret")
        if not secret:
            return None
        body = json.dumps({"type": "url_verification", "challenge": "doctor"}).encode()
        timestamp = str(int(time.time()))
        headers = {
            "content-type": "application/json",
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": SignatureVerifier(str(secret)).sign(body, timestamp),
        }
        return Probe(body=body, headers=headers)

    def _export(self, app: str) -> Manifest:
        form = {"app_id": app}
        call = Call("POST", "apps.manifest.export", form=form, headers=self._as_configurator())
        return object_of(document(self.perform(call)), "manifest")

    def _manifest_call(self, method: str, content: Manifest, **form: str) -> Call:
        body = {**form, "manifest": json.dumps(content)}
        return Call("POST", method, form=body, headers=self._as_configurator())

    def _as_configurator(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.bot.administrator.get('SLACK_CONFIG_TOKEN')}"}


def _made(answer: ApiResponse | None) -> Settings:
    said = document(answer) if answer is not None else {}
    secret = text_of(object_of(said, "credentials"), "signing_secret")
    return {"app_id": text_of(said, "app_id"), "slack_signing_secret": secret}


def _request_url(content: dict[str, Any]) -> str:
    events = object_of(object_of(content, "settings"), "event_subscriptions")
    return text_of(events, "request_url")
