"""Channels by name and by module path, and the file that names them."""

import pytest

from channels.channel import InputChannel
from channels.credentials import load_credentials, parse_credentials, problems
from channels.errors import CredentialsError, VerificationError
from channels.registry import BUILT_IN, channel_class, create_channel
from channels.request import Request


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_built_in_name_is_its_class_name(name):
    assert channel_class(name).name() == name


def test_a_module_path_is_its_class():
    assert channel_class("channels.channel.InputChannel") is InputChannel


@pytest.mark.parametrize("name", ["nope", "", ".", "addons.missing.MyIO", "channels.rest.Missing"])
def test_an_unknown_name_is_told_in_rasas_words(name):
    with pytest.raises(CredentialsError, match=f"Failed to find input channel class for '{name}'"):
        channel_class(name)


def test_a_channel_is_made_of_its_section():
    channel = create_channel("rest", {"token": "t"})
    channel.verify(Request(headers={"authorization": "Bearer t"}))
    with pytest.raises(VerificationError):
        channel.verify(Request())


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ("rest:\nslack:\n  slack_token: t\n", {"rest": {}, "slack": {"slack_token": "t"}}),
        ("rest: {}", {"rest": {}}),
        ("", {}),
        ("# nothing\n", {}),
        ("facebook:\n  1: a\n", {"facebook": {"1": "a"}}),
    ],
)
def test_credentials_are_sections_of_settings(text, sections):
    assert parse_credentials(text) == sections


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rest: [", "c.yml: line 1: not valid YAML"),
        ("rest: {a: 1\n\n", r"c.yml: line \d: not valid YAML"),
        ("- rest", "c.yml: must be a mapping"),
        ("rest: 5", "c.yml: the section 'rest' must be a mapping"),
        ("rest: !!python/object:os.system {}", "c.yml: line 1: not valid YAML"),
        ("a: \x07", "not valid YAML"),
    ],
)
def test_a_bad_file_is_told_with_its_name_and_line(text, message):
    with pytest.raises(CredentialsError, match=message):
        parse_credentials(text, source="c.yml")


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(CredentialsError, match="cannot be read"):
        load_credentials(tmp_path / "missing.yml")
    (tmp_path / "latin.yml").write_bytes(b"rest: {token: \xe9}")
    with pytest.raises(CredentialsError, match="not UTF-8"):
        load_credentials(tmp_path / "latin.yml")


def test_problems_name_each_section_that_cannot_work():
    found = problems({"rest": {}, "nope": {}, "cmdline": {}, "agent": {"token": "t"}})
    assert list(found) == ["nope"]
    assert "token" in problems({"rest": {"token": ""}})["rest"]
