"""The Telegram channel: updates of a bot's webhook in, Bot API calls out.

    POST /webhooks/telegram/webhook
    X-Telegram-Bot-Api-Secret-Token: <secret_token>
    {"update_id": 1, "message": {"chat": {"id": 4242}, "text": "hi"}}        -> 200 success

Rasa's channel (credentials `access_token`, `verify`, `webhook_url`), plus what Rasa leaves out: it
checks that an update comes from Telegram, handles each update once, reads media, captions and
topics, answers button presses, and accepts updates that are not messages without an error.
"""

from __future__ import annotations

import re

from channels.auth.bearer import equal
from channels.channel import InputChannel, UserMessage
from channels.errors import VerificationError
from channels.http.json_object import json_object
from channels.http.response import Response
from channels.telegram import payloads
from channels.telegram.settings import API_BASE, PARSE_MODES, SECTION
from channels.telegram.updates import read_update

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.http.request import Request
    from channels.telegram.api import TelegramApi
    from channels.telegram.output import TelegramOutput
    from channels.telegram.updates import Update

#: The header of each update that repeats setWebhook's `secret_token`
#: (core.telegram.org/bots/api#setwebhook).
SECRET_TOKEN_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - a header's name

#: What counts as one conversation: a chat (as in Rasa), a topic of a chat, or a user in a chat.
GRANULARITIES = ("chat", "topic", "sender")

_RESTART = "/restart"
_ACCESS_TOKEN = re.compile(r"[^\s/?#]+")
_SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,256}")
_USERNAME = re.compile(r"\w+")


