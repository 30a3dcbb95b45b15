"""What answers: the agent protocol and the choice of the agent.

`demo` needs nothing, `rasa` asks a Rasa server; a team's own agent is a class with an async
`handle_message(message)` that drives `message.output_channel`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Protocol

from channels.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from channels.channel import UserMessage


class Agent(Protocol):
    """Answers one user message at a time.

    `handle_message` sends every bot message through `message.output_channel`, in order, and
    returns when the turn is over. It raises AgentError (AgentTimeout) when it cannot answer; any
    other exception counts as an AgentError too. It may await or block.
    """

    async def handle_message(self, message: UserMessage) -> None:
        """Run the turn of `message`."""
        ...


def load_agent(
    agent: str, rasa_url: str, credentials: Callable[[], dict[str, Any]], *, timeout: float
) -> Agent:
    """The agent that the settings name.

    `agent` is empty or `module:Class`, `rasa_url` a Rasa server's base URL or empty;
    `credentials()` reads the `agent` section of credentials.yml, {} when there is none; `timeout`
    bounds a turn (seconds). A class is made by its `from_credentials(credentials)` if it has one,
    else without arguments. Raises CredentialsError when the class cannot be loaded.
    """
    if agent:
        return _load_class(agent, credentials)
    if rasa_url:
        from channels.agents.rasa import RasaAgent

        return RasaAgent.from_credentials(rasa_url, credentials(), timeout=timeout)
    from channels.agents.demo import DemoAgent

    return DemoAgent()


def _load_class(path: str, credentials: Callable[[], dict[str, Any]]) -> Agent:
    module, _, name = path.partition(":")
    try:
        agent_class = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise CredentialsError(
            f"The parameter Agent is '{path}': no such class. It must be 'module:Class' with the "
            f"module in the layer, for example 'addons.my_agent:MyAgent'."
        ) from error
    make = getattr(agent_class, "from_credentials", None)
    agent: Agent = make(credentials()) if make else agent_class()
    return agent
