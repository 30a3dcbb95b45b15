"""One stack for the fault suite, with everything that its functions call in the suite's hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psutil
import pytest

from tests.e2e.conftest import LocalRun
from tests.e2e.faults.deployed_stack import DeployedStack
from tests.e2e.faults.figures import Figures
from tests.e2e.faults.lambda_process import lambda_behind
from tests.e2e.faults.surroundings import DELIVERY, WEBHOOK, WORKER, Surroundings
from tests.e2e.faults.webhook_client import WebhookClient


class Suite:
    """The stack under test and its surroundings."""

    def __init__(self, stack: DeployedStack, around: Surroundings) -> None:
        self.stack = stack
        self.faults = around.faults
        self.agent = around.agent
        self.platform = around.platform
        self.slack = around.slack
        self.agent_proxy = around.agent_proxy
        self.platform_proxy = around.platform_proxy
        self.reset = around.behave

    def client(self) -> WebhookClient:
        """A caller of the webhook."""
        return WebhookClient(self.stack.http_url)


@pytest.fixture(scope="package")
def deployed(
    new_local_run: Callable[[], LocalRun], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Suite]:
    """The suite's stack, up, with every call of its functions led through the proxies."""
    run = new_local_run()
    stack: DeployedStack | None = None

    def find(caller_port: int, our_port: int) -> psutil.Process:
        assert stack is not None
        return lambda_behind(caller_port, our_port, stack.ministack_pid)

    around = Surroundings(f"http://127.0.0.1:{run.port}", find)
    try:
        credentials = tmp_path_factory.mktemp("faults") / "credentials.yml"
        credentials.write_text(around.credentials, encoding="utf-8")
        found = run.up(CREDENTIALS=str(credentials), PARAMETERS=around.parameters)
        stack = DeployedStack(run, found)
        for function in (WEBHOOK, WORKER, DELIVERY):
            stack.set_environment(function, around.endpoints(function))
        yield Suite(stack, around)
        run.down()
    finally:
        around.close()


@pytest.fixture
def suite(deployed: Suite) -> Iterator[Suite]:
    """The suite's stack with nothing under way, neither before a test nor after it."""
    deployed.reset()
    yield deployed
    deployed.reset()
    assert deployed.stack.wait_until_idle(within=60)


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    """Takes the test's figures for the tables at the end of the run."""
    return Figures(record_property)
