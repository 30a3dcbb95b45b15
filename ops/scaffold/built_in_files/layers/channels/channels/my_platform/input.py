"""The My Platform channel: signed webhooks in, calls of the platform's API out.

POST /webhooks/my_platform/webhook
X-Signature-256: <hex of HMAC-SHA256(webhook_secret, raw body)>
{"type": "message", "id": "M1", "room_id": "R1", "author": {"id": "U1"}, "text": "hi"}    -> 200
"""

from __future__ import annotations

import hmac

from channels.auth.bearer import equal
from channels.channel import InputChannel, UserMessage
from channels.errors import VerificationError
from channels.http.response import Response
from channels.messages.fields import body_object, object_of, text_of
from channels.my_platform.settings import API_BASE, SECTION
from channels.telemetry.ignored import ignored, not_a_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.http.request import Request
    from channels.my_platform.output import MyPlatformOutput

SIGNATURE_HEADER = "x-signature-256"


class MyPlatformInput(InputChannel):
    """Input channel of a bot on My Platform.

    Credentials: `access_token` and `webhook_secret`, which are needed; `allow_unsigned` does
    without the second; `api_base`.
    """

    #: Types of events that are nobody's message.
    not_messages = frozenset({"joined", "left"})

    @classmethod
    def name(cls) -> str:
        """`my_platform`."""
        return "my_platform"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> MyPlatformInput:
        """Make the channel of its settings; CredentialsError names the one that cannot serve."""
        if not credentials:
            cls.raise_missing_credentials_exception()
        given = SECTION.of(credentials)
        return cls(
            given["access_token"].text() or "",
            given["webhook_secret"].text() or "",
            allow_unsigned=given["allow_unsigned"].switch(),
            api_base=given["api_base"].url(API_BASE),
        )

    def __init__(
        self,
        access_token: str,
        webhook_secret: str = "",
        *,
        allow_unsigned: bool = False,
        api_base: str = API_BASE,
    ) -> None:
        """CredentialsError without `access_token`, and without `webhook_secret`.

        `allow_unsigned` lets everybody in where there is no secret.
        """
        if not access_token:
            raise SECTION.wrong("access_token", "is needed: the bot's, from the platform's console")
        if not webhook_secret and not allow_unsigned:
            raise SECTION.wrong("webhook_secret", "is needed: what the platform signs with")
        self._access_token = access_token
        self._webhook_secret = webhook_secret.encode()
        self._api_base = api_base

    def verify(self, request: Request) -> None:
        """Check the signature over the exact bytes of the body."""
        if not self._webhook_secret:
            return
        expected = hmac.digest(self._webhook_secret, request.body, "sha256").hex()
        if not equal(request.headers.get(SIGNATURE_HEADER), expected):
            raise VerificationError(
                "missing or wrong X-Signature-256: is 'webhook_secret' that of the webhook?"
            )

    def parse(self, request: Request) -> list[UserMessage]:
        """The message of a person; none of bots, of other events, and for what is no event."""
        body = body_object(request) or {}
        message_id, room_id, text = (text_of(body, key) for key in ("id", "room_id", "text"))
        author = object_of(body, "author")
        ids = {"message_id": message_id, "room_id": room_id, "author": text_of(author, "id")}
        if text_of(body, "type") != "message":
            not_a_message(self.name(), text_of(body, "type"), ids, self.not_messages)
            return []
        if not (message_id and room_id):
            ignored(self.name(), "a message without an id or a room", ids)
            return []
        if author.get("is_bot") is True:  # the bot itself too: two bots would never stop
            ignored(self.name(), "a bot's message", ids)
            return []
        if not text.strip():
            ignored(self.name(), "a message without a text", ids)
            return []
        return [
            UserMessage(
                text,
                sender_id=room_id,
                input_channel=self.name(),
                message_id=message_id,
                metadata={"room_id": room_id, "author": author},
                reply_to={"room_id": room_id},
            )
        ]

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """The `room_id` and the `author` of a message, as the platform names them."""
        messages = self.parse(request)
        return messages[0].metadata if messages else None

    def acknowledgement(self, request: Request) -> Response:
        """An empty 200."""
        return Response.text("")

    def output_for(self, message: UserMessage) -> MyPlatformOutput:
        """The output to the room that `message` came from."""
        return self._output(message.reply_to)

    def get_output_channel(self) -> MyPlatformOutput:
        """The output of messages that the bot sends unasked: the recipient is a room."""
        return self._output(None)

    def _output(self, reply_to: dict[str, Any] | None) -> MyPlatformOutput:
        # Not in the webhook: slow to start.
        from channels.my_platform.api import MyPlatformApi
        from channels.my_platform.output import MyPlatformOutput

        api = MyPlatformApi(self._access_token, self._api_base)
        return MyPlatformOutput(api, reply_to)
