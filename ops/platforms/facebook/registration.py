"""Messenger and Instagram: what the app is subscribed to, and the pages that are to the app.

    POST /<app id>/subscriptions            callback_url, verify_token, fields; Meta asks the stack
    POST /<page id>/subscribed_apps         subscribed_fields

Only fields of both arrive (developers.facebook.com/docs/graph-api/reference/app/subscriptions and
.../page/subscribed_apps).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from channels.clients.platform_api import ApiResponse
from channels.facebook.graph import appsecret_proof
from channels.facebook.settings import API_BASE, GRAPH_VERSION
from channels.messages.fields import object_of, objects_of, text_of
from ops.findings import Findings
from ops.platforms.api import AdminApi, Call, Refused, document
from ops.platforms.platform import Action, Platform, Probe, Verb, unchanged

#: What starts a message to the agent.
FIELDS = ("messages", "messaging_postbacks", "messaging_referrals", "messaging_optins")

_REGISTER = "python -m ops register facebook"
_GENERATE = "your app > Use cases > Customize > Messenger API Settings > Generate token"

#: Graph's error codes: a token that does not serve, rights that are missing.
_TOKEN = (102, 190)
_RIGHTS = (3, 10, *range(200, 300))
_CALLBACK = 2200


class Page(NamedTuple):
    """A page that the bot writes as, with its token."""

    id: str
    name: str
    token: str


def fields_of(entries: object) -> set[str]:
    """The fields of a subscription: texts, or objects with a name and a version."""
    found = entries if isinstance(entries, list) else []
    return {str(each.get("name") if isinstance(each, dict) else each) for each in found}


class Facebook(Platform):
    """A Meta app and its pages."""

    name: ClassVar[str] = "facebook"
    title: ClassVar[str] = "Meta"
    registered: ClassVar[Mapping[str, Any]] = {"verify": "to-be-made"}

    @cached_property
    def api(self) -> AdminApi:
        """Graph, of the version that the channel uses."""
        base = str(self.settings.get("api_base") or API_BASE).rstrip("/")
        return AdminApi(self.title, f"{base}/{self.settings.get('graph_version', GRAPH_VERSION)}")

    def check(self, answer: ApiResponse) -> None:
        """Raise Refused for an error of Graph; its message is left out where it quotes a token."""
        error = object_of(document(answer), "error")
        if answer.status < 400 and not error:
            return
        code = error.get("code")
        said = f"code {code}, fbtrace_id {error.get('fbtrace_id')}"
        if code in _TOKEN:
            raise Refused(
                f"Meta does not accept a token of the app or of a page ({said})",
                f"Make a new page token: {_GENERATE}; is 'secret' that of App settings > Basic?",
            )
        if code in _RIGHTS:
            raise Refused(
                f"Meta misses rights of the page's token ({said})",
                "Give it pages_messaging and pages_manage_metadata, then make it anew.",
            )
        if code == _CALLBACK:
            raise Refused(
                f"Meta could not verify the webhook ({said})",
                "Functions read credentials anew within 5 minutes: try again then; "
                "`python -m ops doctor facebook` tells whether the address answers.",
            )
        raise Refused(f"Meta refuses it: status {answer.status}, {said}")

    def actions(self) -> list[Action]:
        """The app's subscription, then each page's."""
        app = self._app_id()
        verify = self.settings.get("verify")
        fresh = None if verify else self.bot.new_secret()
        subscriptions = self._subscriptions(app)
        found = [
            self._subscribe(app, name, subscriptions.get(name), str(verify or fresh), fresh)
            for name in ("page", *(["instagram"] if "instagram" in subscriptions else []))
        ]
        return found + [self._subscribe_page(app, page) for page in self._pages()]

    def _subscribe(
        self,
        app: str,
        name: str,
        now: dict[str, Any] | None,
        verify: str,
        fresh: str | None,
    ) -> Action:
        what = f"subscription of the app to '{name}' at {self.bot.webhook_url}"
        known = fields_of((now or {}).get("fields"))
        if now and not self._differs(now) and not fresh and not self.bot.renew:
            return unchanged(what)
        form = {
            "object": name,
            "callback_url": self.bot.webhook_url,
            "verify_token": verify,
            "fields": ",".join(sorted({*FIELDS, *known})),
            "include_values": "true",
        }
        call = Call("POST", f"{app}/subscriptions", form=form, headers=self._as_app(app))
        if now and now.get("callback_url") != self.bot.webhook_url:
            what += f", was {self.shown(now.get('callback_url'))}"
        return Action(
            Verb.CHANGE if now else Verb.CREATE,
            what,
            call,
            # Meta asks the stack for it before the call is answered.
            settings={"verify": fresh} if fresh else {},
            settings_first=True,
        )

    def _differs(self, subscription: dict[str, Any]) -> bool:
        return (
            subscription.get("callback_url") != self.bot.webhook_url
            or subscription.get("active") is False
            or not set(FIELDS) <= fields_of(subscription.get("fields"))
        )

    def _subscribe_page(self, app: str, page: Page) -> Action:
        what = f"subscription of the page {page.name} ({page.id}) to the app"
        subscribed = self._page_fields(app, page)
        if subscribed is not None and set(FIELDS) <= subscribed and not self.bot.renew:
            return unchanged(what)
        form = {"subscribed_fields": ",".join(sorted({*FIELDS, *(subscribed or ())}))}
        path = f"{page.id}/subscribed_apps"
        call = Call("POST", path, form=form, **self._as_page(page.token))
        return Action(Verb.CREATE if subscribed is None else Verb.CHANGE, what, call)

    def removals(self) -> list[Action]:
        """The pages' subscriptions, and the app's where it leads to the bot."""
        app = self._app_id()
        subscriptions = self._subscriptions(app)
        found = [
            Action(
                Verb.DELETE,
                f"subscription of the app to '{name}'",
                Call(
                    "DELETE",
                    f"{app}/subscriptions",
                    form={"object": name},
                    headers=self._as_app(app),
                ),
            )
            for name, each in subscriptions.items()
            if self.is_ours(each.get("callback_url"))
        ]
        if not found:
            return [unchanged("the app's webhook does not lead here")]
        pages = [
            Action(
                Verb.DELETE,
                f"subscription of the page {page.name} ({page.id})",
                Call("DELETE", f"{page.id}/subscribed_apps", **self._as_page(page.token)),
            )
            for page in self._pages()
            if self._page_fields(app, page) is not None
        ]
        return pages + found

    def examine(self, findings: Findings) -> None:
        """The tokens, the app's subscription, the pages'."""
        pages = self._pages()
        for page in pages:
            findings.ok(f"Meta accepts the token of the page {page.name} ({page.id})")
        app = self._app_id()
        self._examine_app(self._subscriptions(app), findings)
        for page in pages:
            self._examine_page(page, self._page_fields(app, page), findings)

    def _examine_app(self, subscriptions: dict[str, dict[str, Any]], findings: Findings) -> None:
        now = subscriptions.get("page")
        if now is None:
            findings.error("the app is not subscribed to messages", _REGISTER)
            return
        url = now.get("callback_url")
        if url != self.bot.webhook_url:
            findings.error(
                f"Meta sends events to {self.shown(url)}, not to {self.bot.webhook_url}", _REGISTER
            )
        elif now.get("active") is False:
            findings.error("the app's subscription is switched off", _REGISTER)
        elif missing := _missing(fields_of(now.get("fields"))):
            findings.warn(f"the app is not subscribed to {missing}", _REGISTER)
        else:
            findings.ok(f"subscription of the app at {url}")

    def _examine_page(self, page: Page, fields: set[str] | None, findings: Findings) -> None:
        who = f"the page {page.name} ({page.id})"
        if fields is None:
            findings.error(
                f"{who} is not subscribed: Meta unsubscribes pages whose webhook fails for an hour",
                _REGISTER,
            )
        elif missing := _missing(fields):
            findings.warn(f"{who} is not subscribed to {missing}", _REGISTER)
        else:
            findings.ok(f"{who} is subscribed")

    def signed(self) -> Probe | None:
        """An empty batch, signed with the app's secret."""
        secret = self._secret()
        if not secret:
            return None
        body = json.dumps({"object": "page", "entry": []}).encode()
        digest = hmac.new(secret.encode(), body, "sha256").hexdigest()
        headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={digest}"}
        return Probe(body=body, headers=headers)

    def _secret(self) -> str:
        given = self.settings.get("secret")
        return str((given[0] if isinstance(given, list) and given else given) or "")

    def _as_app(self, app: str) -> dict[str, str]:
        return {"authorization": f"Bearer {app}|{self._secret()}"}

    def _as_page(self, token: str) -> dict[str, dict[str, str]]:
        """What a call as a page takes; the token is no parameter, since addresses are logged."""
        proved = self._secret() and self.settings.get("appsecret_proof", True)
        params = {"appsecret_proof": appsecret_proof(token, self._secret())} if proved else {}
        return {"headers": {"authorization": f"Bearer {token}"}, "params": params}

    def _app_id(self) -> str:
        """The app's id: a setting, else the app that the page's token belongs to."""
        given = self.settings.get("app_id")
        if given:
            return str(given)
        if not self._secret():
            raise Refused("no app secret", "Set 'secret': App settings > Basic > App secret.")
        token = self._tokens()[0]
        found = document(self.perform(Call("GET", "app", **self._as_page(token)))).get("id")
        if not found:
            raise Refused("Meta does not tell the app's id", "Set 'app_id': App settings > Basic.")
        return str(found)

    def _tokens(self) -> list[str]:
        by_page = self.settings.get("page_tokens") or {}
        given = [self.settings.get("page-access-token"), *by_page.values()]
        tokens = list(dict.fromkeys(str(each) for each in given if each))
        if not tokens:
            raise Refused("no page token", f"Set 'page-access-token': {_GENERATE}.")
        return tokens

    def _pages(self) -> list[Page]:
        found = {}
        for token in self._tokens():
            me = document(self.perform(Call("GET", "me", **self._as_page(token))))
            page_id = text_of(me, "id")
            found[page_id] = Page(page_id, text_of(me, "name") or "?", token)
        return list(found.values())

    def _subscriptions(self, app: str) -> dict[str, dict[str, Any]]:
        call = Call("GET", f"{app}/subscriptions", headers=self._as_app(app))
        entries = objects_of(document(self.perform(call)), "data")
        return {text_of(each, "object"): each for each in entries}

    def _page_fields(self, app: str, page: Page) -> set[str] | None:
        """What a page is subscribed to with this app, None where it is not."""
        call = Call("GET", f"{page.id}/subscribed_apps", **self._as_page(page.token))
        apps = objects_of(document(self.perform(call)), "data")
        ours = [each for each in apps if str(each.get("id")) == app]
        return fields_of(ours[0].get("subscribed_fields")) if ours else None


def _missing(fields: Iterable[str]) -> str:
    return ", ".join(sorted({"messages", "messaging_postbacks"} - set(fields)))
