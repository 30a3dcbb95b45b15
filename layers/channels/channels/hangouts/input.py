"""The Google Chat channel: events from a space in, the bot's messages as the response.

    POST /webhooks/hangouts/webhook    Authorization: Bearer <JWT of Google's>
    {"type": "MESSAGE", "message": {"argumentText": " hi"}, "space": {...}}  -> {"text": "Hey!"}

Rasa's channel (credentials `project_id`), plus what Rasa leaves out: every request is verified, all
types of tokens, the add-on format, conversation ids that are not people's names, cards of version
2, and replies that take longer than Google waits.
"""

from __future__ import annotations

import logging
import time

from channels.channel import InputChannel, UserMessage
from channels.errors import InboxUnavailable, PlatformUnavailable
from channels.hangouts.clicks import FUNCTION
from channels.hangouts.events import ADDED, NOT_MESSAGES, REMOVED, read_event, tell_of_unread
from channels.hangouts.proof import Proof
from channels.hangouts.service_account import ServiceAccount
from channels.hangouts.settings import ENDPOINT, Settings
from channels.http.response import Response
from channels.messages.fields import body_object
from channels.messages.payloads import is_key
from channels.telemetry.ignored import ignored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from channels.channel import OnNewMessage
    from channels.hangouts.api import ChatApi
    from channels.hangouts.events import Event
    from channels.hangouts.output import HangoutsOutput
    from channels.http.request import Request

logger = logging.getLogger(__name__)

#: How long to wait for a reply (seconds), if it can also be posted later and if it cannot: while a
#: request waits, its Lambda is billed. Google gives up after 30 seconds, the webhook after 26, of
#: which fetching keys may take 4.
WAIT = 8.0
LONGEST_WAIT = 21.0


