"""docs/migrating-from-rasa.md: Rasa's credentials serve as they are, no channel is missing."""

import json
import re

import pytest
import yaml

from channels.wiring.registry import BUILT_IN
from ops import ROOT
from ops.__main__ import main
from tests.documentation import Page

PAGE = Page("docs/migrating-from-rasa.md")
[FILE] = [text for language, text in PAGE.blocks if language == "yaml"]

#: The modules under Rasa's names, one a channel; callback has none.
MODULES = ROOT / "layers" / "channels" / "rasa" / "core" / "channels"

#: The channels that Rasa has too.
RASAS = {"callback"} | {
    name for name, path in BUILT_IN.items() if (MODULES / f"{path.split('.')[1]}.py").is_file()
}


@pytest.fixture
def check(tmp_path, capsys):
    """Checks sections as the page tells to; gives what the command says."""

    def call(sections):
        path = tmp_path / "credentials.yml"
        path.write_text(yaml.safe_dump(sections))
        main(["credentials", "check", str(path), "--json"])
        return json.loads(capsys.readouterr().out)

    return call


def test_the_file_of_rasa_is_complete(check):
    sections = yaml.safe_load(FILE)
    assert set(sections) == RASAS
    said = check(sections)
    assert said["problems"] == []
    [made] = re.findall(r"registered \((.*?)\)", " ".join(PAGE.text.split()))
    assert len(said["unregistered"]) == len(made.split(", "))


def test_without_the_addition_it_says_what_is_missing(check):
    sections = yaml.safe_load(FILE)
    del sections["twilio_voice"]["auth_token"]
    [problem] = check(sections)["problems"]
    assert problem["section"] == "twilio_voice"
    assert "'auth_token' is needed" in problem["what"]


def test_every_channel_is_compared():
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.text, re.M)
    assert sorted(rows) == sorted(RASAS)
