"""The agent protocol and the choice of the agent.

`demo` needs nothing else, `rasa` asks a Rasa server. A team's own agent is a class with an async
`handle_message(message)` that replies through `message.output_channel`. Two such classes use chat
models: `chat_completions` and `aws.bedrock_agent`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Protocol

from channels.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from channels.channel import KeyValueStore, UserMessage


class Agent(Protocol):
    """Replies to one user message at a time.

    `handle_message` sends every bot message through `message.output_channel`, in order, and returns
    when the turn is over. It raises AgentError (AgentTimeout) if it cannot reply; any other
    exception counts as an AgentError too. It may await or block.

    A streamed reply is sent in chunks and then as a whole, in this order:
    `send_response_chunk_start`, `send_response_chunk` for each chunk, `send_response_chunk_end`,
    `send_response`. Channels that can show the chunks do so; all others show the whole reply.
    """

    async def handle_message(self, message: UserMessage) -> None:
        """Run the turn of `message`."""
        ...


def load_agent(
    agent: str,
    rasa_url: str,
    credentials: Callable[[], dict[str, Any]],
    *,
    timeout: float,
    memory: Callable[[str], KeyValueStore] | None = None,
) -> Agent:
    """Load the agent that the settings name.

    `agent` is empty or `module:Class`, `rasa_url` a Rasa server's base URL or empty.
    `credentials()` reads the section `agent` of credentials.yml, {} if there is none. `timeout`
    limits a turn (seconds). `memory(name)` stores what the agent must remember; it is None if there
    is no table. A class is made by its `from_credentials(credentials)` if it has one, otherwise
    without arguments; `timeout` and `memory` are passed too if it has parameters with these names.
    Raises CredentialsError if the class cannot be loaded.
    """
    if agent:
        offered = {"timeout": timeout, "memory": memory("agent") if memory else None}
        return _load_class(agent, credentials, offered)
    if rasa_url:
        from channels.agents.rasa import RasaAgent

        return RasaAgent.from_credentials(rasa_url, credentials(), timeout=timeout)
    from channels.agents.demo import DemoAgent

    return DemoAgent()


def _load_class(
    path: str, credentials: Callable[[], dict[str, Any]], offered: dict[str, Any]
) -> Agent:
    module, _, name = path.partition(":")
    try:
        agent_class = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise CredentialsError(
            f"The parameter Agent is '{path}': no such class. It must be 'module:Class', with the "
            f"module in the layer, for example 'addons.my_agent:MyAgent'."
        ) from error
    make = getattr(agent_class, "from_credentials", None)
    if make is None:
        made: Agent = agent_class()
        return made
    import inspect

    taken = inspect.signature(make).parameters
    agent: Agent = make(credentials(), **{k: v for k, v in offered.items() if k in taken})
    return agent
