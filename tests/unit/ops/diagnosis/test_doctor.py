import json

import pytest

from ops.__main__ import main
from ops.diagnosis import doctor
from ops.failure import Failure
from tests.unit.ops.moto_stack import arguments, moto_stack


def test_no_stack_at_all_is_not_checked(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path))
    assert main(["doctor", "--json"]) == 2
    said = json.loads(capsys.readouterr().out)
    assert said["error"].startswith("No local stack is up")
    assert "make up" in said["mend"]


def test_channels_are_those_of_the_stack():
    sections = {"slack": {}, "agent": {}, "custom/shop": {}, "conversations_api": {}}
    with moto_stack() as moto:
        assert doctor.chosen_sections([], sections, moto.stack) == ["custom/shop", "slack"]
        assert doctor.chosen_sections(["shop", "slack"], sections, moto.stack) == [
            "custom/shop",
            "slack",
        ]
        with pytest.raises(Failure, match="no credentials of 'telegram'"):
            doctor.chosen_sections(["telegram"], sections, moto.stack)


def test_the_conversations_api_is_warned_of():
    [found] = doctor.of_conversations_api({"conversations_api": {"tokn": "made-up"}})
    assert (found.level, found.subject) == ("warning", "conversations_api")
    assert "did you mean 'token'?" in found.what
    assert doctor.of_conversations_api({"conversations_api": {"token": "t"}, "rest": {}}) == []
    assert doctor.of_conversations_api({"rest": {}}) == []


def test_the_command_line():
    args = arguments("doctor", "telegram", "--url", "https://bot.example.com", "--json")
    assert (args.channels, args.url, args.json) == (["telegram"], "https://bot.example.com", True)
