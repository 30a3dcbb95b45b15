"""A channel's webhook with everything around it in memory, and requests of every kind for it.

`Row` is what the tests of all channels have to know of one; `channel_rows` holds them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from channels.channel import InputChannel, UserMessage
from channels.errors import InboxUnavailable
from channels.handlers.webhook import webhook
from channels.http.request import Request
from channels.telemetry.metrics import Metrics
from channels.turns.inbox_message import InboxMessage
from channels.wiring.services import Services
from ops import ROOT
from tests.functions.bodies import FORM, Event, Path, Post, changed, form, with_body

#: The answer of a Lambda.
type Answer = dict[str, Any]


def example(name: str) -> Event:
    """The event of events/<name>.json, anew at each call."""
    event: Event = json.loads(_text_of(name))
    return event


@cache
def _text_of(name: str) -> str:
    return (ROOT / "events" / f"{name}.json").read_text(encoding="utf-8")


def names_of_examples(channel: str) -> set[str]:
    """The names of all files below events/<channel>."""
    return {path.stem for path in (ROOT / "events" / channel).glob("*.json")}


def no_agent() -> Any:
    """In place of an agent: a webhook asks none before the platform has its answer."""
    raise AssertionError("a webhook asks no agent")


class RepeatingAgent:
    """Repeats what it hears, and remembers it."""

    def __init__(self) -> None:
        self.heard: list[UserMessage] = []

    async def handle_message(self, message: UserMessage) -> None:
        """Say the message's text."""
        self.heard.append(message)
        assert message.output_channel is not None
        await message.output_channel.send_response(message.sender_id, {"text": message.text})


class KeyValueStore(dict[str, str]):
    """Remembers for ever."""

    def put(self, key: str, value: str, seconds: float) -> None:
        """Keep a value."""
        self[key] = value

    def claim(self, key: str, value: str, seconds: float) -> str:
        """Keep a value unless there is one; gives what is kept."""
        return self.setdefault(key, value)


class Inbox:
    """Keeps what its channel queues, all of which can cross a queue; refuses when told to.

    `worker(message)` runs for each, as soon as it is queued.
    """

    def __init__(
        self, channel: str, worker: Callable[[UserMessage], None], *, is_down: bool = False
    ) -> None:
        self.queued: list[UserMessage] = []
        self._channel, self._worker, self._is_down = channel, worker, is_down

    def put(self, channel: str, messages: list[UserMessage]) -> None:
        """Queue messages; InboxUnavailable when told to refuse."""
        if self._is_down:
            raise InboxUnavailable("down")
        assert channel == self._channel
        for message in messages:
            InboxMessage(channel, message, 1.0).to_json().encode("ascii")
            self._worker(message)
        self.queued += messages


class Function:
    """A channel's Lambda handler, for as many events as one likes."""

    def __init__(
        self,
        row: Row,
        credentials: dict[str, Any],
        instance: InputChannel | None = None,
        memory: Any = None,
        public_base_url: str = "",
        *,
        is_down: bool = False,
    ) -> None:
        """Set the row's channel up; `instance` is one made in Python, without credentials."""
        self._remembered = row.remembered()
        self.memory = KeyValueStore() if memory is None else memory
        self.agent = RepeatingAgent()
        self.metrics: list[str] = []
        worker = partial(row.worker, self.memory)
        self.inbox = Inbox(row.name, worker, is_down=is_down)
        self._has_inbox = not row.asks_the_agent
        services = Services(
            lambda section: credentials,
            no_agent if self._has_inbox else lambda: self.agent,
            5.0,
            self.inbox if self._has_inbox else None,
            memory=lambda section: self.memory if self._has_inbox else None,
            public_base_url=public_base_url,
            metrics=Metrics("stack", self.metrics.append),
        )
        self._channel = lambda: instance or services.channels(row.name)
        self._handler = webhook(instance or row.name, services)

    @property
    def instance(self) -> InputChannel:
        """The channel itself."""
        return self._channel()

    def post(self, event: Event, *, afresh: bool = True) -> tuple[Answer, list[UserMessage]]:
        """The answer to an event, and what it queued, or had the agent hear where nothing queues.

        What other events left behind is forgotten before, what they had remembered if `afresh`.
        """
        self.inbox.queued, self.agent.heard = [], []
        if afresh and isinstance(self.memory, KeyValueStore):
            self.memory.clear()
            self.memory.update(self._remembered)
        answer = self._handler(event, None)
        return answer, self.inbox.queued if self._has_inbox else self.agent.heard


class Kind(NamedTuple):
    """A kind of requests that prove where they come from, and the statuses they may hear.

    None are the row's statuses.
    """

    posts: SearchStrategy[Post]
    statuses: Collection[int] | None = None


