"""The callback channel: a message in, `success` at once, the bot's messages to a URL of yours.

    POST /webhooks/callback/webhook    {"sender": "me", "message": "hi"}   -> 200 success
    POST <url>                         {"recipient_id": "me", "text": "Hey!"}

Rasa's channel: one POST a message, each a single JSON object, in order. What Rasa leaves out:
metadata and `input_channel` are kept, a POST that fails is made again, and each carries an id and a
signature (`callback.delivery`).
"""

from __future__ import annotations

import hashlib
import os

from channels.auth.bearer import BearerAuthentication
from channels.callback.settings import SECTION
from channels.channel import CollectingOutputChannel, InputChannel
from channels.errors import PlatformUnavailable
from channels.rest.json_message import json_message, json_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.channel import Outbox, UserMessage
    from channels.http.request import Request


class CallbackOutput(CollectingOutputChannel):
    """Puts each collected message into the outbox, from where another function delivers it.

    Its delivery id is `<message id>:<number>:<sender>`, the same however often the turn is begun
    again; the sender stands in it as a hash, because clients of two senders may use one message id.
    Outside a turn, where nothing is begun again, it is a random one: an apology for a message must
    not take the id of the answer that follows when the message is redriven.
    """

    delivers_parts = True

    def __init__(self, outbox: Outbox | None, message_id: str) -> None:
        """Answer the message `message_id`. Sending raises PlatformUnavailable without an outbox."""
        super().__init__()
        self._outbox = outbox
        self._message_id = message_id
        self._number = 0

    @classmethod
    def name(cls) -> str:
        """`callback`, as in Rasa."""
        return "callback"

    async def _persist_message(self, message: dict[str, Any]) -> None:
        await super()._persist_message(message)
        self._number += 1
        stable = f"{self._message_id}:{self._number}:{_short_hash(str(message['recipient_id']))}"
        delivery_id = stable if self.parts else os.urandom(16).hex()

        async def send() -> str:
            if self._outbox is None:
                raise PlatformUnavailable(
                    "there is no callback queue here to put the answer into, as there is none in "
                    "'sam local invoke': try the callback channel with 'make up'"
                )
            document = {"delivery_id": delivery_id, "message": message}
            self._outbox.put(str(message["recipient_id"]), delivery_id, document)
            return delivery_id

        await self.deliver(send)


class CallbackInput(InputChannel):
    """Input channel of clients that want the answers at a URL.

    Credentials: Rasa's EndpointConfig (`url`, needed; `params`, `headers`, `basic_auth`, `token`,
    `token_name`, `cafile`) and ours, all optional: `signing_secret`, `array`,
    `allow_private_addresses`, `timeout` (see `callback.delivery`), and `jwt_key`, `jwt_method` for
    callers of the webhook.
    """

    @classmethod
    def name(cls) -> str:
        """`callback`."""
        return "callback"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> CallbackInput:
        """Make the channel of its settings; CredentialsError when there is no `url`.

        The other settings of the endpoint concern its delivery and are checked there and by
        `ops credentials check` (`check_credentials`).
        """
        if not credentials:
            cls.raise_missing_credentials_exception()
        if not credentials.get("url"):
            raise SECTION.wrong("url", "is needed")
        return cls(credentials.get("jwt_key"), credentials.get("jwt_method"))

    @classmethod
    def check_credentials(cls, credentials: dict[str, Any]) -> None:
        """Raise CredentialsError for settings that delivery could not use."""
        from channels.callback.delivery import read_target

        read_target(credentials)

    def __init__(self, jwt_key: str | None = None, jwt_method: str | None = None) -> None:
        """Let in callers with a JWT of that key, everybody where there is none."""
        self._callers = BearerAuthentication(self.name(), None, jwt_key, jwt_method)

    def verify(self, request: Request) -> None:
        """Check the caller's JWT, where a key is configured."""
        self._callers.verify(request)

    def parse(self, request: Request) -> list[UserMessage]:
        """The request's one message; raises PayloadError that says what is wrong with it."""
        return [json_message(request, self.name(), self.get_metadata(request))]

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """The body's `metadata`, None when there is none."""
        return json_metadata(request)

    def output_for(self, message: UserMessage) -> CallbackOutput:
        """The output that answers `message`."""
        return CallbackOutput(self.outbox, message.message_id)

    def get_output_channel(self) -> CallbackOutput:
        """An output for messages the bot sends unasked."""
        return CallbackOutput(self.outbox, os.urandom(16).hex())


def _short_hash(sender_id: str) -> str:
    return hashlib.sha256(sender_id.encode("utf-8", "surrogatepass")).hexdigest()[:12]
