"""What a handler needs from outside, wired once; tests pass their own."""

from __future__ import annotations

from channels.errors import CredentialsError, CredentialsMissing
from channels.telemetry.logs import start_logging
from channels.telemetry.metrics import SILENT, Metrics
from channels.wiring.registry import Channels, custom_section

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from channels.agents.agent import Agent
    from channels.channel import KeyValueStore, Outbox, Sockets, UserMessage
    from channels.wiring.settings import Settings

    class Inbox(Protocol):
        """Queues messages for the worker (`aws.queues.inbox`)."""

        def put(self, channel: str, messages: list[UserMessage]) -> None:
            """Queue all messages of a request to the channel, or raise InboxUnavailable."""
            ...

    class Captures(Protocol):
        """Stores requests for people who investigate a fault (`aws.state.captures`)."""

        def keep(self, event: Any, status: int, senders: Callable[[], list[str]]) -> None:
            """Store a redacted event and the status of its response; never raises."""
            ...


class Services:
    """The external services of a handler.

    `credentials(name)` returns a section of credentials.yml, or raises CredentialsError if there is
    none. `agent()` returns the agent that replies; `agent_timeout` limits its turn (seconds).
    `inbox` queues messages for the worker; without an inbox (`sam local invoke`) a turn runs before
    the message is acknowledged, as in Rasa's server. `outbox` queues what another function
    delivers, `memory(name)` stores what a channel remembers, and `sockets` reaches WebSocket
    connections. `public_base_url` is the address that platforms call if it is not API Gateway's
    own. `captures` stores the requests of webhooks; it is None if `CaptureEvents` is off. `metrics`
    count events.
    """

    def __init__(  # noqa: PLR0913 - its services
        self,
        credentials: Callable[[str], dict[str, Any]],
        agent: Callable[[], Agent],
        agent_timeout: float = 25.0,
        inbox: Inbox | None = None,
        outbox: Outbox | None = None,
        memory: Callable[[str], KeyValueStore] | None = None,
        public_base_url: str = "",
        *,
        sockets: Sockets | None = None,
        captures: Captures | None = None,
        metrics: Metrics = SILENT,
    ) -> None:
        """Take the services.

        Credentials and agent are loaded with the first message, not before.
        """
        self.channels = Channels(credentials, outbox, memory, sockets)
        self.inbox = inbox
        self.agent_timeout = agent_timeout
        self.public_base_url = public_base_url
        self.captures = captures
        self.metrics = metrics
        self._load_agent = agent
        self._agent: Agent | None = None

    @property
    def agent(self) -> Agent:
        """The agent, loaded once."""
        if self._agent is None:
            self._agent = self._load_agent()
        return self._agent


def services_of(settings: Settings) -> Services:
    """Return the services that a Lambda's settings describe."""
    start_logging(settings.log_level, settings.trace)
    credentials = _credentials_of(settings)

    def agent_credentials() -> dict[str, Any]:
        try:
            return credentials("agent")
        except CredentialsMissing:
            return {}

    def agent() -> Agent:
        from channels.agents.agent import load_agent

        # A little less than the turn's own timeout, so that the agent itself reports what took so
        # long.
        timeout = settings.agent_timeout * 0.95
        return load_agent(
            settings.agent,
            settings.rasa_url,
            agent_credentials,
            timeout=timeout,
            memory=_memory_of(settings),
        )

    return Services(
        credentials,
        agent,
        settings.agent_timeout,
        _inbox_of(settings),
        _outbox_of(settings),
        _memory_of(settings),
        settings.public_base_url,
        sockets=_sockets_of(settings),
        captures=_captures_of(settings),
        metrics=Metrics(settings.stack_name),
    )


def _inbox_of(settings: Settings) -> Inbox | None:
    if settings.is_sam_local or not settings.inbox_queue_url:
        return None
    from channels.aws.queues.inbox import Inbox as SqsInbox

    return SqsInbox.from_settings(settings)


def _outbox_of(settings: Settings) -> Outbox | None:
    if settings.is_sam_local or not settings.callback_queue_url:
        return None
    from channels.aws.queues.outbox import Outbox as SqsOutbox

    return SqsOutbox.from_settings(settings)


def _memory_of(settings: Settings) -> Callable[[str], KeyValueStore] | None:
    if settings.is_sam_local or not settings.state_table:
        return None
    from channels.aws.state.key_value_store import TableStore

    return TableStore.of_channels(settings)


def _sockets_of(settings: Settings) -> Sockets | None:
    if settings.is_sam_local or not settings.sockets_url:
        return None
    from channels.aws.sockets.registry import SessionRegistry

    return SessionRegistry.from_settings(settings)


def _no_credentials(section: str) -> dict[str, Any]:
    """Return an empty section, which is enough for many channels.

    A custom channel needs its class.
    """
    if section.startswith(custom_section("")):
        raise CredentialsError(
            "without a stack (`sam local`) there are no credentials, which name a custom channel's "
            "class: try it on the local stack (`make up`), or in its test (`python -m pytest`)"
        )
    return {}


def _captures_of(settings: Settings) -> Captures | None:
    if settings.is_sam_local or not (settings.captures_events and settings.state_table):
        return None
    from channels.aws.state.captures import TableCaptures

    return TableCaptures.from_settings(settings)


def _credentials_of(settings: Settings) -> Callable[[str], dict[str, Any]]:
    if not settings.credentials_path:
        return _no_credentials
    from channels.aws.parameter_store import ParameterStore

    return ParameterStore.from_settings(settings)
