"""The Rocket.Chat channel: outgoing webhooks and livechat in, REST API calls out.

    POST /webhooks/rocketchat/webhook    {"token": <webhook_token>, "text": "hi", ...}
    200                                  {"ok": true}

Rasa's channel (credentials `user`, `password`, `server_url`), plus what Rasa leaves out: it checks
that a webhook comes from Rocket.Chat, responds in a way that Rocket.Chat accepts as success,
handles each message once, reads all messages of a livechat request, files and threads, and logs in
once for all messages.
"""

from __future__ import annotations

import logging
import re

from channels.auth.bearer import equal
from channels.channel import InputChannel, UserMessage
from channels.errors import VerificationError
from channels.http.response import Response
from channels.messages.fields import body_object
from channels.messages.payloads import is_key
from channels.rocketchat.settings import MAX_MESSAGE_SIZE, SECTION
from channels.rocketchat.webhooks import NOT_MESSAGES, WebhookReader
from channels.telemetry.ignored import ignored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.http.request import Request
    from channels.rocketchat.api import RocketChatApi
    from channels.rocketchat.incoming import Incoming
    from channels.rocketchat.output import RocketChatBot

#: Holds Omnichannel's secret (docs.rocket.chat, "Configure Omnichannel Event Webhooks").
LIVECHAT_TOKEN_HEADER = "x-rocketchat-livechat-token"  # noqa: S105 - a header's name

_LEAST_MESSAGE_SIZE = 100

#: What counts as one conversation: a room (as in Rasa) or a user, or several of the parts.
_GRANULARITIES = ("room", "sender", "user")
_PARTS = ("room", "thread", "user")

_URL = re.compile(r"https?://[^\s/?#]+[^\s?#]*")
_A_URL = "the server's address, https://chat.example.com"


