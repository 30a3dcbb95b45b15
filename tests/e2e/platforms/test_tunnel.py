"""The stack behind a tunnel: platforms call another host, by https, below a path of its own.

The tunnel is a plain reverse proxy in front of what the README tells to put it: it takes the path's
beginning off, and tells host and scheme in headers, which nobody believes.
"""

from __future__ import annotations

from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ops.stack.aws import local_stack
from tests.e2e.faults.deployed_stack import DeployedStack
from tests.e2e.platforms.platform import PUBLIC_BASE_URL
from tests.servers.recording_server import Answer, Recorded, recording_server

HOST = "bot.example.com"
PREFIX = "/assistant"
PUBLIC = f"https://{HOST}{PREFIX}"

CHANNELS = ("slack", "telegram", "twilio")


def reverse_proxy(target):
    """Passes requests on to a target's host, as tunnels do."""

    def pass_on(request: Recorded) -> Answer:
        assert request.path.startswith(PREFIX)
        forwarded = {
            "host": urlsplit(target).netloc,
            "x-forwarded-for": "203.0.113.9",
            "x-forwarded-host": request.headers["host"],
            "x-forwarded-prefix": PREFIX,
            "x-forwarded-proto": "https",
        }
        answer = requests.request(
            request.method,
            target + request.path.removeprefix(PREFIX),
            headers={**request.headers, **forwarded},
            data=request.body,
            timeout=60,
            allow_redirects=False,
        )
        return answer.status_code, answer.content, {}

    return pass_on


@pytest.fixture(scope="module")
def stack(deployed):
    """The stack, whose webhooks know the tunnel's address as PublicBaseUrl would tell it."""
    on_aws = DeployedStack(deployed.run, deployed.stack)
    with ExitStack() as exits:
        for name in CHANNELS:
            function = f"{name.capitalize()}Function"
            exits.enter_context(on_aws.environment(function, PUBLIC_BASE_URL=PUBLIC))
        yield deployed.stack


@pytest.fixture(scope="module")
def call(stack):
    """Posts to a channel's webhook at the public address; gives the answer's status."""
    with recording_server(reverse_proxy(stack.socketio_url)) as tunnel:

        def post(channel, parts, **headers):
            body, own = parts
            return requests.post(
                f"{tunnel.url}{PREFIX}/webhooks/{channel}/webhook",
                data=body,
                headers={"host": HOST, **own, **headers},
                timeout=60,
            ).status_code

        yield post


def signed(chat, text, number, base):
    """A message as the platform sends it to the webhook below a base URL; Twilio signs that too."""
    of_the_address = (base,) if chat.platform.name == "twilio" else ()
    return chat.platform.message(text, number, *of_the_address)


@pytest.mark.parametrize("name", CHANNELS)
def test_what_is_signed_is_answered(chats, call, name):
    chat = chats[name]
    before = chat.arrived("You said: through the tunnel")
    assert call(name, signed(chat, "through the tunnel", 51, PUBLIC)) == 200
    chat.wait_for("You said: through the tunnel", before + 1)


@pytest.mark.parametrize("name", CHANNELS)
def test_what_is_not_signed_is_refused(chats, call, name):
    assert call(name, chats[name].platform.unsigned("hi", 52)) in (401, 403)


def test_a_signature_for_an_address_that_headers_claim_is_refused(chats, call):
    old = urlsplit(PUBLIC_BASE_URL)
    parts = signed(chats["twilio"], "hi", 53, PUBLIC_BASE_URL)
    claimed = {
        "host": old.netloc,
        "x-original-host": old.netloc,
        "forwarded": f"proto={old.scheme}",
    }
    assert call("twilio", parts, **claimed) == 403


def parameters_at(stack, endpoint_url):
    """The stack's credentials, as AWS's API at an address gives them away."""
    session = local_stack(stack.stack_name, endpoint_url).session
    once = Config(retries={"total_max_attempts": 1})
    client = session.client("ssm", endpoint_url=endpoint_url, config=once)
    return client.get_parameters_by_path(Path="/", Recursive=True, WithDecryption=True)[
        "Parameters"
    ]


def test_a_tunnel_leads_to_nothing_of_aws(stack):
    assert parameters_at(stack, stack.endpoint_url)
    for path in ("", "/..", "/../../..", "/_aws/execute-api/x"):
        with pytest.raises((BotoCoreError, ClientError)):
            parameters_at(stack, stack.socketio_url + path)
    assert requests.get(f"{stack.endpoint_url}/_ministack/health", timeout=30).ok
    for path in ("/_ministack/health", "/..%2f..%2f_ministack/health"):
        assert requests.get(stack.socketio_url + path, timeout=30).status_code == 404
