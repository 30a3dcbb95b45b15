"""A channel for Rasa 3 servers that answer behind messaging channels on AWS Lambda.

One file, one setting (README.md beside it).

    POST /webhooks/remote/webhook        Authorization: Bearer <token>
    {"sender": "U1", "message": "hi", "input_channel": "slack", "metadata": {...},
     "message_id": "Ev1", "tracker_state": false}

The answer is newline-delimited JSON, each line sent as soon as it is known:

    {"recipient_id": "U1", "text": "...", "buttons": [...]}          a message, whole
    {"type": "stream_start", "recipient_id": "U1"}                   a streamed answer (Rasa Pro)
    {"type": "stream_chunk", "recipient_id": "U1", "chunk": "Hel"}
    {"type": "stream_end", "recipient_id": "U1"}
    {"type": "tracker_state", "tracker_state": {...}}                when asked for (Rasa Pro)
    {"type": "end"}                                                  the last line of a whole turn
    {"error": {"status": 500, ...}}                                  or of a broken one

Needs Python 3.8, Sanic 21.12 or newer, Rasa 3.0 or newer.
"""

# ruff: noqa: I001 (Rasa is the installed package here, not the layer's aliases)
from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.core.exceptions import AgentNotReady
from rasa.core.lock_store import LockError
from rasa.shared.exceptions import InvalidConfigException
from sanic import Blueprint, response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from typing import Any

    from sanic.request import Request
    from sanic.response import HTTPResponse

    OnNewMessage = Callable[[UserMessage], Awaitable[Any]]

logger = logging.getLogger(__name__)

#: Version of what is described above; a caller uses the REST channel where it does not know it.
PROTOCOL = 1

#: Turns that are remembered, to answer a repeated message without running it again.
_REMEMBERED = 500

_LATER = "the assistant is not ready or busy with this conversation: try again"


