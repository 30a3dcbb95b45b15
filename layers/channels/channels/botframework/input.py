"""The botframework channel: Teams, Web Chat, Direct Line and every other Azure Bot channel.

    POST /webhooks/botframework/webhook
    Authorization: Bearer <JWT of the Bot Connector>
    {"type": "message", "text": "hi", "serviceUrl": "https://smba...", ...}             -> 200 {}

Rasa's channel (credentials `app_id`, `app_password`), plus what Rasa leaves out: the token's
issuer, service URL and endorsements are checked, so that the bot's own token is sent nowhere else;
single-tenant bots; clicks, mentions, invokes; each activity once.
"""

from __future__ import annotations

import re

from channels.auth.key_set import KeySet
from channels.botframework import payloads
from channels.botframework.activities import CARD_ACTION, read_activity
from channels.botframework.settings import SECTION
from channels.botframework.tokens import (
    OPENID_METADATA_URL,
    ActivityTokens,
    fetch_keys,
    same_service,
)
from channels.channel import InputChannel, UserMessage
from channels.errors import VerificationError
from channels.http.response import Response
from channels.messages.fields import body_object, object_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.botframework.activities import Incoming
    from channels.botframework.connector import Connector
    from channels.botframework.output import BotFramework
    from channels.http.request import Request

#: The scope of a conversation: a user (as in Rasa), a channel conversation, or a user within one.
GRANULARITIES = ("sender", "conversation", "conversation:sender")

_MESSAGE_ANSWER = {
    "statusCode": 200,
    "type": "application/vnd.microsoft.activity.message",
    "value": "ok",
}

_ID = re.compile(r"[\w.-]+")
_PASSWORD = re.compile(r"\S+")
_INTENT = re.compile(r"/?[^\s/{}]+")
_LOOPBACK = re.compile(r"127(\.\d{1,3}){3}|::1")


