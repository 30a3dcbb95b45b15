"""`make test-channel`: which tests are one channel's."""

import pytest

from ops import ROOT
from tests.one_channel import OneChannel, main, names, paths

TESTS = ROOT / "tests"


@pytest.mark.parametrize(
    ("channel", "nodeid"),
    [
        ("slack", "tests/unit/slack/test_slack_text.py::test_any_text_can_be_read"),
        ("slack", "tests/functions/test_slack.py::test_it"),
        ("slack", "tests/contract/test_contract.py::test_it[slack]"),
        ("slack", "tests/contract/test_contract.py::test_it[slack-text]"),
        ("slack", "tests/contract/test_contract.py::test_it[text-slack]"),
        ("slack", "tests/functions/test_events.py::test_it[slack/message_im-True]"),
        ("twilio_voice", "tests/functions/test_events.py::test_it[twilio_voice/ringing]"),
        ("help_desk", "tests/addons/test_help_desk.py::test_it"),
    ],
)
def test_these_are(channel, nodeid):
    assert OneChannel(channel).has(nodeid)


@pytest.mark.parametrize(
    ("channel", "nodeid"),
    [
        ("slack", "tests/contract/test_contract.py::test_it[telegram]"),
        ("slack", "tests/contract/test_contract.py::test_what_slack_does[telegram]"),
        ("slack", "tests/functions/test_functions.py::test_it"),
        ("twilio", "tests/contract/test_contract.py::test_it[twilio_voice]"),
        ("twilio", "tests/unit/twilio_voice/test_twilio_voice.py::test_it"),
        ("rest", "tests/contract/test_contract.py::test_it[restored]"),
    ],
)
def test_these_are_not(channel, nodeid):
    assert not OneChannel(channel).has(nodeid)


def test_every_folder_of_a_channel_is_found():
    assert TESTS / "unit" / "slack" in paths("slack", TESTS)
    assert TESTS / "functions" / "test_slack.py" in paths("slack", TESTS)
    assert {"rest", "slack", "telegram", "twilio", "twilio_voice"} <= set(names(TESTS))
    assert "cmdline" not in names(TESTS), "it has no tests of its own"


def test_a_channel_of_somebodys_own_has_the_name_of_its_test(tmp_path):
    (tmp_path / "addons").mkdir()
    (tmp_path / "addons" / "test_help_desk.py").touch()
    assert names(tmp_path) == ["help_desk"]


@pytest.mark.parametrize(("arguments", "said"), [([""], "Give one"), (["slak"], "No channel")])
def test_an_unknown_name_is_told_the_others(arguments, said, capsys):
    assert main([*arguments, "-q"]) == 2
    told = capsys.readouterr().err
    assert told.startswith(said)
    assert "|slack|" in told
