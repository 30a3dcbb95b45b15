"""Mattermost: an outgoing webhook, and a slash command where one is wanted.

    POST /api/v4/hooks/outgoing    team_id, trigger_words, callback_urls, content_type -> token
    POST /api/v4/commands          team_id, trigger, url, method                       -> token

(developers.mattermost.com/api-documentation.) Mattermost makes the tokens; they go into
`webhook_tokens`. Who makes webhooks needs a right that bot accounts lack: an administrator's token.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import quote

from channels.clients.platform_api import ApiResponse
from channels.mattermost.api import API_PATH
from channels.messages.fields import as_object, text_of
from ops.findings import Findings
from ops.platforms.api import AdminApi, Call, Refused, document
from ops.platforms.platform import Action, Platform, Probe, Settings, Verb, unchanged

_REGISTER = "python -m ops register mattermost"
_ADMIN = (
    "Set MATTERMOST_ADMIN_TOKEN to a personal access token of an administrator: "
    "Profile > Security > Personal Access Tokens. It is there once System Console > Integrations > "
    "Integration Management > Enable personal access tokens is on."
)

Hook = dict[str, Any]


def desired_hook(team: str, url: str, words: list[str]) -> Hook:
    """The outgoing webhook: posts whose first word is one of `words`."""
    return {
        "team_id": team,
        "display_name": "Assistant",
        "trigger_words": words,
        "trigger_when": 0,
        "callback_urls": [url],
        "content_type": "application/json",
    }


def desired_command(team: str, url: str, word: str) -> Hook:
    """The slash command `/word`."""
    return {
        "team_id": team,
        "trigger": word,
        "method": "P",
        "url": url,
        "display_name": "Assistant",
        "auto_complete": True,
        "auto_complete_desc": "Ask the assistant",
        "auto_complete_hint": "[question]",
    }


class Mattermost(Platform):
    """A bot account on a server."""

    name: ClassVar[str] = "mattermost"
    title: ClassVar[str] = "Mattermost"
    registered: ClassVar[Mapping[str, Any]] = {"webhook_tokens": ["to-be-made"]}
    proofs: ClassVar[frozenset[str]] = frozenset({"webhook_tokens"})
    administrator: ClassVar[tuple[str, ...]] = ("MATTERMOST_ADMIN_TOKEN",)

    @cached_property
    def api(self) -> AdminApi:
        """The server's REST API, as nobody yet: each call says whose it is."""
        server = str(self.settings.get("url") or "").rstrip("/").removesuffix(API_PATH)
        return AdminApi(self.title, f"{server}{API_PATH}")

    def check(self, answer: ApiResponse) -> None:
        """Raise Refused for a status of 400 and more."""
        if answer.status < 400:
            return
        reason = f"Mattermost refuses it: {answer.status} {text_of(document(answer), 'id')}"
        mends = {
            401: "Check 'token' (or 'user' and 'pw'): Integrations > Bot Accounts.",
            403: _ADMIN,
            501: "Allow it: System Console > Integrations > Integration Management.",
        }
        raise Refused(reason.rstrip(), mends.get(answer.status, ""))

    def actions(self) -> list[Action]:
        """The webhook, the command, and what the channel has to know of them."""
        team = self._team()
        words = [str(each) for each in self.settings.get("trigger_words") or []]
        wanted = desired_hook(team, self.bot.webhook_url, words or [f"@{self._me['username']}"])
        found = [
            self._hook_action(wanted, self._ours("hooks/outgoing", team), "hooks/outgoing"),
            *self._command_actions(team),
        ]
        url = self.settings.get("webhook_url")
        if url and url != self.bot.webhook_url:
            what = f"'webhook_url' in the stack's credentials, was {self.shown(url)}"
            found.append(Action(Verb.CHANGE, what, settings={"webhook_url": self.bot.webhook_url}))
        return found

    def _command_actions(self, team: str) -> list[Action]:
        word = str(self.settings.get("command") or "").removeprefix("/")
        if not word:
            return []
        wanted = desired_command(team, self.bot.webhook_url, word)
        commands = [
            each for each in self._ours("commands", team) if text_of(each, "trigger") == word
        ]
        return [self._hook_action(wanted, commands, "commands")]

    def _hook_action(self, wanted: Hook, hooks: list[Hook], path: str) -> Action:
        what = f"{_kind(path, wanted)} at {self.bot.webhook_url}"
        if not hooks:
            call = Call("POST", path, json=wanted, headers=self._as_administrator())
            return Action(Verb.CREATE, what, call, learn=self._token_of)
        hook = hooks[0]
        token = text_of(hook, "token")
        if _is_as_wanted(wanted, hook) and not self.bot.renew:
            if not self._with_token(token):
                return unchanged(what)
            told = f"{what}: its token goes into 'webhook_tokens'"
            return Action(Verb.CHANGE, told, learn=lambda _: self._with_token(token))
        body = {**hook, **wanted}
        call = Call("PUT", f"{path}/{hook['id']}", json=body, headers=self._as_administrator())
        return Action(Verb.CHANGE, what, call, learn=lambda _: self._with_token(token))

    def removals(self) -> list[Action]:
        """The webhooks and commands that lead to the bot."""
        team = self._team()
        found = [
            Action(
                Verb.DELETE,
                _kind(path, hook),
                Call("DELETE", f"{path}/{hook['id']}", headers=self._as_administrator()),
            )
            for path in ("hooks/outgoing", "commands")
            for hook in self._ours(path, team)
        ]
        return found or [unchanged("no webhook leads here")]

    def examine(self, findings: Findings) -> None:
        """The bot account, and its webhook."""
        findings.ok(f"Mattermost knows the bot as @{self._me['username']}")
        url = self.settings.get("webhook_url")
        if url and url != self.bot.webhook_url:
            findings.error(
                f"'webhook_url', where clicks go, is {self.shown(url)}, not {self.bot.webhook_url}",
                _REGISTER,
            )
        try:
            hooks = self._ours("hooks/outgoing", self._team())
        except Refused as refused:
            findings.unknown(f"webhooks may not be read: {refused.cause}", refused.mend)
            return
        if not hooks:
            findings.error("Mattermost has no outgoing webhook that leads here", _REGISTER)
            return
        urls = hooks[0].get("callback_urls") or []
        if self.bot.webhook_url not in urls:
            where = ", ".join(map(self.shown, urls))
            findings.error(
                f"the outgoing webhook leads to {where}, not to {self.bot.webhook_url}", _REGISTER
            )
        elif self._with_token(text_of(hooks[0], "token")):
            findings.error("the outgoing webhook's token is not in 'webhook_tokens'", _REGISTER)
        else:
            findings.ok(f"outgoing webhook at {self.bot.webhook_url}")

    def signed(self) -> Probe | None:
        """A webhook's body that says nothing, with a token."""
        tokens = self._tokens()
        return _posted({"token": tokens[0]}) if tokens else None

    def _tokens(self) -> list[str]:
        given = self.settings.get("webhook_tokens") or []
        return [str(each) for each in (given if isinstance(given, list) else [given])]

    def _with_token(self, token: str) -> Settings:
        """The setting that is to change for a token to be taken, {} for one that is already."""
        tokens = self._tokens()
        return {"webhook_tokens": [*tokens, token]} if token and token not in tokens else {}

    def _token_of(self, answer: ApiResponse | None) -> Settings:
        token = text_of(document(answer), "token") if answer is not None else ""
        if not token:
            raise Refused(
                "Mattermost made a webhook and did not tell its token",
                "Copy it from Integrations into 'webhook_tokens', and push the credentials.",
            )
        return self._with_token(token)

    @cached_property
    def _bot_token(self) -> str:
        if self.settings.get("token"):
            return str(self.settings["token"])
        login = {"login_id": self.settings.get("user"), "password": self.settings.get("pw")}
        answer = self.perform(Call("POST", "users/login", json=login))
        return str(answer.headers.get("token", ""))

    @cached_property
    def _me(self) -> dict[str, Any]:
        return document(self.perform(Call("GET", "users/me", headers=self._as_bot())))

    def _as_bot(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._bot_token}"}

    def _as_administrator(self) -> dict[str, str]:
        token = self.bot.administrator.get("MATTERMOST_ADMIN_TOKEN")
        return {"authorization": f"Bearer {token}"} if token else self._as_bot()

    def _team(self) -> str:
        """The id of the team: the setting's, or the only one that the bot is in."""
        name = str(self.settings.get("team") or "")
        if name:
            call = Call("GET", f"teams/name/{quote(name, safe='')}", headers=self._as_bot())
            return text_of(document(self.perform(call)), "id")
        teams = self.perform(Call("GET", "users/me/teams", headers=self._as_bot())).json
        found = [as_object(each) for each in teams] if isinstance(teams, list) else []
        if len(found) == 1:
            return text_of(found[0], "id")
        if not found:
            raise Refused("the bot is in no team", "Invite it: Team > Invite People.")
        names = ", ".join(text_of(each, "name") for each in found)
        raise Refused(f"the bot is in several teams: {names}", "Say which one: add 'team'.")

    def _ours(self, path: str, team: str) -> list[Hook]:
        """The team's webhooks or commands that lead to the bot, the right ones first."""
        params = {"team_id": team, "per_page": "200"}
        if path == "commands":
            params = {"team_id": team, "custom_only": "true"}
        answer = self.perform(Call("GET", path, params=params, headers=self._as_administrator()))
        found = [as_object(each) for each in answer.json] if isinstance(answer.json, list) else []
        ours = [each for each in found if any(map(self.is_ours, _urls(each)))]
        return sorted(ours, key=lambda hook: self.bot.webhook_url not in _urls(hook))


def _is_as_wanted(wanted: Hook, hook: Hook) -> bool:
    keys = ("callback_urls", "url", "trigger_words", "trigger", "method")
    return all(hook.get(key) == wanted[key] for key in keys if key in wanted)


def _urls(hook: Hook) -> list[str]:
    urls = hook.get("callback_urls")
    return [str(each) for each in urls] if isinstance(urls, list) else [text_of(hook, "url")]


def _kind(path: str, hook: Hook) -> str:
    if path == "commands":
        return f"slash command /{text_of(hook, 'trigger')}"
    return f"outgoing webhook for {', '.join(hook.get('trigger_words') or [])}"


def _posted(body: dict[str, Any]) -> Probe:
    return Probe(body=json.dumps(body).encode(), headers={"content-type": "application/json"})
