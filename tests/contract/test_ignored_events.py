"""No event of a platform ends in silence: it is a message, or the log says what it was."""

import logging
import re

import pytest

from channels.errors import ChannelError
from channels.http.request import Request
from channels.messages.fields import body_object
from ops import ROOT

#: What a channel may tell of at DEBUG besides the kinds that it declares: each event of these
#: kinds is read, and nobody misses it.
QUIET = {
    "a choice that was cleared",
    "a click that opens a page",
    "a command to another bot",
    "a message that is not for the bot",
    "the bot's own message",
    "the bot's own post",
}

_KIND = re.compile(r"an event of the kind '(.*)'")


@pytest.fixture(autouse=True)
def _listening(caplog):
    caplog.set_level(logging.DEBUG, "channels")


def examples(channel):
    """The proved events without a message among the channel's examples, by their names."""
    folder = ROOT / "events" / channel.sample.event.partition("/")[0]
    for path in sorted(folder.glob("*.json")):
        request = Request.from_event(proved(channel, f"{folder.name}/{path.stem}"))
        if is_event(request) and channel.instance.handshake(request) is None:
            try:
                channel.instance.verify(request)
                has_messages = bool(channel.instance.parse(request))
            except ChannelError:  # it is refused
                continue
            if not has_messages:
                yield path.stem, request


def proved(channel, name):
    """An example with its proof; those that are no JSON have their token already."""
    event = channel.event(name, signed=False)
    try:
        channel.sample.sign(event)
    except (KeyError, ValueError):
        return channel.event(name, signed=False)
    return event


def is_event(request):
    """Whether a request holds an event: a form, or a JSON object."""
    if request.method != "POST" or not request.path.endswith("/webhook"):
        return False
    return request.content_type != "application/json" or body_object(request) is not None


def lines(caplog):
    """What is told of ignored events: level, what, ids."""
    told = [each for each in caplog.records if each.name == "channels.telemetry.ignored"]
    return [(each.levelno, *each.args[1:]) for each in told]


def is_told(channel, line):
    """Whether a line has the level that its event deserves, and at INFO the event's ids."""
    level, what, ids = line
    kind = _KIND.fullmatch(what)
    may_be_quiet = what in QUIET or (kind and kind[1] in channel.instance.not_messages)
    return level == logging.DEBUG if may_be_quiet else bool(ids) and level == logging.INFO


def test_an_example_without_a_message_is_told_of(channel, caplog):
    silent = {}
    for name, request in examples(channel):
        caplog.clear()
        channel.instance.parse(request)
        told = lines(caplog)
        if not told or not all(is_told(channel, line) for line in told):
            silent[name] = told
    assert silent == {}


def test_an_event_that_nobody_can_read_is_told_of_once_at_info(strange_channel, caplog):
    event = strange_channel.event(signed=False)
    strange_channel.sample.strange(event)
    strange_channel.sample.sign(event)
    assert strange_channel.post(event)["statusCode"] == 200
    assert strange_channel.inbox.queued == []
    [line] = [line for line in lines(caplog) if line[0] > logging.DEBUG]
    assert line[0] == logging.INFO
    assert is_told(strange_channel, line)
