"""The channel contract: what a user's message is and what an input channel does.

Names, signatures and meaning are Rasa's (`rasa.core.channels.channel`, 3.6). `handshake`, `verify`,
`parse`, `acknowledgement` and `output_for` split what Rasa does inside one `blueprint` into steps
that can run separately: in a webhook that responds in milliseconds and a worker that sends later.
"""

from __future__ import annotations

import os

from channels.errors import CredentialsError
from channels.http.blueprint import Blueprint
from channels.http.response import Response
from channels.output import CollectingOutputChannel, OutputChannel, QueueOutputChannel
from channels.telemetry.ignored import found, is_kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any, NoReturn, Protocol

    from channels.http.request import Request
    from channels.socketio.connection import Connection

    class Outbox(Protocol):
        """A FIFO queue of documents that another function delivers (`aws.queues.outbox`)."""

        def put(self, group: str, document_id: str, document: dict[str, Any]) -> None:
            """Queue a document, unless its id was queued before. Raises PlatformUnavailable."""
            ...

    class KeyValueStore(Protocol):
        """Strings by key, kept for a while for each channel (`aws.state.key_value_store`)."""

        def put(self, key: str, value: str, seconds: float) -> None:
            """Store `value` for `seconds`; storing the same value again changes nothing."""
            ...

        def get(self, key: str) -> str | None:
            """Return the stored value, or None if there is none or it has expired."""
            ...

        def claim(self, key: str, value: str, seconds: float) -> str:
            """Store `value` if the key holds nothing; return the value that is then stored."""
            ...

    class Room(Protocol):
        """Where a message is answered over sockets: a session's connections, or one connection."""

        def deliver(
            self,
            part: str,
            event: str,
            payload: Any,
            recipient_id: str,
            shown: frozenset[str] = frozenset(),
        ) -> str:
            """Send a message to all connections, once per `part`; return its id."""
            ...

        def audience(self) -> list[Connection]:
            """Return the current connections."""
            ...

        def show(self, connection: Connection, frame: str) -> None:
            """Post a frame that need not be kept."""
            ...

        def receipts(self) -> None:
            """Check whether the delivered messages arrive."""
            ...

    class Sockets(Protocol):
        """The stack's WebSocket connections (`aws.sockets.registry`)."""

        def room(self, reply_to: dict[str, Any] | None, recipient_id: str) -> Room:
            """Return where a message with that `reply_to` is answered."""
            ...

    OnNewMessage = Callable[["UserMessage"], Awaitable[None]]

__all__ = [
    "DEFAULT_SENDER_ID",
    "CollectingOutputChannel",
    "InputChannel",
    "OutputChannel",
    "QueueOutputChannel",
    "UserMessage",
    "accept_unsigned",
]

DEFAULT_SENDER_ID = "default"


class UserMessage:
    """A message from a user: parameters in Rasa's order, all optional.

    `text` is stripped of outer white space; None stays None. `message_id` is the platform's id of
    the event (a random id if the platform has none): messages with equal ids are the same message.
    `sender_id` names the conversation. `reply_to` is a plain dict that says where a reply goes (a
    Slack channel and thread, a service URL, ...); it crosses the queue in place of the output
    channel. `headers` are the request's headers, as in Rasa Pro, if the channel passes them on.
    """

    def __init__(  # noqa: PLR0913 (Rasa's parameters)
        self,
        text: str | None = None,
        output_channel: OutputChannel | None = None,
        sender_id: object = None,
        parse_data: dict[str, Any] | None = None,
        input_channel: str | None = None,
        message_id: object = None,
        metadata: dict[str, Any] | None = None,
        *,
        headers: dict[str, str] | None = None,
        reply_to: dict[str, Any] | None = None,
    ) -> None:
        self.text = text.strip() if text else text
        self.message_id = str(message_id) if message_id is not None else os.urandom(16).hex()
        self.output_channel = output_channel or CollectingOutputChannel()
        self.sender_id = str(sender_id) if sender_id is not None else DEFAULT_SENDER_ID
        self.input_channel = input_channel
        self.parse_data = parse_data
        self.metadata = metadata
        self.headers = headers
        self.reply_to = reply_to

    def __repr__(self) -> str:
        """Show ids only, to keep what the user wrote out of logs."""
        return (
            f"{type(self).__name__}(message_id={self.message_id!r}, sender_id={self.sender_id!r}, "
            f"input_channel={self.input_channel!r})"
        )


def accept_unsigned(channel: InputChannel, request: Request) -> None:
    """Accept every request: a `verify` for channels whose callers need not prove who they are.

    Write `verify = accept_unsigned` in the class body, so that the choice is visible in one line.
    """


