"""The Webex channel: webhooks of a bot in, messages and adaptive cards out.

    POST /webhooks/webexteams/webhook
    X-Spark-Signature: <hex of HMAC-SHA1(webhook_secret, raw body)>
    {"resource": "messages", "event": "created", "data": {"id": "...", "roomId": "..."}}      -> 200

Rasa's channel (credentials `access_token`, `room`), plus what Rasa leaves out: it checks that a
webhook comes from Webex, handles each message once, supports cards, mentions, threads and files,
and accepts hooks of other resources without an error. A webhook only names a message; the worker
fetches it (`enrich`).
"""

from __future__ import annotations

import hmac
import logging

from channels.auth.bearer import equal
from channels.channel import InputChannel, UserMessage
from channels.errors import VerificationError
from channels.http.response import Response
from channels.messages.fields import body_object
from channels.telemetry.ignored import ignored
from channels.webexteams.hooks import read_hook
from channels.webexteams.settings import API_BASE, SECTION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.http.request import Request
    from channels.webexteams.api import WebexApi
    from channels.webexteams.hooks import Event
    from channels.webexteams.output import WebexTeamsBot

SIGNATURE_HEADER = "x-spark-signature"

#: What counts as one conversation: a room (as in Rasa), or a person in a room.
GRANULARITIES = ("room", "sender")


class WebexTeamsInput(InputChannel):
    """Input channel for a Webex bot.

    Credentials: Rasa's `access_token` (needed) and `room`; ours are `webhook_secret` (needed unless
    `allow_unsigned` is true) and the optional `conversation_granularity`, `use_threads` and
    `api_base`.
    """

    @classmethod
    def name(cls) -> str:
        """`webexteams`."""
        return "webexteams"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebexTeamsInput:
        """Create the channel from its section; raises CredentialsError for an invalid setting."""
        if not credentials:
            cls.raise_missing_credentials_exception()
        given = SECTION.of(credentials)
        return cls(
            given["access_token"].text() or "",
            given["room"].text(),
            webhook_secret=given["webhook_secret"].text() or "",
            allow_unsigned=given["allow_unsigned"].switch(),
            conversation_granularity=given["conversation_granularity"].text() or "room",
            use_threads=given["use_threads"].switch(),
            api_base=given["api_base"].url(API_BASE),
        )

    def __init__(
        self,
        access_token: str,
        room: str | None = None,
        *,
        webhook_secret: str = "",
        allow_unsigned: bool = False,
        conversation_granularity: str = "room",
        use_threads: bool = False,
        api_base: str = API_BASE,
    ) -> None:
        """Rasa's parameters, then ours.

        Raises CredentialsError without an `access_token`, or without a `webhook_secret` unless
        `allow_unsigned` lets everybody in.
        """
        if not access_token:
            raise SECTION.wrong("access_token", "is needed: the bot's, from developer.webex.com")
        if not webhook_secret and not allow_unsigned:
            raise SECTION.wrong("webhook_secret", "is needed: the 'secret' of the bot's webhooks")
        self.token = access_token
        self.room = room
        self._webhook_secret = webhook_secret.encode()
        given = SECTION.setting("conversation_granularity", conversation_granularity)
        self._granularity = given.one_of(GRANULARITIES)
        self._use_threads = use_threads
        self._api_base = api_base
        self._api: WebexApi | None = None
        self._own_id = ""

    def verify(self, request: Request) -> None:
        """Check Webex's signature of the exact bytes of the body."""
        if not self._webhook_secret:
            return
        expected = hmac.digest(self._webhook_secret, request.body, "sha1").hex()
        if not equal(request.headers.get(SIGNATURE_HEADER), expected):
            raise VerificationError(
                "missing or wrong X-Spark-Signature: is 'webhook_secret' the 'secret' of each "
                "webhook? (docs/channels/webexteams.md)"
            )

    def parse(self, request: Request) -> list[UserMessage]:
        """Return the hook's message, still without text; none for other hooks and bots' messages.

        The message's id is Webex's own, so that two webhooks for one message count as one.
        """
        event = read_hook(body_object(request))
        if event is None:
            return []
        return [
            UserMessage(
                None,
                sender_id=self._sender_id(event),
                input_channel=self.name(),
                message_id=event.id,
                metadata=event.metadata,
                reply_to=event.reply_to,
            )
        ]

    def _sender_id(self, event: Event) -> str:
        # A submit does not tell whether its room is direct, so `sender` always adds the person.
        parts = [event.room_id]
        if self._granularity == "sender":
            parts.append(event.person_id)
        return ":".join(parts)

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """Return the hook's `resource`, `id`, `roomId`, `personId`, ... under Webex's names."""
        event = read_hook(body_object(request))
        return event.metadata if event else None

    def acknowledgement(self, request: Request) -> Response:
        """Respond with an empty 200, as Rasa does: Webex disables webhooks that fail too often."""
        return Response.text("")

    def enrich(self, message: UserMessage) -> bool:
        """Fetch what the user said; return False for the bot's own messages and deleted ones.

        Raises CredentialsError if Webex rejects `access_token`.
        """
        metadata = message.metadata or {}
        if "resource" not in metadata:
            return True
        from channels.webexteams.contents import add_contents, own_id

        api = self._webex_api()
        self._own_id = self._own_id or own_id(api, self.token, self.memory)
        if metadata.get("personId") == self._own_id:
            ids = {"personId": self._own_id, "id": message.message_id}
            ignored("webexteams", "the bot's own message", ids, logging.DEBUG)
            return False
        return add_contents(message, api, self._own_id, self.memory)

    def output_for(self, message: UserMessage) -> WebexTeamsBot:
        """Return the output to the room of `message`, and to its thread with `use_threads`."""
        return self._output(message.reply_to)

    def get_output_channel(self) -> WebexTeamsBot:
        """Return the output for messages the bot starts itself: to `room`, or the recipient's."""
        return self._output(None)

    def _output(self, reply_to: dict[str, Any] | None) -> WebexTeamsBot:
        from channels.webexteams.output import WebexTeamsBot

        return WebexTeamsBot(
            self.token,
            self.room,
            api=self._webex_api(),
            reply_to=reply_to,
            use_threads=self._use_threads,
            memory=self.memory,
        )

    def _webex_api(self) -> WebexApi:
        from channels.webexteams.api import WebexApi

        if self._api is None:
            self._api = WebexApi(self.token, self._api_base)
        return self._api