class TelegramInput(InputChannel):
    """Input channel of a Telegram bot.

    Credentials: Rasa's `access_token` (needed), `verify` (the bot's username, without @) and
    `webhook_url`; ours are `secret_token` (needed unless `allow_unsigned` is true) and the optional
    `conversation_granularity`, `parse_mode`, `edited_messages`, `file_urls`, `api_base`.
    """

    @classmethod
    def name(cls) -> str:
        """`telegram`."""
        return "telegram"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> TelegramInput:
        """Create the channel from its section; raises CredentialsError for an invalid setting."""
        if not credentials:
            cls.raise_missing_credentials_exception()
        given = SECTION.of(credentials)
        return cls(
            credentials.get("access_token"),
            credentials.get("verify"),
            credentials.get("webhook_url"),
            secret_token=credentials.get("secret_token"),
            allow_unsigned=given["allow_unsigned"].switch(),
            conversation_granularity=credentials.get("conversation_granularity") or "chat",
            parse_mode=credentials.get("parse_mode"),
            edited_messages=given["edited_messages"].switch(default=True),
            file_urls=given["file_urls"].switch(),
            api_base=credentials.get("api_base") or API_BASE,
        )

    def __init__(  # noqa: PLR0913 - Rasa's parameters, and the optional keys by name
        self,
        access_token: str | None,
        verify: str | None = None,
        webhook_url: str | None = None,
        debug_mode: bool = True,
        *,
        secret_token: str | None = None,
        allow_unsigned: bool = False,
        conversation_granularity: str = "chat",
        parse_mode: str | None = None,
        edited_messages: bool = True,
        file_urls: bool = False,
        api_base: str = API_BASE,
    ) -> None:
        """Raises CredentialsError if a setting is missing or invalid.

        Rasa's `webhook_url` and `debug_mode` have no effect: the operator sets the webhook once,
        and it is not set again at each start.
        """
        username = verify.removeprefix("@") if isinstance(verify, str) else verify
        given = SECTION.setting
        self.access_token = given("access_token", access_token).matching(
            _ACCESS_TOKEN, "a bot's token"
        )
        self._secret_token: str | None = None
        if secret_token is not None or not allow_unsigned:
            self._secret_token = given("secret_token", secret_token).matching(
                _SECRET_TOKEN, "1 to 256 of A-Z, a-z, 0-9, _ and -"
            )
        self._username = given("verify", username).matching(_USERNAME, "the bot's username", "")
        granularity = given("conversation_granularity", conversation_granularity)
        self._granularity = granularity.one_of(GRANULARITIES)
        self._parse_mode = parse_mode and given("parse_mode", parse_mode).one_of(PARSE_MODES)
        self._edited_messages = edited_messages
        self._file_urls = file_urls
        self._api_base = given("api_base", api_base).url().rstrip("/")
        self._api: TelegramApi | None = None

    def verify(self, request: Request) -> None:
        """Check the secret token that Telegram sends with the update; the body is not signed."""
        if self._secret_token is None:
            return
        if not equal(request.headers.get(SECRET_TOKEN_HEADER), self._secret_token):
            raise VerificationError(
                f"missing or wrong {SECRET_TOKEN_HEADER}: is 'secret_token' the one given to "
                "setWebhook? (docs/channels/telegram.md)"
            )

    def parse(self, request: Request) -> list[UserMessage]:
        """Return the update's message, or none for other kinds; `/start` follows `/restart`.

        The message's id is the `update_id`. Raises PayloadError if the body is not a JSON object.
        """
        update = self._read(request)
        if update is None:
            return []
        messages = [self._message(request, update, update.text, str(update.update_id))]
        if update.text == _RESTART:
            messages.append(self._message(request, update, "/start", f"{update.update_id}:start"))
        return messages

    def _read(self, request: Request) -> Update | None:
        return read_update(json_object(request), self._username, edited=self._edited_messages)

    def _message(self, request: Request, update: Update, text: str, message_id: str) -> UserMessage:
        return UserMessage(
            text,
            sender_id=self._sender_id(update),
            input_channel=self.name(),
            message_id=message_id,
            metadata=self.get_metadata(request),
            reply_to=update.reply_to,
        )

    def _sender_id(self, update: Update) -> str:
        """The conversation: the chat, as in Rasa, plus topic and user if configured."""
        parts = [update.chat_id]
        if self._granularity != "chat" and update.topic is not None:
            parts.append(update.topic)
        if self._granularity == "sender" and update.user_id not in (None, update.chat_id):
            parts.append(update.user_id)
        return ":".join(map(str, parts))

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """Return the message's `chat`, `from`, `message_id`, ... under Telegram's names."""
        update = self._read(request)
        return update.metadata if update else None

    def acknowledgement(self, request: Request) -> Response:
        """Respond `success`, as Rasa does; to a button press, with an `answerCallbackQuery` call.

        Telegram executes a call given as the body of the webhook's response, which ends the
        button's loading state. This is faster than a separate request and does not queue behind
        messages that wait for the agent.
        """
        query = json_object(request).get("callback_query")
        query_id = query.get("id") if isinstance(query, dict) else None
        if not isinstance(query_id, str):
            return super().acknowledgement(request)
        return Response.json({"method": "answerCallbackQuery", "callback_query_id": query_id})

    def enrich(self, message: UserMessage) -> bool:
        """Restore a payload that was too long for its button; add file URLs if configured."""
        payloads.resolve(message, self.memory)
        if self._file_urls:
            from channels.telegram.files import add_file_urls

            add_file_urls(message, self._telegram_api())
        return True

    def output_for(self, message: UserMessage) -> TelegramOutput:
        """Return the output that replies to `message`, in its chat and topic."""
        return self._output(message.reply_to)

    def get_output_channel(self) -> TelegramOutput:
        """Return the output for messages the bot starts itself: the recipient is the chat."""
        return self._output(None)

    def _output(self, reply_to: dict[str, Any] | None) -> TelegramOutput:
        from channels.telegram.output import TelegramOutput

        return TelegramOutput(
            self.access_token,
            reply_to=reply_to,
            parse_mode=self._parse_mode,
            memory=self.memory,
            api=self._telegram_api(),
        )

    def _telegram_api(self) -> TelegramApi:
        from channels.telegram.api import TelegramApi

        if self._api is None:
            self._api = TelegramApi(self.access_token, self._api_base)
        return self._api
