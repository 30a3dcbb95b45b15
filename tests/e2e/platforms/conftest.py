"""All platforms on one stack, brought up once for the tests of this folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
import yaml

from ops.stack_file import StackFile
from tests.e2e.conftest import LocalRun
from tests.e2e.platforms.botframework import BotFramework
from tests.e2e.platforms.chat import Chat
from tests.e2e.platforms.facebook import Facebook
from tests.e2e.platforms.hangouts import GoogleChat
from tests.e2e.platforms.mattermost import Mattermost
from tests.e2e.platforms.phone import Phone
from tests.e2e.platforms.platform import PUBLIC_BASE_URL, SECRET
from tests.e2e.platforms.rocketchat import RocketChat
from tests.e2e.platforms.slack import Slack
from tests.e2e.platforms.telegram import Telegram
from tests.e2e.platforms.twilio import Twilio
from tests.e2e.platforms.webexteams import Webex
from tests.recording_server import RecordingServer, recording_server

_ALL = (
    BotFramework(),
    Facebook(),
    GoogleChat(),
    Mattermost(),
    RocketChat(),
    Slack(),
    Telegram(),
    Twilio(),
    Webex(),
)
PLATFORMS = {platform.name: platform for platform in _ALL}

#: May call the conversations API.
OPERATOR = "made-up-operator-token"


class Deployed(NamedTuple):
    """The stack, and the commands on it."""

    run: LocalRun
    stack: StackFile

    def ops(self, *arguments: str) -> Any:
        """What a command answers to a script; it has to succeed."""
        done = self.run.ops(*arguments, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="package")
def deployed(new_local_run, servers, receiver, tmp_path_factory) -> Iterator[Deployed]:
    """The stack, with the credentials of all platforms."""
    run = new_local_run()
    sections = {name: PLATFORMS[name].credentials(server.url) for name, server in servers.items()}
    path = tmp_path_factory.mktemp("credentials") / "credentials.yml"
    others = {
        "twilio_voice": Phone.credentials,
        "conversations_api": {"token": OPERATOR},
        "rest": {"token": "made-up-client-token"},
        "callback": {"url": receiver.url, "jwt_key": SECRET, "allow_private_addresses": True},
    }
    path.write_text(yaml.safe_dump({**sections, **others}), "utf-8")
    parameters = f"PublicBaseUrl={PUBLIC_BASE_URL} CaptureEvents=with-text"
    yield Deployed(run, run.up(CREDENTIALS=str(path), PARAMETERS=parameters))
    run.down()


@pytest.fixture(scope="package")
def http_url(deployed) -> str:
    """The stack's address."""
    return deployed.stack.http_url


@pytest.fixture(scope="package")
def receiver() -> Iterator[RecordingServer]:
    """Takes the callback channel's messages."""
    with recording_server(lambda _: (200, b"", {})) as server:
        yield server


@pytest.fixture(scope="package")
def servers() -> Iterator[dict[str, RecordingServer]]:
    """The platforms' servers by name."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(recording_server(lambda _: None)) for name in PLATFORMS}


@pytest.fixture(scope="package")
def chats(http_url, servers) -> dict[str, Chat]:
    """A conversation on each platform."""
    return {name: Chat(PLATFORMS[name], server, http_url) for name, server in servers.items()}


@pytest.fixture(params=[each.name for each in _ALL if not each.answers_in_request])
def chat(request, chats) -> Chat:
    return chats[request.param]


@pytest.fixture
def teams(chats) -> Chat:
    return chats["botframework"]


@pytest.fixture
def google_chat(chats) -> Chat:
    return chats["hangouts"]


@pytest.fixture
def phone(http_url) -> Phone:
    """A call to the bot's number."""
    return Phone(http_url)
