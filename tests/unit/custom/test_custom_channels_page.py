"""docs/custom-channels.md: every block of code in it does what it says."""

import asyncio
import re
import shlex
import sys
from typing import NamedTuple

import pytest
import yaml

import addons
from channels.agents.demo import DemoAgent
from channels.channel import UserMessage
from channels.errors import CredentialsMissing
from channels.handlers.custom_channels import custom_webhook
from channels.wiring.credentials import problems, stored
from channels.wiring.registry import Channels
from channels.wiring.services import Services
from ops import ROOT
from ops.__main__ import parser
from tests.servers.recording_server import recording_server

PAGE = (ROOT / "docs" / "custom-channels.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.M | re.S)
#: What a caller types, and what is printed.
TYPED = [
    (command, told.strip())
    for kind, text in BLOCKS
    if kind == "console"
    for command, told in re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", text, re.M)
]
CURLS = [(command, told) for command, told in TYPED if command.startswith("curl ")]
SCAFFOLD = (ROOT / "ops" / "scaffold" / "custom_files" / "my_channel.py").read_text(
    encoding="utf-8"
)


class Inbox:
    """Keeps what was queued."""

    def __init__(self):
        self.queued: list[tuple[str, UserMessage]] = []

    def put(self, channel, messages):
        self.queued += [(channel, message) for message in messages]


class World(NamedTuple):
    """The function of the page's connectors, its inbox, and the credentials that it reads."""

    handler: object
    inbox: Inbox
    credentials: object


@pytest.fixture
def world(tmp_path, monkeypatch):
    """The page's connectors, where the page says that they are."""
    monkeypatch.setattr(addons, "__path__", [str(tmp_path)])
    modules = [
        re.match(r"# layers/channels/addons/(\w+)\.py\n", text)
        for kind, text in BLOCKS
        if kind == "python" and text != SCAFFOLD
    ]
    assert len(modules) == 2
    for module in modules:
        (tmp_path / f"{module[1]}.py").write_text(module.string)
    sections = {}
    for kind, text in BLOCKS:
        if kind == "yaml":
            sections.update(yaml.safe_load(text))
    assert problems(sections) == []
    kept = stored(sections)

    def credentials(section):
        if section not in kept:
            raise CredentialsMissing(section)
        return kept[section]

    inbox = Inbox()
    yield World(custom_webhook(Services(credentials, DemoAgent, 5.0, inbox)), inbox, credentials)
    for module in modules:
        sys.modules.pop(f"addons.{module[1]}", None)


def asked(handler, command):
    """What curl would print."""
    words = iter(shlex.split(command)[1:])
    headers, data, address = {"content-type": "application/x-www-form-urlencoded"}, [], ""
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name.lower()] = value
        elif word == "-d":
            data.append(next(words))
        elif word != "-XPOST":
            address = word
    event = {
        "rawPath": address.removeprefix("<url>"),
        "headers": headers,
        "requestContext": {"http": {"method": "POST"}},
        "body": "&".join(data),
    }
    return handler(event, None)["body"]


def test_the_page_has_commands_for_each_connector():
    assert len(CURLS) == 3
    assert {kind for kind, _ in BLOCKS} == {"python", "yaml", "console"}


@pytest.mark.parametrize(("command", "told"), CURLS)
def test_a_command_prints_what_the_page_says(world, command, told):
    assert asked(world.handler, command) == told


def test_the_asynchronous_connector_is_answered_by_the_worker(world):
    [command] = [command for command, _ in CURLS if "/fax/" in command]
    asked(world.handler, command)
    [(channel, message)] = world.inbox.queued
    assert (channel, message.message_id, message.sender_id) == ("fax", "1", "12")
    with recording_server(lambda request: (200, b"", {})) as platform:

        def credentials(section):
            return {**world.credentials(section), "settings": {"url": platform.url}}

        message.output_channel = Channels(credentials)(channel).output_for(message)
        asyncio.run(DemoAgent().handle_message(message))
    assert [each.json for each in platform.requests] == [{"number": "12", "text": "Bye"}]


def test_the_template_is_what_channel_new_writes():
    assert ("python", SCAFFOLD) in BLOCKS


def test_the_other_commands_exist():
    others = [shlex.split(command) for command, _ in TYPED if not command.startswith("curl ")]
    assert others == [
        ["python", "-m", "ops", "channel", "new", "my_channel"],
        ["make", "test-channel", "CHANNEL=my_channel"],
    ]
    assert parser().parse_args(others[0][3:]).name == "my_channel"


def test_the_page_s_limits_are_the_code_s():
    from channels.channel import InputChannel

    assert f"{InputChannel.max_body_size // 2**20} MB, or `max_body_size` of your class" in PAGE
    size = sum(
        path.stat().st_size
        for path in (ROOT / "layers" / "channels" / "stand_in" / "sanic").glob("*.py")
    )
    assert f"of {round(size / 1000)} KB" in PAGE
