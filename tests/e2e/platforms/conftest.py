"""All platforms on one stack, brought up once for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import yaml

from tests.e2e.platforms.chat import Chat
from tests.e2e.platforms.facebook import Facebook
from tests.e2e.platforms.mattermost import Mattermost
from tests.e2e.platforms.phone import Phone
from tests.e2e.platforms.platform import PUBLIC_BASE_URL
from tests.e2e.platforms.rocketchat import RocketChat
from tests.e2e.platforms.slack import Slack
from tests.e2e.platforms.telegram import Telegram
from tests.e2e.platforms.twilio import Twilio
from tests.recording_server import RecordingServer, recording_server

_ALL = (Facebook(), Mattermost(), RocketChat(), Slack(), Telegram(), Twilio())
PLATFORMS = {platform.name: platform for platform in _ALL}


@pytest.fixture(scope="package")
def http_url(new_local_run, servers, tmp_path_factory) -> Iterator[str]:
    """The stack's address, with the credentials of all platforms."""
    run = new_local_run()
    sections = {name: PLATFORMS[name].credentials(server.url) for name, server in servers.items()}
    path = tmp_path_factory.mktemp("credentials") / "credentials.yml"
    path.write_text(yaml.safe_dump({**sections, "twilio_voice": Phone.credentials}), "utf-8")
    stack = run.up(CREDENTIALS=str(path), PARAMETERS=f"PublicBaseUrl={PUBLIC_BASE_URL}")
    yield stack.http_url
    run.down()


@pytest.fixture(scope="package")
def servers() -> Iterator[dict[str, RecordingServer]]:
    """The platforms' servers by name."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(recording_server(lambda _: None)) for name in PLATFORMS}


@pytest.fixture(scope="package")
def chats(http_url, servers) -> dict[str, Chat]:
    """A conversation on each platform."""
    return {name: Chat(PLATFORMS[name], server, http_url) for name, server in servers.items()}


@pytest.fixture(params=list(PLATFORMS))
def chat(request, chats) -> Chat:
    return chats[request.param]


@pytest.fixture
def phone(http_url) -> Phone:
    """A call to the bot's number."""
    return Phone(http_url)
