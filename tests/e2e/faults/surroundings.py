"""All that stands around the functions: assistant, platform, AWS, and a proxy before each."""

from __future__ import annotations

from contextlib import ExitStack

import yaml

from tests.e2e.faults.agent import Agent, echo
from tests.e2e.faults.fault_proxy import FaultProxy, FindProcess, ReadCall, Route
from tests.e2e.faults.faults import Faults
from tests.e2e.faults.platform_server import Platform, take
from tests.e2e.faults.slack_server import Slack
from tests.e2e.faults.slack_server import take as take_message
from tests.e2e.faults.steps import agent_call, aws_call, platform_call

WEBHOOK = "CallbackFunction"
WORKER = "ConversationFunction"
DELIVERY = "CallbackDeliveryFunction"

#: How long a delivery waits for the platform (seconds).
PLATFORM_TIMEOUT = 5


class Surroundings:
    """The services that functions call, each behind a proxy; the proxies follow one plan of faults.

    `aws_url` is where AWS is, `find(caller_port, our_port)` gives the process that called.
    """

    def __init__(self, aws_url: str, find: FindProcess) -> None:
        self.faults = Faults()
        self._find = find
        self._stack = ExitStack()
        self.agent = Agent()
        self.platform = Platform()
        self.slack = Slack()
        self.agent_proxy = self._proxy(WORKER, self.agent.url, agent_call)
        self.platform_proxy = self._proxy(DELIVERY, self.platform.url, platform_call)
        self.aws_proxies = {
            function: self._proxy(function, aws_url, aws_call)
            for function in (WEBHOOK, WORKER, DELIVERY)
        }
        # The services end first: a proxy waits for what it has forwarded.
        self._stack.callback(self.platform.close)
        self._stack.callback(self.slack.close)
        self._stack.callback(self.agent.close)

    def close(self) -> None:
        """Stop every server."""
        self._stack.close()

    def behave(self) -> None:
        """Let assistant and platforms do what they do on a good day."""
        self.agent.behaviour = echo
        self.platform.behaviour = take
        self.slack.behaviour = take_message

    @property
    def parameters(self) -> str:
        """The template's parameters."""
        return f"RasaUrl={self.agent_proxy.url}"

    @property
    def credentials(self) -> str:
        """The credentials file."""
        callback = {
            "url": self.platform_proxy.url,
            "allow_private_addresses": True,
            "signing_secret": "the-suite-s-signing-secret",
            "timeout": PLATFORM_TIMEOUT,
        }
        return yaml.safe_dump({"rest": {}, "callback": callback, "slack": self.slack.credentials})

    def endpoints(self, function: str) -> dict[str, str]:
        """The AWS SDKs' variables that lead a function's calls through its proxy."""
        url = self.aws_proxies[function].url
        return {"AWS_ENDPOINT_URL_SQS": url, "AWS_ENDPOINT_URL_DYNAMODB": url}

    def _proxy(self, function: str, upstream: str, read: ReadCall) -> FaultProxy:
        proxy = FaultProxy(Route(function, upstream, read), self.faults.arrive, self._find)
        self._stack.callback(proxy.close)
        return proxy