class InputChannel:
    """Receives a platform's requests and turns them into `UserMessage`s.

    A channel defines `name`, `verify`, `parse` and `output_for` (or `get_output_channel`), or it
    overrides `blueprint`, as Rasa's documentation teaches. A channel that replies inside the
    request sets `answers_in_request` and defines `answer`.
    """

    #: Whether the platform wants the bot's messages as the response to its request.
    answers_in_request = False

    #: With `answers_in_request`: the worker asks the agent and stores the reply in `memory`, where
    #: `answer` waits for it (`turns.awaited_reply`). If the agent is slow, the request ends without
    #: the reply, which reaches the user another way. Without an inbox the turn runs in the request.
    waits_for_worker = False

    #: Queues what another function delivers (the callback channel); None without a deployed stack.
    outbox: Outbox | None = None

    #: What the channel keeps between messages (payloads, tokens); None without a deployed stack.
    memory: KeyValueStore | None = None

    #: The connections that the channel replies on; None where there are none, as in a webhook.
    sockets: Sockets | None = None

    #: HTTP methods of `/webhook`; a platform that checks the endpoint with a GET needs both.
    methods: tuple[str, ...] = ("POST",)

    #: Kinds of events that are never a message, by the platform's names: logged at DEBUG, not INFO.
    not_messages: frozenset[str] = frozenset()

    #: Larger bodies are refused with 413, before anything else is checked (bytes).
    max_body_size = 1_048_576

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Accept `def name():` without a parameter, as Rasa's documentation writes it."""
        super().__init_subclass__(**kwargs)
        name: Any = cls.__dict__.get("name")
        code = getattr(name, "__code__", None)
        if code is not None and code.co_argcount == 0:
            cls.name = staticmethod(name)  # type: ignore[method-assign]

    @classmethod
    def name(cls) -> str:
        """The channel's name: its key in `credentials.yml`, its route, its response variations."""
        return cls.__name__

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        """Make the channel from its settings in `credentials.yml`."""
        return cls()

    @classmethod
    def check_credentials(cls, credentials: dict[str, Any]) -> None:
        """Raise CredentialsError for settings that would only fail later; called by `ops`."""

    def url_prefix(self) -> str:
        """Return the route below `/webhooks/`; an absolute path replaces the whole, as in Rasa."""
        return self.name()

    def handshake(self, request: Request) -> Response | None:
        """Respond to a platform's check of the endpoint itself; return None for other requests."""
        return None

    def verify(self, request: Request) -> None:
        """Check that the request comes from the platform; raise VerificationError if it does not.

        There is no default: a channel that checks nothing says `verify = accept_unsigned`.
        """
        raise NotImplementedError(f"{type(self).__name__} must define verify(request)")

    def parse(self, request: Request) -> list[UserMessage]:
        """Return all messages of a request, in order, except the bot's own and unknown events.

        Pure: no network, no clock. Raises PayloadError if the request cannot be read.
        """
        raise NotImplementedError(f"{type(self).__name__} must define parse(request)")

    def acknowledgement(self, request: Request) -> Response:
        """Return the response once the messages are queued; `success` by default, as in Rasa."""
        return Response.text("success")

    def unavailable_response(self, request: Request) -> Response | None:
        """Return the response if the messages could not be queued because the inbox is down.

        None means 503, for platforms that send the request again. A channel of any other platform
        returns a 2xx response with an apology that the user sees.
        """
        return None

    async def answer(
        self, request: Request, messages: list[UserMessage], on_new_message: OnNewMessage
    ) -> Response:
        """Return the response of a channel that sets `answers_in_request`.

        `on_new_message(message)` runs the agent's turn and raises AgentError if it fails. With
        `waits_for_worker` it may queue the message instead, or raise InboxUnavailable.
        """
        raise NotImplementedError(f"{type(self).__name__} must define answer(...)")

    def enrich(self, message: UserMessage) -> bool:
        """Add what `parse` could not know without the network; called before the agent is asked.

        Changes `message` in place. Return False to drop the message without a reply. May be called
        more than once for a message: raise RateLimited or PlatformUnavailable to have it so.
        """
        return True

    def output_for(self, message: UserMessage) -> OutputChannel:
        """Return the output channel that replies to `message`, built from its `reply_to`."""
        return self.get_output_channel() or CollectingOutputChannel()

    def get_output_channel(self) -> OutputChannel | None:
        """Return an output channel that needs no request, for proactive messages, or None."""
        return None

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """Return what to pass on besides the text; None unless overridden, as in Rasa."""
        return None

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Return the channel's routes, `/` (health) and `/webhook`, built from the methods above.

        Override this method to write a channel the way Rasa does.
        """
        routes = Blueprint(self.name())

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> Response:
            return Response.json({"status": "ok"})

        @routes.route("/webhook", methods=self.methods)
        async def receive(request: Request) -> Response:
            shaken = self.handshake(request)
            if shaken is not None:
                return shaken
            self.verify(request)
            messages = found(self.name(), self.parse(request))
            if self.answers_in_request:
                return await self.answer(request, messages, on_new_message)
            for message in messages:
                if is_kept(self.name(), self, message):
                    message.output_channel = self.output_for(message)
                    await on_new_message(message)
            return self.acknowledgement(request)

        return routes

    @classmethod
    def raise_missing_credentials_exception(cls) -> NoReturn:
        """Raise a CredentialsError that names the channel and how to give it credentials."""
        name = cls.name()
        raise CredentialsError(
            f"To use the {name} channel, credentials are needed: add the section '{name}' to "
            f"credentials.yml (docs/channels/{name}.md) and run "
            f"'python -m ops credentials push credentials.yml'."
        )
