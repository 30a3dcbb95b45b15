"""The Mattermost channel: a server's posts, slash commands, clicks and dialogs in, posts out.

    POST /webhooks/mattermost/webhook
    {"token": "<one of webhook_tokens>", "post_id": "p1", "text": "@bot hi", ...}        -> 200 {}

Rasa's channel (credentials `url`, `token`, `webhook_url`; before them `url`, `team`, `user`, `pw`),
plus what Rasa leaves out: the proof that a request comes from Mattermost, forms and commands, a
response that Mattermost reads without an error, each post once, and never the bot's own.
"""

from __future__ import annotations

import logging

from channels.auth.bearer import equal
from channels.channel import InputChannel, UserMessage
from channels.errors import VerificationError
from channels.http.response import Response
from channels.mattermost.incoming import (
    ACTION,
    COMMAND,
    DIALOG,
    WEBHOOK,
    incoming_of,
    tokens_of,
)
from channels.mattermost.settings import SECTION
from channels.mattermost.signature import ActionSigner, submission_id
from channels.messages.fields import object_of, text_of
from channels.telemetry.ignored import ignored, not_a_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.http.request import Request
    from channels.mattermost.api import MattermostApi
    from channels.mattermost.incoming import Incoming
    from channels.mattermost.output import MattermostBot

#: Shown to the user if a message could not be stored: Mattermost never sends it again.
APOLOGY = "Sorry, I cannot take messages at the moment. Please try again later."

_UNREADABLE = "This command could not be read."

#: The scope of a conversation: a user (Rasa's), a user in a channel; or several of the parts.
_GRANULARITIES = ("sender", "channel")
_PARTS = ("team", "channel", "user")

#: Smallest `max_post_size` (characters); servers that were never migrated take 4000.
_LEAST_POST_SIZE = 100


