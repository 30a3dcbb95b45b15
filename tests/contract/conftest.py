"""Channels from the registry, with everything around them in memory."""

from __future__ import annotations

import copy
import json
from functools import partial

import pytest

from channels.agents.demo import DemoAgent
from channels.errors import InboxUnavailable
from channels.handlers.custom_channels import custom_webhook
from channels.handlers.webhook import webhook
from channels.http.request import Request
from channels.wiring.registry import create_channel, custom_document
from channels.wiring.services import Services
from ops import ROOT
from tests.contract.addons import addon_samples
from tests.contract.samples import SAMPLES

ALL = {**SAMPLES, **addon_samples()}


class Inbox:
    """Remembers what was queued; refuses when told to."""

    def __init__(self):
        self.queued = []
        self.is_down = False

    def put(self, channel, messages):
        if self.is_down:
            raise InboxUnavailable("down")
        self.queued += [(channel, message) for message in messages]


class KeyValueStore(dict):
    """Remembers for ever."""

    def put(self, key, value, seconds):
        self[key] = value


class Channel:
    """One channel behind its webhook."""

    def __init__(self, name):
        self.name = name
        self.sample = ALL[name]
        self.inbox = Inbox()
        credentials, memory = self.sample.credentials, self.memory()
        if self.sample.channel:
            credentials = custom_document(self.sample.channel, credentials)
        services = Services(lambda section: credentials, DemoAgent, 5.0, self.inbox, memory=memory)
        self.instance = services.channels(name)
        self.handler = (custom_webhook if self.sample.channel else partial(webhook, name))(services)

    def memory(self):
        """What the sample remembers, as a service; no memory where that is nothing."""
        remembered = self.sample.remembered()
        return (lambda name: KeyValueStore(remembered)) if remembered else None

    def output(self, url):
        """`(output, recipient)` that answers the example; its platform is at an address."""
        sample = self.sample
        own, remembered = sample.unasked() if sample.unasked else ({}, sample.remembered())
        instance = create_channel(
            sample.channel or self.name,
            {**sample.credentials, **own, sample.platform_key: url},
        )
        instance.memory = KeyValueStore(remembered) if remembered else None
        event = self.event()
        sample.place(event, url)
        [received] = instance.parse(Request.from_event(event))
        output = instance.get_output_channel() if sample.unasked else instance.output_for(received)
        return output, received.sender_id

    def event(self, name="", *, signed=True):
        path = ROOT / "events" / f"{name or self.sample.event}.json"
        event = copy.deepcopy(json.loads(path.read_text(encoding="utf-8")))
        if signed:
            self.sample.sign(event)
        return event

    def post(self, event):
        return self.handler(event, None)


def pytest_generate_tests(metafunc):
    if "ignored" in metafunc.fixturenames:
        pairs = [(name, each) for name in sorted(ALL) for each in ALL[name].ignored]
        metafunc.parametrize(("channel", "ignored"), pairs, indirect=["channel"])
        return
    if "mention" in metafunc.fixturenames:
        pairs = [(name, ALL[name].mention) for name in sorted(ALL) if ALL[name].mention]
        metafunc.parametrize(("channel", "mention"), pairs, indirect=["channel"])
        return
    if "channel" in metafunc.fixturenames:
        metafunc.parametrize("channel", sorted(ALL), indirect=True)
    if "queued_channel" in metafunc.fixturenames:
        names = [name for name, sample in ALL.items() if not sample.answers_in_request]
        metafunc.parametrize("queued_channel", sorted(names), indirect=True)
    if "sending_channel" in metafunc.fixturenames:
        names = [name for name, sample in ALL.items() if sample.platform is not None]
        metafunc.parametrize("sending_channel", sorted(names), indirect=True)
    if "strange_channel" in metafunc.fixturenames:
        names = [name for name, sample in ALL.items() if sample.strange is not None]
        metafunc.parametrize("strange_channel", sorted(names), indirect=True)


@pytest.fixture
def channel(request):
    return Channel(request.param)


@pytest.fixture
def queued_channel(request):
    return Channel(request.param)


@pytest.fixture
def sending_channel(request):
    """A channel that calls its platform."""
    return Channel(request.param)


@pytest.fixture
def strange_channel(request):
    """A channel whose platform may send what is not a message."""
    return Channel(request.param)
