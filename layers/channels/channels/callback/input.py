"""The callback channel: a message in, `success` at once, the bot's replies to your URL.

    POST /webhooks/callback/webhook    {"sender": "me", "message": "hi"}   -> 200 success
    POST <url>                         {"recipient_id": "me", "text": "Hey!"}

Rasa's channel: one POST per message, each a single JSON object, in order. What Rasa leaves out:
metadata and `input_channel` are kept, a failed POST is retried, and each POST carries an id and a
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
    """Puts each collected message into the outbox, from which another function delivers it.

    The delivery id is `<message id>:<number>:<sender>`, the same whenever the turn is repeated. It
    contains the sender as a hash, because clients of two senders may use the same message id.
    Outside a turn, where nothing is repeated, the id is random: an apology for a message must not
    take the id of the reply that follows once the message is redriven.
    """

    delivers_parts = True

    def __init__(self, outbox: Outbox | None, message_id: str) -> None:
        """Reply to message `message_id`; sending without an outbox raises PlatformUnavailable."""
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
                    "there is no callback queue to put the reply into, as under "
                    "'sam local invoke': try the callback channel with 'make up'"
                )
            document = {"delivery_id": delivery_id, "message": message}
            self._outbox.put(str(message["recipient_id"]), delivery_id, document)
            return delivery_id

        await self.deliver(send)


class CallbackInput(InputChannel):
    """Input channel of clients that want replies sent to a URL.

    Credentials: Rasa's EndpointConfig (`url`, required; `params`, `headers`, `basic_auth`, `token`,
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
        """Make the channel from its settings; raises CredentialsError if `url` is missing.

        The endpoint's other settings are checked on delivery and by `ops credentials check`
        (`check_credentials`).
        """
        if not credentials:
            cls.raise_missing_credentials_exception()
        if not credentials.get("url"):
            raise SECTION.wrong("url", "is needed")
        SECTION.of(credentials).refuse_empty("jwt_key")
        return cls(credentials.get("jwt_key"), credentials.get("jwt_method"))

    @classmethod
    def check_credentials(cls, credentials: dict[str, Any]) -> None:
        """Raise CredentialsError for settings that delivery could not use."""
        from channels.callback.delivery import read_target

        SECTION.of(credentials).refuse_empty("signing_secret")
        read_target(credentials)

    def __init__(self, jwt_key: str | None = None, jwt_method: str | None = None) -> None:
        """Accept callers with a JWT signed by `jwt_key`, or every caller if there is no key."""
        self._callers = BearerAuthentication(
            self.name(), None, jwt_key, jwt_method, page=SECTION.page
        )

    def verify(self, request: Request) -> None:
        """Check the caller's JWT if a key is configured."""
        self._callers.verify(request)

    def parse(self, request: Request) -> list[UserMessage]:
        """The request's message; raises PayloadError naming what is wrong with it."""
        return [json_message(request, self.name(), self.get_metadata(request))]

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """The body's `metadata`; None if it has none."""
        return json_metadata(request)

    def output_for(self, message: UserMessage) -> CallbackOutput:
        """The output that replies to `message`."""
        return CallbackOutput(self.outbox, message.message_id)

    def get_output_channel(self) -> CallbackOutput:
        """An output for messages that the bot sends unprompted."""
        return CallbackOutput(self.outbox, os.urandom(16).hex())


def _short_hash(sender_id: str) -> str:
    return hashlib.sha256(sender_id.encode("utf-8", "surrogatepass")).hexdigest()[:12]