class MattermostInput(InputChannel):
    """Input channel of a Mattermost server.

    Credentials: Rasa's `url` (required), `token` or else `user` and `pw`, `webhook_url`; the older
    `team` is accepted and has no effect. Ours, optional but for the first: `webhook_tokens`,
    `allow_unsigned`, `use_threads`, `conversation_granularity`, `max_post_size`, `apology`.
    """

    methods = ("GET", "POST")
    not_messages = frozenset({"dialog/cancelled"})

    @classmethod
    def name(cls) -> str:
        """`mattermost`."""
        return "mattermost"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> MattermostInput:
        """Make the channel from its settings; raises CredentialsError naming an invalid one."""
        if not credentials:
            cls.raise_missing_credentials_exception()
        given = SECTION.of(credentials)
        return cls(
            given["url"].text(),
            given["token"].text(),
            given["webhook_url"].text(),
            user=given["user"].text(),
            pw=given["pw"].text(),
            webhook_tokens=credentials.get("webhook_tokens"),
            allow_unsigned=given["allow_unsigned"].switch(),
            use_threads=given["use_threads"].switch(),
            conversation_granularity=credentials.get("conversation_granularity") or "sender",
            max_post_size=credentials.get("max_post_size"),
            apology=given["apology"].text(),
        )

    def __init__(  # noqa: PLR0913 (Rasa's parameters, and ours)
        self,
        url: str | None,
        token: str | None,
        webhook_url: str | None = None,
        *,
        user: str | None = None,
        pw: str | None = None,
        webhook_tokens: str | list[str] | None = None,
        allow_unsigned: bool = False,
        use_threads: bool = False,
        conversation_granularity: str = "sender",
        max_post_size: int | None = None,
        apology: str | None = None,
    ) -> None:
        """Rasa's parameters in Rasa's order, then ours.

        Raises CredentialsError for a missing or invalid one; `webhook_tokens` is required unless
        `allow_unsigned` lets every request in.
        """
        given = SECTION.setting
        self.url = given("url", url).url()
        self.webhook_url = given("webhook_url", webhook_url).url("")
        self.token = token or ""
        if not token and not (user and pw):
            raise SECTION.wrong("token", "is needed: a bot account's, or else 'user' and 'pw'")
        self._login = None if token else (user or "", pw or "")
        self._signer = ActionSigner(self.token or f"{user}:{pw}")
        self._webhook_tokens = given("webhook_tokens", webhook_tokens).texts()
        if not self._webhook_tokens and not allow_unsigned:
            raise SECTION.wrong("webhook_tokens", "is needed: your webhooks' and commands' tokens")
        self._use_threads = use_threads
        self._granularity = SECTION.granularity(conversation_granularity, _GRANULARITIES, _PARTS)
        size = given("max_post_size", max_post_size)
        self._max_post_size = None if size.value is None else size.number(_LEAST_POST_SIZE)
        self._apology = apology or APOLOGY
        self._api: MattermostApi | None = None

    def verify(self, request: Request) -> None:
        """Check the token of a webhook or command, or the signature of an action or dialog."""
        if not self._webhook_tokens:
            return
        incoming = incoming_of(request)
        if not self._is_proved(request, incoming):
            cause = _CAUSES.get(incoming.kind, "the token is not one of 'webhook_tokens'")
            raise VerificationError(f"{incoming.kind}: {cause}", 403)

    def _is_proved(self, request: Request, incoming: Incoming) -> bool:
        if incoming.kind == ACTION:
            context = object_of(incoming.fields, "context")
            return self._signer.is_signed(incoming.channel, context)
        if incoming.kind == DIALOG:
            return self._is_our_dialog(incoming)
        given = tokens_of(request, incoming)
        return bool(given) and all(self._is_token(token) for token in given)

    def _is_our_dialog(self, incoming: Incoming) -> bool:
        callback_id, state = (text_of(incoming.fields, key) for key in ("callback_id", "state"))
        return self._signer.is_state(incoming.channel, callback_id, state)

    def _message_id(self, incoming: Incoming) -> str | None:
        """Mattermost's id of the event; a submitted dialog has none, so our state provides it."""
        if incoming.kind == DIALOG and self._is_our_dialog(incoming):
            return submission_id(text_of(incoming.fields, "state"))
        return incoming.message_id

    def _is_token(self, given: str) -> bool:
        # A list, so that all are compared even if an early one matches.
        return any([equal(given, token) for token in self._webhook_tokens])

    def parse(self, request: Request) -> list[UserMessage]:
        """The request's message; none if it says nothing to the bot.

        Bots' posts are included: the request does not tell whose they are, `enrich` finds out.
        """
        incoming = incoming_of(request)
        if incoming.is_systems:
            ids = {"channel_id": incoming.channel, "post_id": incoming.post}
            ignored("mattermost", "a system message", ids)
            return []
        text = incoming.text
        if text is None:
            _tell_of_unread(incoming)
            return []
        reply_to = {
            "channel_id": incoming.channel,
            "post_id": incoming.post,
            "trigger_id": incoming.trigger_id,
            "response_url": text_of(incoming.fields, "response_url"),
            "webhook_url": "" if self.webhook_url else request.url.partition("?")[0],
            "author": incoming.user if incoming.kind == WEBHOOK else "",
        }
        message = UserMessage(
            text,
            sender_id=self._sender_id(incoming),
            input_channel=self.name(),
            message_id=self._message_id(incoming),
            metadata=incoming.metadata,
            reply_to={key: value for key, value in reply_to.items() if value},
        )
        return [message]

    def _sender_id(self, incoming: Incoming) -> str:
        """The conversation's id: Rasa's user, the user in a channel, or parts joined by colons."""
        parts = {"team": incoming.team, "channel": incoming.channel, "user": incoming.user}
        if self._granularity == "sender":
            return incoming.user
        if self._granularity == "channel":
            return f"{incoming.user}_{incoming.channel}"
        return ":".join(parts[part] for part in self._granularity.split(":"))

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """Names and ids of user, channel, team and post, and details of the kind of message."""
        messages = self.parse(request)
        return messages[0].metadata if messages else None

    def acknowledgement(self, request: Request) -> Response:
        """`{}`, as anything else is shown or is an error; an empty command gets a notice."""
        incoming = incoming_of(request)
        if incoming.kind == COMMAND and incoming.text is None:
            return _ephemeral(_UNREADABLE)
        return Response.json({})

    def unavailable_response(self, request: Request) -> Response:
        """An apology that the user sees, as Mattermost never resends a message."""
        kind = incoming_of(request).kind
        if kind == COMMAND:
            return _ephemeral(self._apology)
        keys = {WEBHOOK: "text", ACTION: "ephemeral_text", DIALOG: "error"}
        return Response.json({keys[kind]: self._apology})

    def enrich(self, message: UserMessage) -> bool:
        """Drop bots' posts, which trigger webhooks too: the bot's own, and those of other bots.

        Two bots that reply to each other would never stop.
        """
        author = (message.reply_to or {}).get("author")
        if not author:
            return True
        api = self._mattermost_api()
        ids = {"user_id": author, "post_id": message.message_id}
        if author == api.user_id():
            ignored("mattermost", "the bot's own post", ids, logging.DEBUG)
            return False
        if api.is_bot(author):
            ignored("mattermost", "another bot's post", ids)
            return False
        return True

    def output_for(self, message: UserMessage) -> MattermostBot:
        """The output to the channel that `message` came from, and to its thread if configured."""
        from channels.mattermost.output import MAX_POST_SIZE, MattermostBot

        to = message.reply_to or {}
        return MattermostBot(
            self.url,
            self.token,
            to.get("channel_id", ""),
            self.webhook_url or to.get("webhook_url", ""),
            api=self._mattermost_api(),
            signer=self._signer,
            max_post_size=self._max_post_size or MAX_POST_SIZE,
            use_threads=self._use_threads,
            post_id=to.get("post_id", ""),
            response_url=to.get("response_url", ""),
            trigger_id=to.get("trigger_id", ""),
        )

    def _mattermost_api(self) -> MattermostApi:
        from channels.mattermost.api import MattermostApi

        if self._api is None:
            self._api = MattermostApi(
                self.url,
                self.token,
                self._login,
                account=self._signer.account,
                memory=lambda: self.memory,
            )
        return self._api


#: Why a request of each kind was refused, for the log.
_CAUSES = {
    ACTION: "the context is not signed by us: posted with another 'token', or not by this bot",
    DIALOG: "the state is not signed by us: opened with another 'token', or not by this bot",
}


def _tell_of_unread(incoming: Incoming) -> None:
    """Log a request that says nothing to the bot."""
    names = ("channel_id", "user_id", "post_id", "trigger_id")
    ids = {name: text_of(incoming.fields, name) for name in names}
    if incoming.is_cancelled:
        not_a_message("mattermost", "dialog/cancelled", ids, MattermostInput.not_messages)
    elif incoming.fields:
        ignored("mattermost", incoming.lacking, ids)


def _ephemeral(text: str) -> Response:
    return Response.json({"response_type": "ephemeral", "text": text})
