"""The facebook channel: Messenger, and Instagram on the same webhook.

    GET  /webhooks/facebook/webhook    ?hub.mode=subscribe&hub.verify_token=..&hub.challenge=..
    POST /webhooks/facebook/webhook    {"object": "page", "entry": [{"id": .., "messaging": [..]}]}

Rasa's channel and keys. What Rasa leaves out: every event of a batch is read, echoes never come
back as user input, the signature is Meta's current one, each page has its own token, and replies
are sent by the worker, within the platform's limits.
"""

from __future__ import annotations

import hmac

from channels.auth.bearer import equal
from channels.channel import InputChannel
from channels.errors import VerificationError
from channels.facebook.events import NOT_MESSAGES, user_messages
from channels.facebook.settings import API_BASE, GRAPH_VERSION, SECTION
from channels.http.json_object import json_object
from channels.http.response import Response
from channels.messages.payloads import is_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from channels.channel import UserMessage
    from channels.clients.platform_api import PlatformApi
    from channels.facebook.output import MessengerBot
    from channels.http.request import Request


class FacebookInput(InputChannel):
    """Input channel of Facebook pages and Instagram accounts.

    Credentials: Rasa's `verify`, `secret` and `page-access-token`; ours, all optional:
    `page_tokens` (page or Instagram account id -> token), `graph_version`, `api_base`,
    `appsecret_proof`, `conversation_granularity`, `allow_sha1`, `allow_unsigned`.
    """

    methods = ("GET", "POST")
    not_messages = NOT_MESSAGES

    #: Meta sends up to 1000 events at once; this is the most that a Lambda accepts (bytes).
    max_body_size = 6_291_456

    @classmethod
    def name(cls) -> str:
        """`facebook`."""
        return "facebook"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> FacebookInput:
        """Make the channel from its settings; CredentialsError names a missing or wrong one."""
        if not credentials:
            cls.raise_missing_credentials_exception()
        given = SECTION.of(credentials)
        return cls(
            credentials.get("verify"),
            credentials.get("secret"),
            credentials.get("page-access-token"),
            page_tokens=credentials.get("page_tokens"),
            graph_version=credentials.get("graph_version", GRAPH_VERSION),
            api_base=given["api_base"].url(API_BASE),
            appsecret_proof=given["appsecret_proof"].switch(default=True),
            conversation_granularity=credentials.get("conversation_granularity", "sender"),
            allow_sha1=given["allow_sha1"].switch(),
            allow_unsigned=given["allow_unsigned"].switch(),
        )

    def __init__(  # noqa: PLR0913 (Rasa's parameters, then one for each key of ours)
        self,
        fb_verify: object,
        fb_secret: str | list[str] | None,
        fb_access_token: str | None,
        *,
        page_tokens: Mapping[object, str] | None = None,
        graph_version: str = GRAPH_VERSION,
        api_base: str = API_BASE,
        appsecret_proof: bool = True,
        conversation_granularity: str = "sender",
        allow_sha1: bool = False,
        allow_unsigned: bool = False,
    ) -> None:
        """Check the settings; raises CredentialsError for a missing or invalid one.

        `fb_secret` is the app's secret, or a list of several apps' (an Instagram app has its own).
        """
        self._verify_token = _text("verify", fb_verify)
        self._secrets = _secrets(fb_secret, may_be_missing=allow_unsigned)
        self._allow_sha1 = allow_sha1
        self._page_tokens = _page_tokens(page_tokens)
        self._token = _token(fb_access_token, may_be_missing=bool(self._page_tokens))
        self._graph_version = _graph_version(graph_version)
        self._api_base = api_base
        self._proof_secret = self._secrets[0] if self._secrets and appsecret_proof else None
        given = SECTION.setting("conversation_granularity", conversation_granularity)
        granularity = given.one_of(("sender", "page"))
        self._by_page = granularity == "page"
        self._api: PlatformApi | None = None

    def handshake(self, request: Request) -> Response | None:
        """Respond to Meta's check of the endpoint with its challenge, unchanged.

        Raises VerificationError unless mode and verify token are right. Source: "Verification
        Requests", developers.facebook.com/docs/graph-api/webhooks/getting-started.
        """
        if request.method != "GET":
            return None
        asked = request.args
        known = equal(asked.get("hub.verify_token"), self._verify_token)
        challenge = asked.get("hub.challenge")
        if not (known and asked.get("hub.mode") == "subscribe" and challenge):
            raise VerificationError("not a subscription request with our verify token", 403)
        return Response.text(challenge)

    def verify(self, request: Request) -> None:
        """Check `X-Hub-Signature-256`, the HMAC-SHA256 of the raw body keyed by the app's secret.

        `X-Hub-Signature` (SHA-1) is accepted only if allowed and if the other one is missing: a
        request never chooses the algorithm.
        """
        if not self._secrets:
            return
        given, algorithm = request.headers.get("x-hub-signature-256"), "sha256"
        if given is None and self._allow_sha1:
            given, algorithm = request.headers.get("x-hub-signature"), "sha1"
        if given is None:
            raise VerificationError("no X-Hub-Signature-256", 403)
        digests = [
            hmac.new(secret.encode(), request.body, algorithm).hexdigest()
            for secret in self._secrets
        ]
        # A list, not a generator, so that the time taken does not reveal which secret matched.
        if not any([equal(given, f"{algorithm}={digest}") for digest in digests]):
            raise VerificationError("wrong signature: is 'secret' the secret of this app?", 403)

    def parse(self, request: Request) -> list[UserMessage]:
        """The messages of all events of all entries, in the order they were written.

        Echoes, deliveries, reads, reactions, `standby` and `changes` yield none.
        """
        messages = user_messages(json_object(request), self.name(), by_page=self._by_page)
        metadata = self.get_metadata(request) or {}
        for message in messages:
            message.metadata = {**(message.metadata or {}), **metadata}
        return messages

    def enrich(self, message: UserMessage) -> bool:
        """Restore a payload that was too long for a button.

        A payload that has expired is replaced by the button's title.
        """
        if self.memory is not None and is_key(message.text):
            title = (message.metadata or {}).get("title")
            message.text = self.memory.get(message.text or "") or title or message.text
        return True

    def output_for(self, message: UserMessage) -> MessengerBot:
        """The output that replies to `message` as the page it was sent to."""
        reply_to = message.reply_to or {}
        return self._output(
            reply_to.get("page"),
            reply_to.get("recipient"),
            is_instagram=reply_to.get("platform") == "instagram",
        )

    def get_output_channel(self) -> MessengerBot:
        """An output with `page-access-token`, for messages that the bot sends unprompted."""
        return self._output(None, None, is_instagram=False)

    def _output(
        self, page: str | None, recipient: dict[str, str] | None, *, is_instagram: bool
    ) -> MessengerBot:
        from channels.clients.platform_api import PlatformApi
        from channels.facebook.graph import MESSAGE, GraphPage
        from channels.facebook.output import MessengerBot

        if self._api is None:
            self._api = PlatformApi(self._api_base, answers=MESSAGE)
        # An Instagram account sends as the page it belongs to, which the token identifies.
        node = page if page and not is_instagram else "me"
        path = f"{self._graph_version}/{node}/messages"
        sender = GraphPage(self._api, path, self._token_of(page), self._proof_secret)
        return MessengerBot(sender, recipient, is_instagram=is_instagram, memory=self.memory)

    def _token_of(self, page: str | None) -> str:
        token = self._page_tokens.get(page or "") or self._token
        if token is None:
            raise SECTION.error(
                f"no token for the page {page or '(unknown)'}: add it to 'page_tokens', or set "
                "'page-access-token'"
            )
        return token


def _text(key: str, value: object) -> str:
    """A setting as text without surrounding white space; YAML reads digits as a number."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    text = SECTION.setting(key, str(value) if is_number else value).text()
    if text is None:
        raise SECTION.wrong(key, "is needed, as a text")
    return text


def _secrets(value: object, *, may_be_missing: bool) -> list[str]:
    if not value and may_be_missing:
        return []
    return [
        _text("secret", each) for each in (value if isinstance(value, list) and value else [value])
    ]


def _token(value: object, *, may_be_missing: bool) -> str | None:
    return None if value is None and may_be_missing else _text("page-access-token", value)


def _page_tokens(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise SECTION.wrong("page_tokens", "must map page ids to tokens")
    return {str(page): _text("page_tokens", token) for page, token in value.items()}


def _graph_version(value: object) -> str:
    version = str(value)
    if not (version.startswith("v") and version[1:].replace(".", "", 1).isdecimal()):
        raise SECTION.wrong("graph_version", f"must be written like '{GRAPH_VERSION}'")
    return version
