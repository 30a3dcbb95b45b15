"""All platforms on one stack, brought up once for the tests of this folder."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import requests
import yaml

from ops.__main__ import main
from ops.stack.stack_file import StackFile
from tests.channel_folders import of_all
from tests.e2e.conftest import LocalRun
from tests.e2e.platforms.chat import Chat
from tests.e2e.platforms.phone import Phone
from tests.e2e.platforms.platform import PUBLIC_BASE_URL, PUBLIC_PORT, SECRET, Platform
from tests.servers.recording_server import Answer, Recorded, RecordingServer, recording_server

#: The platforms by the names of their channels.
PLATFORMS: dict[str, Platform] = of_all("platform")

#: May call the conversations API.
OPERATOR = "made-up-operator-token"

#: May talk by the rest channel.
CLIENT = "made-up-client-token"


class PlatformsRun:
    """The stack of this folder: `up` deploys it, with further template parameters."""

    def __init__(self, run: LocalRun, credentials: Path) -> None:
        self.run = run
        self._credentials = credentials

    def up(self, *parameters: str) -> StackFile:
        """Deploy with the demo agent and this folder's parameters, or with others after them.

        All are given each time: AWS keeps the value of one that is not.
        """
        ours = (f"PublicBaseUrl={PUBLIC_BASE_URL}", "CaptureEvents=with-text", "RasaUrl=")
        return self.run.up(
            CREDENTIALS=str(self._credentials), PARAMETERS=" ".join([*ours, *parameters])
        )


class Deployed(NamedTuple):
    """The stack, and the commands on it."""

    run: LocalRun
    stack: StackFile

    def ops(self, *arguments: str) -> Any:
        """What a command answers to a script; it has to succeed.

        It runs in this process: starting one takes longer than most commands.
        """
        said = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(said):
            patch.setenv("LOCAL_DIR", str(self.run.local_dir))
            patch.setenv("PORT", str(self.run.port))
            status = main([*arguments, "--json"])
        assert status == 0, said.getvalue()
        return json.loads(said.getvalue())


@pytest.fixture(scope="package")
def platforms_run(new_local_run, servers, receiver, tmp_path_factory) -> Iterator[PlatformsRun]:
    """The stack, not yet up, with the credentials of all platforms."""
    run = new_local_run()
    sections = {name: PLATFORMS[name].credentials(server.url) for name, server in servers.items()}
    path = tmp_path_factory.mktemp("credentials") / "credentials.yml"
    others = {
        "twilio_voice": Phone.credentials,
        "conversations_api": {"token": OPERATOR},
        "rest": {"token": CLIENT},
        "socketio": {"session_persistence": True},
        "callback": {"url": receiver.url, "jwt_key": SECRET, "allow_private_addresses": True},
    }
    path.write_text(yaml.safe_dump({**sections, **others}), "utf-8")
    yield PlatformsRun(run, path)
    run.down()


@pytest.fixture(scope="package")
def deployed(platforms_run) -> Deployed:
    """The stack, up."""
    return Deployed(platforms_run.run, platforms_run.up())


@pytest.fixture(scope="package")
def http_url(deployed) -> Iterator[str]:
    """The stack's address; what is in front of it passes requests on."""
    url = deployed.stack.http_url
    before = urlsplit(PUBLIC_BASE_URL).path

    def pass_on(request: Recorded) -> Answer:
        answer = requests.request(
            request.method,
            url + request.path.removeprefix(before),
            headers=request.headers,
            data=request.body,
            timeout=60,
        )
        kind = {"content-type": answer.headers.get("content-type", "text/plain")}
        return answer.status_code, answer.content, kind

    with recording_server(pass_on, PUBLIC_PORT):
        yield url


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


@pytest.fixture(params=[name for name, each in PLATFORMS.items() if not each.answers_in_request])
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
