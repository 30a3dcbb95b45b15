"""What the functions count, and that neither metrics nor log lines repeat what was said."""

import json
import logging

import pytest

from channels.telemetry.logs import begin_fields, start_logging
from tests.functions.observed import OBSERVED, SAID, SECRET, counted

EXPECTED = {
    "in_the_request": {"Received": 2, "Turns": 1, "AgentMilliseconds": 2, "Refused": 1},
    "by_a_queue": {"Received": 1, "Refused": 1},
    "by_the_worker": {
        "Turns": 1,
        "Duplicates": 1,
        "AgentMilliseconds": 3,
        "Parts": 2,
        "SendMilliseconds": 2,
        "Retries": 1,
        "DeadLetters": 1,
    },
    "by_the_callback_worker": {
        "Delivered": 1,
        "SendMilliseconds": 1,
        "Retries": 1,
        "DeadLetters": 2,
    },
    "by_the_conversations_api": {"Received": 1, "Refused": 1},
    # the first client went without a receipt, so that the second one is sent the message again
    "by_sockets": {"Opened": 2, "Closed": 2, "Received": 2, "Delivered": 2, "Refused": 1},
    "without_an_agent": {},
}


@pytest.mark.parametrize("name", OBSERVED)
def test_what_is_counted_and_that_nothing_repeats_what_was_said(name, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    start_logging("DEBUG")
    lines = OBSERVED[name]()
    start_logging("INFO")
    begin_fields(None)
    assert counted(lines) == EXPECTED[name]
    records = [json.dumps({k: str(v) for k, v in vars(each).items()}) for each in caplog.records]
    written = "\n".join([caplog.text, *records, *lines, *capsys.readouterr()])
    assert SAID not in written
    assert SECRET not in written
    assert name == "without_an_agent" or caplog.records