def queuing(outcomes: dict[str, list[str] | int]) -> list[str]:
    """The names of the examples that are messages."""
    return [name for name, texts in outcomes.items() if isinstance(texts, list) and texts]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Row:
    """One channel.

    `base` names its plain example, a proved message. `prove(event)` gives an event the platform's
    proof over its body, in place; a platform whose proof stands in the body has none.
    `proved` and `forged` are its kinds of requests with a proof and without. `statuses` are what a
    proved request may hear, `refusals` any other. `outcomes` says of each example event what texts
    it queues, or the status of one that is refused; `said(message)` is the text of a message.
    """

    name: str
    base: str
    credentials: dict[str, Any]
    outcomes: dict[str, list[str] | int]
    proved: dict[str, Kind]
    statuses: Collection[int]
    prove: Callable[[Event], None] = lambda event: None
    forged: dict[str, SearchStrategy[Post]] = field(default_factory=dict)
    refusals: Collection[int] = (401,)
    #: Keys and values that mean something to the channel, for one wrong value in an example.
    values: SearchStrategy[Any] = field(default_factory=st.nothing)
    #: The content type of every answer, None where there are several.
    content_type: str | None = None
    #: The body of every acknowledgement, but for those of `bodies`; None where there are many.
    acknowledgement: str | None = None
    bodies: dict[str, str] = field(default_factory=dict)
    #: Whether the user is told when a message cannot be queued; else the platform hears 503.
    apologises: bool = False
    #: Whether the agent is asked within the request, since nothing is queued.
    asks_the_agent: bool = False
    #: Where the text of `base` stands, () where what arrives is not the text that was sent.
    text_path: Path = ()
    #: Settings, over the credentials, that change how requests are read.
    settings: tuple[dict[str, Any], ...] = ({},)
    #: Makes the channel of settings, where credentials alone cannot (a clock that stands still).
    make: Callable[..., InputChannel] | None = None
    #: What the channel's memory holds: key sets.
    remembered: Callable[[], dict[str, str]] = dict
    worker: Callable[[KeyValueStore, UserMessage], None] = lambda memory, message: None
    said: Callable[[UserMessage], str | None] = lambda message: message.text
    #: What the worker does with a message, short of the agent; no network.
    enrich: Callable[[InputChannel, UserMessage], None] = lambda instance, message: None
    #: AssertionError for a 200 that the platform would not take.
    check: Callable[[Answer, list[UserMessage]], None] = lambda answer, queued: None
    #: Whether a request only names a message that the platform has, under an id of the platform's.
    only_names_messages: bool = False
    #: What an example tells of people beside their words, which no copy of it may show.
    personal: dict[str, str] = field(default_factory=dict)
    #: The credentials without which the channel is closed, the one that the log asks for first.
    needs: tuple[str, ...]

    def __repr__(self) -> str:
        """Its name: all that a failing test needs to show of it."""
        return f"<Row {self.name}>"

    def example(self, name: str = "") -> Event:
        """The event of one of its examples, the plain one when not named."""
        return example(f"{self.name}/{name or self.base}")

    def function(
        self, *, is_down: bool = False, public_base_url: str = "", **settings: Any
    ) -> Function:
        """Its Lambda with these settings over the row's credentials."""
        return Function(
            self,
            {**self.credentials, **settings},
            self.make(**settings) if self.make else None,
            public_base_url=public_base_url,
            is_down=is_down,
        )

    def post(self, event: Event, **settings: Any) -> tuple[Answer, list[UserMessage]]:
        """`Function.post` on a Lambda of its own with these settings."""
        return self.function(**settings).post(event)

    @cached_property
    def functions(self) -> list[Function]:
        """Its Lambda in each of the row's settings, made once."""
        return [self.function(**settings) for settings in self.settings]

    def saying(self, text: str) -> Event:
        """The plain example with another text, proved."""
        event = self.example()
        request = Request.from_event(event)
        if request.content_type == FORM:
            fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
            event = with_body(event, form(changed(fields, self.text_path, text)))
        else:
            document = changed(request.json, self.text_path, text)
            event = with_body(event, json.dumps(document).encode())
        self.prove(event)
        return event

    def event(self, post: Post, *, proved: bool) -> Event:
        """The event of a post."""
        event = self.example(post.example)
        if post.body is not None:
            event = with_body(event, post.body)
        if post.query is not None:
            event["rawQueryString"] = post.query
        headers = {**event["headers"], **post.headers}
        event["headers"] = {name: each for name, each in headers.items() if each is not None}
        if proved:
            self.prove(event)
        return event

    def assert_answered(
        self, function: Function, event: Event, statuses: Collection[int] | None = None
    ) -> None:
        """The answer has an expected status and shows nothing internal; what is queued is whole.

        `statuses` None are the row's.
        """
        answer, queued = function.post(event)
        json.dumps(answer)
        assert answer["statusCode"] in (self.statuses if statuses is None else statuses)
        assert "Traceback" not in answer["body"]
        assert "internal error" not in answer["body"]
        if answer["statusCode"] == 200:
            self.check(answer, queued)
        else:
            assert queued == []
        for message in queued:
            arrived = InboxMessage.from_json(InboxMessage(self.name, message, 1.0).to_json())
            self.enrich(function.instance, arrived.message)
            assert function.instance.output_for(arrived.message).name()


def assert_enriched(instance: InputChannel, message: UserMessage) -> None:
    """What the worker asks before the agent: whether the message is whole."""
    assert instance.enrich(message)
