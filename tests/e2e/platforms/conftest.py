"""All platforms on one stack, brought up once for the tests of this folder."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from subprocess import CompletedProcess
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import requests
import yaml

from ops.__main__ import main
from ops.stack.stack_file import StackFile
from tests.channel_folders import of_all
from tests.e2e.conftest import LocalRun
from tests.e2e.platforms.aws_calls import recorders
from tests.e2e.platforms.chat import Chat
from tests.e2e.platforms.phone import Phone
from tests.e2e.platforms.platform import PUBLIC_BASE_URL, PUBLIC_PORT, SECRET, Platform
from tests.e2e.platforms.recorded_stack import RecordedStack
from tests.servers.recording_server import Answer, Recorded, RecordingServer, recording_server

#: The platforms by the names of their channels.
PLATFORMS: dict[str, Platform] = of_all("platform")

#: May call the conversations API.
OPERATOR = "made-up-operator-token"

#: May talk by the rest channel.
CLIENT = "made-up-client-token"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the rights compared with the calls when the other tests have made theirs."""
    folder = "tests/e2e/platforms/"
    places = [place for place, item in enumerate(items) if item.nodeid.startswith(folder)]
    ours = [items[place] for place in places]
    ours.sort(key=lambda item: item.nodeid.startswith(f"{folder}test_permissions.py"))
    for place, item in zip(places, ours, strict=True):
        items[place] = item


class Deployed(NamedTuple):
    """The stack, and the commands on it."""

    run: LocalRun
    stack: StackFile

    def command(self, *arguments: str, **variables: str) -> CompletedProcess[str]:
        """`LocalRun.ops` in this process: starting one takes longer than most commands."""
        said, errors = io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            redirect_stdout(said),
            redirect_stderr(errors),
        ):
            environment = self.run.environment(**variables)
            for name in os.environ.keys() - environment.keys():
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            status = main(arguments)
        return CompletedProcess(arguments, status, said.getvalue(), errors.getvalue())

    def ops(self, *arguments: str) -> Any:
        """What a command answers to a script; it has to succeed."""
        done = self.command(*arguments, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="package")
def recorded(new_local_run, servers, receiver, tmp_path_factory) -> Iterator[RecordedStack]:
    """The stack with the credentials of all platforms; what its functions call is recorded."""
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
    parameters = f"PublicBaseUrl={PUBLIC_BASE_URL} CaptureEvents=with-text"
    found = run.up(CREDENTIALS=str(path), PARAMETERS=parameters)
    functions = [each for each in found.resources if each.endswith("Function")]
    with recorders(functions, found.endpoint_url) as each:
        stack = RecordedStack(run, found, each)
        stack.record(functions)
        yield stack
        run.down()


@pytest.fixture(scope="package")
def deployed(recorded) -> Deployed:
    """The stack, up."""
    return Deployed(recorded.run, recorded.found)


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