class RemoteInput(InputChannel):
    """Runs the turns of messages that came in by other channels, and streams what the bot says."""

    @classmethod
    def name(cls) -> str:
        """`remote`: the route is `/webhooks/remote`."""
        return "remote"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> RemoteInput:
        """Make the channel of its section: `token`, or `allow_unsigned: true`."""
        settings = credentials or {}
        unknown = sorted(set(settings) - {"token", "allow_unsigned"})
        if unknown:
            raise InvalidConfigException(f"remote channel: '{unknown[0]}' is not a setting")
        return cls(settings.get("token"), settings.get("allow_unsigned") is True)

    def __init__(self, token: str | None = None, allow_unsigned: bool = False) -> None:
        """Raises InvalidConfigException where neither a token nor the waiver of it is given."""
        if not allow_unsigned and not (isinstance(token, str) and token.strip()):
            raise InvalidConfigException(
                "remote channel: set 'token' to a long random text, the 'remote_token' of the "
                "channels' section 'agent'; or 'allow_unsigned: true' to let everybody in"
            )
        self._token = token.strip().encode() if isinstance(token, str) else b""
        self._turns: OrderedDict[tuple[Any, ...], _Turn] = OrderedDict()
        self._running: set[asyncio.Future[None]] = set()  # a loop holds its tasks weakly

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """`GET /` says what this is; `POST /webhook` runs a turn."""
        webhook = Blueprint("remote_webhook")

        @webhook.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            authorized = self._is_authorized(request)
            return response.json({"status": "ok", "protocol": PROTOCOL, "authorized": authorized})

        @webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse | None:
            if not self._is_authorized(request):
                return response.json(_error(401, "the bearer token is missing or wrong"), 401)
            problem = _problem(request.json)
            if problem:
                return response.json(_error(400, problem), 400)
            turn = self._turn(request.json, on_new_message)
            stream = await request.respond(
                content_type="application/x-ndjson",
                # for proxies: lines are to arrive when they are said
                headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
            )
            async for line, is_last in turn.lines():
                await stream.send(json.dumps(line, default=str) + "\n", is_last)
            return None

        return webhook

    def _is_authorized(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        given = token.strip().encode("utf-8", "replace") if scheme.lower() == "bearer" else b""
        return not self._token or hmac.compare_digest(given, self._token)

    def _turn(self, body: dict[str, Any], on_new_message: OnNewMessage) -> _Turn:
        """The turn of a message: a new one, or the one that the same message has started."""
        key = tuple(body.get(part) for part in ("sender", "message_id", "message"))
        known = self._turns.get(key)
        if known is not None and not known.failed:
            return known
        turn = _Turn()
        task = asyncio.ensure_future(turn.run(_message(body, self.name(), turn), on_new_message))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        if body.get("message_id"):
            self._turns[key] = turn
            if len(self._turns) > _REMEMBERED:
                self._turns.popitem(last=False)
        return turn


class RemoteOutput(OutputChannel):
    """Passes on what the bot says; bears the name of the channel that the user is on.

    By that name Rasa picks the variations of responses that have a `channel:` of their own.
    """

    tracker_state: dict[str, Any] | None = None

    def __init__(self, channel: str, say: Callable[[dict[str, Any]], None], states: bool) -> None:
        """`say` takes each line; `states` asks for the tracker's state."""
        super().__init__()
        self._channel = channel
        self._say = say
        self._states = states

    def name(self) -> str:
        """The user's channel."""
        return self._channel

    def attach_tracker_state(self, tracker: Any) -> None:
        """Pass the state of the conversation on; called by Rasa Pro before messages are sent."""
        super().attach_tracker_state(tracker)
        if self._states:
            self._say({"type": "tracker_state", "tracker_state": self.tracker_state})

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """A message whole, with all its kinds and keys: the user's channel takes it apart."""
        self._message(recipient_id, **message)

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """A text; not split."""
        self._message(recipient_id, **{**kwargs, "text": text})

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """An image."""
        self._message(recipient_id, **{**kwargs, "image": image})

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """An attachment."""
        self._message(recipient_id, **{**kwargs, "attachment": attachment})

    async def send_text_with_buttons(
        self, recipient_id: str, text: str, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """A text with buttons."""
        self._message(recipient_id, **{**kwargs, "text": text, "buttons": buttons})

    async def send_quick_replies(
        self, recipient_id: str, text: str, quick_replies: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """A text with quick replies."""
        self._message(recipient_id, **{**kwargs, "text": text, "quick_replies": quick_replies})

    async def send_elements(
        self, recipient_id: str, elements: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """A carousel."""
        self._message(recipient_id, **{**kwargs, "elements": elements})

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        """A custom message."""
        self._message(recipient_id, **{**kwargs, "custom": json_message})

    async def send_response_chunk_start(self, recipient_id: str, **kwargs: Any) -> None:
        """A streamed answer begins; the chunk methods are called by Rasa Pro only."""
        self._say({"type": "stream_start", "recipient_id": recipient_id})

    async def send_response_chunk(self, recipient_id: str, chunk: str, **kwargs: Any) -> None:
        """A piece of it."""
        self._say({"type": "stream_chunk", "recipient_id": recipient_id, "chunk": chunk})

    async def send_response_chunk_end(self, recipient_id: str, **kwargs: Any) -> None:
        """It ends; the whole text follows as a message."""
        self._say({"type": "stream_end", "recipient_id": recipient_id})

    def _message(self, recipient: str, **parts: Any) -> None:
        line = {key: value for key, value in parts.items() if value is not None}
        self._say({**line, "recipient_id": recipient})


class _Turn:
    """What the bot says in one turn, for any number of readers.

    It runs on when its reader is gone: a turn that is cut off would leave messages without their
    events in the tracker. The reader that comes again with the same message finds it here.
    """

    def __init__(self) -> None:
        self.failed = False
        self._lines: list[dict[str, Any]] = []
        self._is_over = False
        self._news = asyncio.Event()

    def say(self, line: dict[str, Any]) -> None:
        """Add a line and wake the readers."""
        self._lines.append(line)
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def lines(self) -> AsyncIterator[tuple[dict[str, Any], bool]]:
        """Every line of the turn from its first, and whether it is the last."""
        given = 0
        while True:
            while given < len(self._lines):
                given += 1
                is_last = self._is_over and given == len(self._lines)
                yield self._lines[given - 1], is_last
                if is_last:
                    return
            await self._news.wait()

    async def run(self, message: UserMessage, on_new_message: OnNewMessage) -> None:
        """Let the bot answer, to its end line or error line."""
        try:
            await on_new_message(message)
        except asyncio.CancelledError:
            self._fail(503, "the server is shutting down")
            raise
        except (AgentNotReady, LockError) as error:
            logger.warning("message %s: %s", message.message_id, type(error).__name__)
            self._fail(503, _LATER)
        except Exception as error:
            logger.exception("message %s: the turn failed", message.message_id)
            self._fail(500, f"the turn raised {type(error).__name__}: see the server's log")
        else:
            self._is_over = True
            self.say({"type": "end"})

    def _fail(self, status: int, text: str) -> None:
        self.failed = self._is_over = True
        self.say({"error": _error(status, text)})


def _problem(body: Any) -> str:
    """What is wrong with a request's body, "" if nothing."""
    if not isinstance(body, dict):
        return "the body must be a JSON object"
    for key in ("sender", "message", "input_channel", "message_id"):
        if not isinstance(body.get(key), (str, type(None))):
            return f"'{key}' must be a string"
    if not isinstance(body.get("metadata"), (dict, type(None))):
        return "'metadata' must be an object"
    return ""


def _message(body: dict[str, Any], name: str, turn: _Turn) -> UserMessage:
    channel = body.get("input_channel") or name
    return UserMessage(
        body.get("message"),
        RemoteOutput(channel, turn.say, body.get("tracker_state") is True),
        body.get("sender"),
        input_channel=channel,
        message_id=body.get("message_id"),
        metadata=body.get("metadata"),
    )


def _error(status: int, message: str) -> dict[str, Any]:
    """An error in the form of Rasa's server."""
    descriptions = {400: "Bad Request", 401: "Unauthorized", 503: "Service Unavailable"}
    description = descriptions.get(status, "Internal Server Error")
    return {"description": description, "status": status, "message": message}
