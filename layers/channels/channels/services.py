"""What a handler needs from outside, wired once; tests pass their own."""

from __future__ import annotations

from channels.errors import CredentialsMissing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.agents import Agent
    from channels.settings import Settings


class Services:
    """The outside of a handler.

    `credentials(name)` gives a section of credentials.yml and raises CredentialsError when there
    is none; `agent()` gives the agent that answers; `agent_timeout` bounds its turn (seconds).
    """

    def __init__(
        self,
        credentials: Callable[[str], dict[str, Any]],
        agent: Callable[[], Agent],
        agent_timeout: float = 25.0,
    ) -> None:
        """Take the services; both are asked at the first message, not before."""
        self.credentials = credentials
        self.agent_timeout = agent_timeout
        self._load_agent = agent
        self._agent: Agent | None = None

    @property
    def agent(self) -> Agent:
        """The agent, loaded once."""
        if self._agent is None:
            self._agent = self._load_agent()
        return self._agent


def services_of(settings: Settings) -> Services:
    """The services that a Lambda's settings describe."""
    credentials = _credentials_of(settings)

    def agent_credentials() -> dict[str, Any]:
        try:
            return credentials("agent")
        except CredentialsMissing:
            return {}

    def agent() -> Agent:
        from channels.agents import load_agent

        return load_agent(
            settings.agent, settings.rasa_url, agent_credentials, timeout=settings.agent_timeout
        )

    return Services(credentials, agent, settings.agent_timeout)


def _credentials_of(settings: Settings) -> Callable[[str], dict[str, Any]]:
    if not settings.credentials_path:
        return lambda name: {}
    from channels.aws.secrets import ParameterStore

    return ParameterStore.from_settings(settings)