class RocketChatInput(InputChannel):
    """Input channel for a Rocket.Chat server.

    Credentials: Rasa's `user`, `password` and `server_url`; ours: `user_id` with `auth_token` in
    place of the password, `webhook_token` and `livechat_token` (at least one is needed),
    `allow_unsigned`, `conversation_granularity`, `use_threads`, `edits`, `keep_trigger_word`,
    `max_message_size`.
    """

    not_messages = NOT_MESSAGES

    @classmethod
    def name(cls) -> str:
        """`rocketchat`."""
        return "rocketchat"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> RocketChatInput:
        """Create the channel from its section; raises CredentialsError for an invalid setting."""
        if not credentials:
            cls.raise_missing_credentials_exception()
        given = SECTION.of(credentials)
        return cls(
            given["user"].text(),
            given["password"].text(),
            given["server_url"].text() or "",
            user_id=given["user_id"].text(),
            auth_token=given["auth_token"].text(),
            webhook_token=credentials.get("webhook_token"),
            livechat_token=credentials.get("livechat_token"),
            allow_unsigned=given["allow_unsigned"].switch(),
            conversation_granularity=credentials.get("conversation_granularity") or "room",
            use_threads=given["use_threads"].switch(),
            edits=given["edits"].switch(),
            keep_trigger_word=given["keep_trigger_word"].switch(),
            max_message_size=credentials.get("max_message_size", MAX_MESSAGE_SIZE),
        )

    def __init__(  # noqa: PLR0913 (Rasa's parameters, and ours by name)
        self,
        user: str | None,
        password: str | None,
        server_url: str,
        *,
        user_id: str | None = None,
        auth_token: str | None = None,
        webhook_token: str | list[str] | None = None,
        livechat_token: str | list[str] | None = None,
        allow_unsigned: bool = False,
        conversation_granularity: str = "room",
        use_threads: bool = False,
        edits: bool = False,
        keep_trigger_word: bool = False,
        max_message_size: int = MAX_MESSAGE_SIZE,
    ) -> None:
        """Raises CredentialsError if a setting is missing or invalid.

        `webhook_token` may be a list, for several integrations or while one token replaces another;
        `livechat_token` defaults to `webhook_token`.
        """
        given = SECTION.setting
        self.server_url = given("server_url", server_url).matching(_URL, _A_URL).rstrip("/")
        _check_login(user, password, user_id, auth_token)
        self.user, self.password = user or "", password or ""
        self._user_id, self._auth_token = user_id, auth_token
        self._webhook_tokens = _tokens("webhook_token", webhook_token)
        self._livechat_tokens = _tokens("livechat_token", livechat_token) or self._webhook_tokens
        self._allow_unsigned = allow_unsigned
        if not (self._livechat_tokens or allow_unsigned):
            raise SECTION.wrong("webhook_token", "is needed: see 'Token' on the integration's page")
        self._granularity = _granularity(conversation_granularity)
        self._use_threads = use_threads
        self._reader = WebhookReader(
            self.server_url, edits=edits, keep_trigger_word=keep_trigger_word
        )
        size = given("max_message_size", max_message_size)
        self._max_message_size = size.number(_LEAST_MESSAGE_SIZE)
        self._api: RocketChatApi | None = None

    def verify(self, request: Request) -> None:
        """Check the token in an outgoing webhook's JSON, or in livechat's header."""
        body = body_object(request) or {}
        if _is_livechat(request, body):
            where, expected = LIVECHAT_TOKEN_HEADER, self._livechat_tokens
            given = request.headers.get(LIVECHAT_TOKEN_HEADER)
        else:
            where, expected = "token", self._webhook_tokens
            given = body.get("token")
        if not expected and self._allow_unsigned:
            return
        if not isinstance(given, str) or not any([equal(given, each) for each in expected]):
            raise VerificationError(
                f"missing or wrong {where}: is it the one on Rocket.Chat's page? "
                "(docs/channels/rocketchat.md)",
                403,
            )

    def parse(self, request: Request) -> list[UserMessage]:
        """Return users' messages, without those of bots and agents; none for other events."""
        body = body_object(request) or {}
        incoming = self._reader.incoming(body, livechat=_is_livechat(request, body))
        return [self._message(each) for each in incoming if not self._is_own(each)]

    def acknowledgement(self, request: Request) -> Response:
        """Respond `{"ok": true}`: Rocket.Chat takes an empty body for a failure, posts a `text`."""
        return Response.json({"ok": True})

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """Return the metadata of the first message: room, user, time, visitor, files."""
        messages = self.parse(request)
        return messages[0].metadata if messages else None

    def enrich(self, message: UserMessage) -> bool:
        """Restore a payload that was too long for its button; return False for the bot's messages.

        `user` may be an e-mail address, so the bot's user id is known for certain only after login.
        """
        if self.memory is not None and message.text and is_key(message.text):
            message.text = self.memory.get(message.text) or message.text
        author = (message.metadata or {}).get("user_id")
        if author is None or author != self._rocket_chat_api().user_id():
            return True
        ids = {"user_id": author, "message_id": message.message_id}
        ignored("rocketchat", "the bot's own message", ids, logging.DEBUG)
        return False

    def output_for(self, message: UserMessage) -> RocketChatBot:
        """Return the output to the room, and the thread, that `message` came from."""
        return self._output(message.reply_to)

    def get_output_channel(self) -> RocketChatBot:
        """Return the output for messages the bot starts itself: the recipient is a room or user."""
        return self._output(None)

    def _output(self, reply_to: dict[str, Any] | None) -> RocketChatBot:
        from channels.rocketchat.output import RocketChatBot

        return RocketChatBot(
            self.user,
            self.password,
            self.server_url,
            api=self._rocket_chat_api(),
            reply_to=reply_to,
            memory=self.memory,
            max_message_size=self._max_message_size,
        )

    def _rocket_chat_api(self) -> RocketChatApi:
        from channels.rocketchat.api import RocketChatApi

        if self._api is None:
            self._api = RocketChatApi(
                self.server_url,
                self.user,
                self.password,
                user_id=self._user_id,
                auth_token=self._auth_token,
                memory=lambda: self.memory,
            )
        return self._api

    def _is_own(self, incoming: Incoming) -> bool:
        is_own = (bool(self._user_id) and incoming.user == self._user_id) or (
            bool(self.user) and incoming.user_name.lower() == self.user.lower()
        )
        if is_own:
            ids = {"room": incoming.room, "message_id": incoming.message_id}
            ignored("rocketchat", "the bot's own message", ids, logging.DEBUG)
        return is_own

    def _message(self, incoming: Incoming) -> UserMessage:
        thread = incoming.thread or (incoming.opens if self._use_threads else "")
        reply_to = {
            "room": incoming.room,
            "thread": thread,
            "trigger_word": incoming.trigger_word,
            "livechat": incoming.livechat,
        }
        parts = {"room": incoming.room, "thread": thread, "user": incoming.user}
        ids = [parts[part] for part in self._granularity.split(":")]
        return UserMessage(
            incoming.text,
            sender_id=":".join(each for each in ids if each) or incoming.room,
            input_channel=self.name(),
            message_id=incoming.message_id,
            metadata=incoming.metadata,
            reply_to={key: value for key, value in reply_to.items() if value},
        )


def _is_livechat(request: Request, body: dict[str, Any]) -> bool:
    return LIVECHAT_TOKEN_HEADER in request.headers or "visitor" in body


def _granularity(given: object) -> str:
    """The parts of a conversation's id, joined by colons."""
    granularity = SECTION.granularity(given, _GRANULARITIES, _PARTS)
    return "user" if granularity == "sender" else granularity


def _tokens(key: str, given: object) -> list[str]:
    """One token or several; refuses an empty list, a mistake that would go unnoticed."""
    if given == []:
        raise SECTION.wrong(key, "is an empty list: add a token, or leave the key out")
    return SECTION.setting(key, given).texts()


def _check_login(
    user: str | None, password: str | None, user_id: str | None, auth_token: str | None
) -> None:
    """Raise CredentialsError unless one pair is complete; the error names the missing key."""
    if (user and password) or (user_id and auth_token):
        return
    if user_id or auth_token:
        missing = "auth_token" if user_id else "user_id"
    else:
        missing = "password" if user else "user"
    raise SECTION.wrong(missing, "is needed: set user and password, or user_id and auth_token")