class BotFrameworkInput(InputChannel):
    """Input channel of a bot registered with Azure.

    Credentials: Rasa's `app_id` and `app_password`; ours, all optional: `app_tenant_id`,
    `token_url`, `openid_metadata_url`, `trusted_service_urls`, `conversation_granularity`,
    `welcome_intent`, `edited_messages`, `allow_unsigned`.
    """

    @classmethod
    def name(cls) -> str:
        """`botframework`."""
        return "botframework"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> BotFrameworkInput:
        """Make the channel from its settings; raises CredentialsError naming an invalid one."""
        if not credentials:
            cls.raise_missing_credentials_exception()
        given = SECTION.of(credentials)
        return cls(
            credentials.get("app_id"),
            credentials.get("app_password"),
            app_tenant_id=credentials.get("app_tenant_id"),
            token_url=credentials.get("token_url"),
            openid_metadata_url=credentials.get("openid_metadata_url"),
            trusted_service_urls=credentials.get("trusted_service_urls"),
            conversation_granularity=credentials.get("conversation_granularity") or "sender",
            welcome_intent=credentials.get("welcome_intent"),
            edited_messages=given["edited_messages"].switch(),
            allow_unsigned=given["allow_unsigned"].switch(),
        )

    def __init__(  # noqa: PLR0913 - Rasa's parameters, and the optional keys by name
        self,
        app_id: str | None,
        app_password: str | None,
        *,
        app_tenant_id: str | None = None,
        token_url: str | None = None,
        openid_metadata_url: str | None = None,
        trusted_service_urls: str | list[str] | None = None,
        conversation_granularity: str = "sender",
        welcome_intent: str | None = None,
        edited_messages: bool = False,
        allow_unsigned: bool = False,
    ) -> None:
        """Check the settings, without network access; CredentialsError for a missing or wrong one.

        `allow_unsigned` makes `app_id` and `app_password` optional. Without them there is no proof
        to check and no token to lose: only requests from this machine are accepted, so none on AWS.
        """
        given = SECTION.setting
        self.app_id = self._app_password = ""
        if not allow_unsigned or app_id is not None or app_password is not None:
            self.app_id = given("app_id", app_id).matching(_ID, "the app id that Azure shows")
            self._app_password = given("app_password", app_password).matching(
                _PASSWORD, "the value of a client secret"
            )
        self._tenant = given("app_tenant_id", app_tenant_id).matching(_ID, "an id or a domain", "")
        self._token_url = given("token_url", token_url).url("")
        keys_url = given("openid_metadata_url", openid_metadata_url).url(OPENID_METADATA_URL)
        self._trusted_service_urls = given("trusted_service_urls", trusted_service_urls).urls()
        granularity = given("conversation_granularity", conversation_granularity)
        self._granularity = granularity.one_of(GRANULARITIES)
        welcome = given("welcome_intent", welcome_intent).matching(
            _INTENT, "the name of an intent", ""
        )
        self._welcome = welcome and f"/{welcome.removeprefix('/')}"
        self._edited_messages = edited_messages
        keys = KeySet(keys_url, lambda: fetch_keys(keys_url), lambda: self.memory)
        self._tokens = ActivityTokens(self.app_id, keys) if self.app_id else None
        self._connector: Connector | None = None

    def verify(self, request: Request) -> None:
        """Check the Bot Connector's token, and that it belongs to the activity's service URL.

        Without an `app_id`, only requests from this machine pass.
        """
        if self._tokens is not None:
            self._tokens.check(request)
        elif not _LOOPBACK.fullmatch(request.ip):
            raise VerificationError(
                "without 'app_id' only requests from this machine are accepted", 403
            )

    def parse(self, request: Request) -> list[UserMessage]:
        """The activity's message; none for other types and for bodies that are not activities.

        The message's id is made of channel, conversation and activity.
        """
        incoming = self._read(request)
        if incoming is None:
            return []
        reply_to = incoming.reference
        if self._tokens is not None:
            reply_to["verified"] = True
        return [
            UserMessage(
                incoming.text,
                sender_id=self._sender_id(incoming),
                input_channel=self.name(),
                message_id=incoming.message_id,
                metadata=self.get_metadata(request),
                reply_to=reply_to,
            )
        ]

    def _read(self, request: Request) -> Incoming | None:
        activity = body_object(request) or {}
        return read_activity(activity, edited=self._edited_messages, welcome=self._welcome)

    def _sender_id(self, incoming: Incoming) -> str:
        parts = {"sender": incoming.user_id, "conversation": incoming.conversation_id}
        return ":".join(parts[part] for part in self._granularity.split(":"))

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """The activity's `attachments`, `channelData`, `value`, `conversation`, ... unchanged."""
        incoming = self._read(request)
        return incoming.metadata if incoming else None

    def acknowledgement(self, request: Request) -> Response:
        """`{}`; for an invoke the response that its name requires, or 501 if it is unknown."""
        activity = body_object(request) or {}
        if text_of(activity, "type") != "invoke":
            return Response.json({})
        if text_of(activity, "name") == CARD_ACTION:
            return Response.json(_MESSAGE_ANSWER)
        return Response.json({}, 501)

    def enrich(self, message: UserMessage) -> bool:
        """Restore a payload that was too long for its button."""
        payloads.resolve(message, self.memory)
        return True

    def output_for(self, message: UserMessage) -> BotFramework:
        """The output that replies to `message` by its conversation reference, now or later."""
        from channels.botframework.output import BotFramework

        reference = message.reply_to or {}
        return BotFramework(
            self.app_id,
            self._app_password,
            object_of(reference, "conversation"),
            object_of(reference, "bot"),
            self._service_url(reference),
            user=object_of(reference, "user"),
            channel_id=text_of(reference, "channelId"),
            activity_id=text_of(reference, "activityId"),
            memory=self.memory,
            connector=self._made_connector(),
        )

    def _service_url(self, reference: dict[str, Any]) -> str:
        """The service URL if the bot's token may be sent there, else "".

        A URL is trusted if a token has proved it or the credentials name it. Without an `app_id`
        there is no token, and every service URL is accepted.
        """
        url = text_of(reference, "serviceUrl")
        is_trusted = (
            reference.get("verified") is True
            or not self.app_id
            or any(same_service(url, each) for each in self._trusted_service_urls)
        )
        return url if is_trusted else ""

    def _made_connector(self) -> Connector:
        from channels.botframework.connector import Connector

        if self._connector is None:
            self._connector = Connector.of_bot(
                self.app_id,
                self._app_password,
                self._tenant,
                self._token_url,
                lambda: self.memory,
            )
        return self._connector