class HangoutsInput(InputChannel):
    """Input channel of a Google Chat app, classic or add-on.

    Credentials: Rasa's `project_id`; ours, of which `audience` may replace it: `audience`,
    `service_account`, `conversation_granularity`, `apology`, `api_base`, `chat_keys_url`,
    `google_keys_url`, `allow_unsigned`.
    """

    answers_in_request = True
    waits_for_worker = True
    not_messages = NOT_MESSAGES

    @classmethod
    def name(cls) -> str:
        """`hangouts`, as in Rasa."""
        return "hangouts"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> HangoutsInput:
        """Make the channel from its settings; raises CredentialsError naming an invalid one."""
        if not credentials:
            cls.raise_missing_credentials_exception()
        return cls(settings=Settings(credentials))

    @classmethod
    def check_credentials(cls, credentials: dict[str, Any]) -> None:
        """Raise CredentialsError if the service account's key cannot sign."""
        key = Settings(credentials).service_account
        if key is not None:
            ServiceAccount(key).check()

    def __init__(
        self,
        project_id: str | None = None,
        hangouts_user_added_intent_name: str = "/user_added",
        hangouts_room_added_intent_name: str = "/room_added",
        hangouts_removed_intent_name: str = "/bot_removed",
        *,
        settings: Settings | None = None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        """Take Rasa's parameters, or the section of credentials.yml as `settings`.

        Raises CredentialsError if there is nothing to verify Google's requests by. `now()` is any
        monotonic clock (seconds).
        """
        self._settings = settings or Settings({"project_id": project_id})
        self.project_id = self._settings.project_id or None
        key = self._settings.service_account
        self._account = None if key is None else ServiceAccount(key)
        self._user_added = hangouts_user_added_intent_name
        self._room_added = hangouts_room_added_intent_name
        self._removed = hangouts_removed_intent_name
        self._proof = Proof(
            self._settings.project_id,
            self._settings.audience,
            self._settings.chat_keys_url,
            self._settings.google_keys_url,
            lambda: self.memory,
        )
        self._now = now
        self._sleep = sleep
        self._api: ChatApi | None = None

    def verify(self, request: Request) -> None:
        """Check Google's bearer token, whichever type it is."""
        if not self._settings.lets_everybody_in:
            self._proof.verify(request)

    def parse(self, request: Request) -> list[UserMessage]:
        """The messages of an event: one, none, or two if a mention has added the bot."""
        event = _event(request)
        if event is None:
            tell_of_unread(body_object(request))
            return []
        if event.ignored:
            ids = {"space": event.space, "user": event.user, "message_id": event.message_id}
            ignored("hangouts", event.ignored, ids)
            return []
        messages = []
        if event.kind == ADDED:
            added = self._user_added if event.is_direct else self._room_added
            messages.append(self._message(request, event, added, event.message_id))
        elif event.kind == REMOVED:
            return [self._message(request, event, self._removed, event.message_id)]
        if event.is_said:
            message_id = event.metadata.get("message") if event.kind == ADDED else event.message_id
            messages.append(self._message(request, event, event.text, message_id))
        return messages

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """Rasa's `room`, and the event's `space`, `thread`, `user`, `attachments`, ..."""
        event = _event(request)
        return event.metadata if event and not event.ignored else None

    def acknowledgement(self, request: Request) -> Response:
        """`{}`: no message."""
        return Response.json({})

    def unavailable_response(self, request: Request) -> Response:
        """The apology, as Google never resends an event."""
        return _response({"text": self._settings.apology}, _event(request))

    async def answer(
        self, request: Request, messages: list[UserMessage], on_new_message: OnNewMessage
    ) -> Response:
        """The bot's messages as one, `{}` if they follow later, the apology if they cannot."""
        event = _event(request)
        try:
            for message in messages:
                if self.memory is None:  # the turn runs in this process
                    message.output_channel = self.output_for(message)
                await on_new_message(message)
            if not messages or event is None or event.kind == REMOVED:  # nobody to reply to
                return self.acknowledgement(request)
            said = await self._said(messages)
        except (InboxUnavailable, PlatformUnavailable) as error:
            logger.error("channel hangouts: no reply: %s: %s", type(error).__name__, error)
            return self.unavailable_response(request)
        return _response(_one(said), event)

    async def _said(self, messages: list[UserMessage]) -> list[dict[str, Any]]:
        """The bot's replies to all messages, with the apology if one takes too long."""
        import asyncio

        from channels.turns.awaited_reply import give_up, wait_for_answer

        if self.memory is None:
            outputs = [message.output_channel for message in messages]
            return [said for output in outputs for said in getattr(output, "messages", [])]
        is_posted_later = self._account is not None
        end = self._now() + (WAIT if is_posted_later else LONGEST_WAIT)
        sleep = self._sleep or asyncio.sleep
        collected: list[dict[str, Any]] = []
        excuses: list[dict[str, Any]] = []
        for message in messages:
            left = max(0.0, end - self._now())
            said = await wait_for_answer(self.memory, message.message_id, left, self._now, sleep)
            if said is None:
                said = give_up(self.memory, message.message_id)
            if said is None and not is_posted_later:
                logger.error("%r: no reply in time, and no service_account to post it", message)
                excuses = [{"text": self._settings.apology}]
            collected += said or []
        return collected + excuses

    def enrich(self, message: UserMessage) -> bool:
        """Restore a payload that was too long for its button, or use the button's title."""
        action = (message.metadata or {}).get("action")
        if action and is_key(message.text):
            payload = self.memory.get(message.text or "") if self.memory is not None else None
            message.text = payload or str(action["parameters"].get("title") or message.text)
        return True

    def output_for(self, message: UserMessage) -> HangoutsOutput:
        """The output that replies to `message`, in its space and thread."""
        to = message.reply_to or {}
        return self._output(
            message_id=message.message_id,
            space=to.get("space", ""),
            thread=to.get("thread", ""),
            function=to.get("function", self._function()),
            is_awaited=to.get("request") == message.message_id,
        )

    def get_output_channel(self) -> HangoutsOutput:
        """An output for messages that the bot sends unprompted; the recipient is a space."""
        return self._output(function=self._function(), is_awaited=False)

    def _function(self) -> str:
        """The function that buttons call outside an event; add-ons accept only a URL."""
        audience = self._settings.audience
        return FUNCTION if audience in ("", ENDPOINT) else audience

    def _output(self, **parts: Any) -> HangoutsOutput:
        from channels.hangouts.output import HangoutsOutput

        return HangoutsOutput(api=self._chat_api(), memory=self.memory, **parts)

    def _chat_api(self) -> ChatApi | None:
        if self._api is None and self._account is not None:
            from channels.hangouts.api import ChatApi

            self._api = ChatApi(self._account, self._settings.api_base, lambda: self.memory)
        return self._api

    def _message(
        self, request: Request, event: Event, text: str, message_id: str | None
    ) -> UserMessage:
        message = UserMessage(
            text,
            sender_id=self._settings.conversation(event),
            input_channel=self.name(),
            message_id=message_id,
            metadata=event.metadata,
        )
        reply_to = {
            "space": event.space,
            "thread": event.thread,
            "function": request.url.partition("?")[0] if event.is_add_on else FUNCTION,
            "request": message.message_id,
        }
        message.reply_to = {key: value for key, value in reply_to.items() if value}
        return message


def _event(request: Request) -> Event | None:
    """The request's event; None even for invalid JSON, as Google never resends an event."""
    return read_event(body_object(request))


def _one(said: list[dict[str, Any]]) -> dict[str, Any]:
    """Merge messages into the one that a request is answered with; logs what does not fit."""
    from channels.hangouts.messages import MAX_SIZE, packed, size

    first, *others = packed(said) or [{}]
    if size(first) <= MAX_SIZE and not others:
        return first
    logger.error(
        "channel hangouts: %d of %d messages do not fit into one response and are lost",
        len(others) + (size(first) > MAX_SIZE),
        len(others) + 1,
    )
    shown = first if size(first) <= MAX_SIZE else {}
    return {**shown, "text": "\n\n".join(filter(None, [shown.get("text"), "\u2026"]))}


def _response(message: dict[str, Any], event: Event | None) -> Response:
    """A message as the response to an event, in the event's format."""
    if not message:
        return Response.json({})
    if event is not None and event.thread:
        message = {"thread": {"name": event.thread}, **message}
    if event is None or not event.is_add_on:
        return Response.json(message)
    action = {"createMessageAction": {"message": message}}
    return Response.json({"hostAppDataAction": {"chatDataAction": action}})
