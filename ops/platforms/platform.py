"""What is common to the platforms: what is known of one, actions, and the bot they are about."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

from channels.clients.platform_api import ApiResponse
from ops.findings import Findings
from ops.platforms.api import AdminApi, Call, Refused
from ops.platforms.fresh_ids import FreshIds
from ops.platforms.signing import Signing
from ops.platforms.webhook_request import WebhookRequest

Settings = dict[str, Any]


class Verb(StrEnum):
    """What an action does: `unchanged` nothing, `instruct` asks a person to."""

    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"
    WRITE = "write"
    INSTRUCT = "instruct"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Action:
    """One step of a registration, as data.

    `what` is for people and holds no secret. `call` is what the platform is asked; `settings` go
    into the bot's credentials with it, before the call where the platform asks the stack at once
    (`settings_first`); `learn` tells further ones, from the answer where there was a call. `file`
    is a name and a content.
    """

    verb: Verb
    what: str
    call: Call | None = None
    settings: Settings = field(default_factory=dict, repr=False)
    settings_first: bool = False
    learn: Callable[[ApiResponse | None], Settings] | None = None
    file: tuple[str, bytes] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Bot:
    """One channel of a stack: its section, where the platform shall call, and who registers it.

    `webhook_url` is what gets registered; `signed_url` is what the stack takes its own address to
    be, which Twilio's signatures cover. `sections` are all of the stack's. `administrator` is what
    the environment has of the platform's `administrator`. `drop_pending` throws away what waits at
    the platform; `renew` registers also what seems unchanged.
    """

    settings: Settings = field(repr=False)
    webhook_url: str
    signed_url: str = ""
    sections: Mapping[str, Settings] = field(default_factory=dict, repr=False)
    administrator: Mapping[str, str] = field(default_factory=dict, repr=False)
    drop_pending: bool = False
    renew: bool = False
    new_secret: Callable[[], str] = lambda: secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Probe:
    """A request to the bot's own webhook that is no message, so that nothing follows from it."""

    method: str = "POST"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: str = field(default="", repr=False)


class Platform(ABC):
    """One bot on one platform."""

    #: The channel's name.
    name: ClassVar[str]

    #: What people call the platform.
    title: ClassVar[str]

    #: How far clocks may be apart (seconds) before its requests are refused; 0: they may.
    signature_window: ClassVar[float] = 0.0

    #: Settings that registration fills in: secrets that it makes and ids that the platform makes,
    #: with what stands for them while a section is checked.
    registered: ClassVar[Mapping[str, Any]] = {}

    #: Those of them that prove requests, which `allow_unsigned` does without.
    proofs: ClassVar[frozenset[str]] = frozenset()

    #: Environment variables with what registration needs and the stack never does.
    administrator: ClassVar[tuple[str, ...]] = ()

    #: Whether it may be registered before the stack has credentials of it.
    makes_its_own: ClassVar[bool] = False

    def __init__(self, bot: Bot) -> None:
        """Take the bot; nothing is asked yet. Raises CredentialsError for settings that fail."""
        self.bot = bot
        self.settings = bot.settings

    @property
    @abstractmethod
    def api(self) -> AdminApi | None:
        """The platform's API, None where there is none."""

    @abstractmethod
    def actions(self) -> list[Action]:
        """What has to be done; raises Refused, Unreachable."""

    @abstractmethod
    def removals(self) -> list[Action]:
        """What undoes the registration; raises Refused, Unreachable."""

    @abstractmethod
    def examine(self, findings: Findings) -> None:
        """Tell of the account and the registration; raises Refused, Unreachable."""

    def check(self, answer: ApiResponse) -> None:
        """Raise Refused for an answer by which the platform does not do what it was asked."""
        if answer.status >= 400:
            raise Refused(f"{self.title} refuses it with status {answer.status}")

    def perform(self, call: Call) -> ApiResponse:
        """Make the call of an action; raises Refused, Unreachable."""
        if self.api is None:
            raise Refused(f"{self.title} has no API for that")
        answer = self.api.call(call)
        self.check(answer)
        return answer

    def signed(self) -> Probe | None:
        """A request that carries the proof, None where only the platform can make one."""
        return None

    def unsigned(self) -> Probe:
        """A request without the proof."""
        return Probe(body=b"{}", headers={"content-type": "application/json"})

    def is_ours(self, url: str | None) -> bool:
        """Whether an address is the bot's webhook, on this stack or on an earlier one."""
        return urlsplit(url or "").path.endswith(f"/webhooks/{self.name}/webhook")

    def shown(self, url: str | None) -> str:
        """An address for people; of one that is not the bot's only the host: it may hold tokens."""
        if not url:
            return "nowhere"
        parts = urlsplit(url)
        if not parts.scheme:
            return url
        return (
            url if self.is_ours(url) and not parts.query else f"{parts.scheme}://{parts.netloc}/..."
        )


class Knowledge(NamedTuple):
    """What `ops` knows of one channel.

    `sign(request, signing)` gives a request a proof of this moment, `with_fresh_ids(request,
    fresh)` makes it a new message; both raise Failure where only the platform can. `registration`
    is None where nobody has to be told of the bot.
    """

    sign: Callable[[WebhookRequest, Signing], WebhookRequest]
    with_fresh_ids: FreshIds
    registration: type[Platform] | None = None


def unchanged(what: str) -> Action:
    """The action that is none."""
    return Action(Verb.UNCHANGED, what)


def instruct(what: str) -> Action:
    """What a person has to do."""
    return Action(Verb.INSTRUCT, what)
