"""One stack for all agents: which one answers is in its functions' environment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ops.credentials.parameter_store import ParameterStore
from ops.stack.aws import local_stack
from ops.stack.stack_file import StackFile
from tests.e2e.conftest import LocalRun
from tests.e2e.faults.deployed_stack import DeployedStack
from tests.servers.recording_server import RecordingServer, recording_server

MODEL = "amazon.nova-lite-v1:0"
ARNS = f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}"

#: The first agent, with the rights that it needs.
_PARAMETERS = f"Agent=channels.aws.bedrock_agent:BedrockAgent BedrockModelArns={ARNS},{ARNS}-2"

#: The functions in which agents run.
_FUNCTIONS = ("RestFunction", "ConversationFunction")


class AgentStack:
    """The stack, deployed with the agent over Bedrock."""

    def __init__(self, run: LocalRun, file: Path, receiver: str) -> None:
        self._run = run
        callback = {"url": receiver, "allow_private_addresses": True}
        sections = {"rest": {}, "callback": callback, "agent": {"model": MODEL}}
        file.write_text(json.dumps(sections), "utf-8")  # YAML's other notation
        self._found = run.up(CREDENTIALS=str(file), PARAMETERS=_PARAMETERS)

    @contextmanager
    def agent(self, section: dict[str, Any], **variables: str) -> Iterator[StackFile]:
        """The stack with these credentials of its agent, and with variables of its functions."""
        # The command checks a section for the agent of the stack's parameter.
        stack = local_stack(self._found.stack_name, self._found.endpoint_url)
        ParameterStore(stack).push({"agent": section})
        deployed = DeployedStack(self._run, self._found)
        with ExitStack() as exits:
            for function in _FUNCTIONS:
                exits.enter_context(deployed.environment(function, **variables))
            yield self._found


@pytest.fixture(scope="package")
def receiver() -> Iterator[RecordingServer]:
    """Takes what the callback channel delivers."""
    with recording_server(lambda request: (200, b"", {})) as server:
        yield server


@pytest.fixture(scope="package")
def agents(
    new_local_run: Callable[[], LocalRun],
    receiver: RecordingServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[AgentStack]:
    """The stack of this folder's tests."""
    run = new_local_run()
    yield AgentStack(run, tmp_path_factory.mktemp("agents") / "credentials.yml", receiver.url)
    run.down()
