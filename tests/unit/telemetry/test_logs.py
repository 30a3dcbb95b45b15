"""What log lines bear beside their text, wherever they are written."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from channels.telemetry.logs import (
    FIELDS,
    add_fields,
    begin_fields,
    begin_request,
    current_fields,
    start_logging,
)
from channels.turns.event_loop import EventLoop
from ops import ROOT

logger = logging.getLogger("channels.test")
CONTEXT = SimpleNamespace(aws_request_id="r-1")


@pytest.fixture(autouse=True)
def _listening(caplog):
    start_logging("INFO")
    yield
    begin_fields(None)


def test_a_line_bears_what_is_known_by_then(caplog):
    begin_fields(CONTEXT, channel="slack", delivery_id="")
    logger.info("before")
    add_fields(message_id="Ev1", sender_id="U1")
    logger.info("after")
    before, after = caplog.records
    assert (before.requestId, before.channel) == ("r-1", "slack")
    assert not hasattr(before, "message_id")
    assert not hasattr(before, "delivery_id")
    assert (after.message_id, after.sender_id) == ("Ev1", "U1")
    assert set(current_fields()) <= set(FIELDS)


def test_the_next_invocation_knows_nothing_of_the_last(caplog):
    begin_fields(CONTEXT, channel="slack", message_id="Ev1")
    begin_fields(SimpleNamespace(aws_request_id="r-2"), channel="slack")
    assert current_fields() == {"requestId": "r-2", "channel": "slack"}


def test_what_the_caller_says_itself_stays(caplog):
    begin_fields(CONTEXT, channel="slack")
    logger.info("mine", extra={"channel": "of my own"})
    assert caplog.records[0].channel == "of my own"


def test_threads_do_not_share_fields_and_a_loop_bears_its_callers(caplog):
    loop = EventLoop()

    async def say():
        logger.info("in the loop")
        await asyncio.sleep(0)
        add_fields(connection_id="c1")

    def work(name):
        begin_fields(CONTEXT, message_id=name)
        loop.run(say(), 5)

    begin_fields(CONTEXT, message_id="m0")
    for name in ("m1", "m2"):
        thread = threading.Thread(target=work, args=(name,))
        thread.start()
        thread.join()
    loop.close()
    assert [record.message_id for record in caplog.records] == ["m1", "m2"]
    assert not any(hasattr(record, "connection_id") for record in caplog.records)
    assert current_fields()["message_id"] == "m0"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, {}),
        ({"I-Twilio-Idempotency-Token": "t-1"}, {"delivery_id": "t-1"}),
        ({"x-request-id": "x" * 5000}, {"delivery_id": "x" * 256}),
        (
            {"x-amzn-trace-id": "Self=1-2-3;Root=1-67891233-abcdef012345678912345678"},
            {"trace_id": "1-67891233-abcdef012345678912345678"},
        ),
        ({"x-amzn-trace-id": "nonsense;;="}, {}),
        ({"x-amzn-trace-id": 7, 7: "x"}, {}),
        (None, {}),
        ("none", {}),
    ],
)
def test_what_a_request_tells_about_itself(headers, expected):
    begin_request({"headers": headers}, None, "slack")
    assert current_fields() == {"channel": "slack", **expected}


@pytest.mark.parametrize("event", [None, [], "x", 1])
def test_any_event_is_taken(event):
    begin_request(event, CONTEXT)
    assert current_fields() == {"requestId": "r-1"}


def test_the_invocations_own_trace_goes_before_that_of_a_header():
    start_logging("INFO", lambda: "Root=1-a;Parent=b;Sampled=1")
    begin_request({"headers": {"x-amzn-trace-id": "Root=1-c"}}, None)
    assert current_fields()["trace_id"] == "1-a"
    begin_fields(None, "Root=1-d")
    assert current_fields()["trace_id"] == "1-d", "of the message that is worked on"
    start_logging("INFO", lambda: "")


SCRIPT = """
import logging, sys
from channels.telemetry.logs import begin_fields, start_logging
# as Lambda's runtime does by ApplicationLogLevel
logging.getLogger().setLevel("DEBUG" if sys.argv[1] == "DEBUG" else "INFO")
start_logging(sys.argv[1])
begin_fields(None, message_id="1\\nERROR forged")
logging.getLogger("channels.x").info("quiet")
logging.getLogger("channels.x").warning("loud")
logging.getLogger("library").info("quiet library")
logging.getLogger("channels.x").debug("whisper")
logging.getLogger("botocore.endpoint").debug("a whole request")
"""


@pytest.mark.parametrize(("level", "quiet"), [("DEBUG", True), ("INFO", True), ("WARNING", False)])
def test_where_nobody_listens_fields_follow_the_text_and_the_level_holds_for_all(level, quiet):
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", SCRIPT, level],
        cwd=ROOT / "layers" / "channels",
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stderr.splitlines()
    assert r"WARNING channels.x: loud message_id='1\nERROR forged'" in lines
    assert any("quiet" in line for line in lines) is quiet
    assert not any(line.startswith("ERROR") for line in lines)
    assert ("whisper" in done.stderr) is (level == "DEBUG")
    assert "a whole request" not in done.stderr, "libraries would log what was said"
    assert done.stdout == ""
