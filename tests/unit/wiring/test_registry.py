"""Channels by name and by module path, and the file that names them."""

import sys

import pytest

import addons
from channels.channel import InputChannel
from channels.errors import CredentialsError, CredentialsMissing, VerificationError
from channels.http.request import Request
from channels.wiring.credentials import load_credentials, parse_credentials, problems, stored
from channels.wiring.registry import BUILT_IN, Channels, channel_class, create_channel


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_built_in_name_is_its_class_name(name):
    assert channel_class(name).name() == name


def test_a_module_path_is_its_class():
    assert channel_class("channels.channel.InputChannel") is InputChannel


@pytest.mark.parametrize("name", ["nope", "", ".", "addons.missing.MyIO", "channels.rest.Missing"])
def test_an_unknown_name_is_told_in_rasas_words(name):
    with pytest.raises(CredentialsError, match=f"Failed to find input channel class for '{name}'"):
        channel_class(name)


def test_a_built_in_channel_that_cannot_be_imported_is_told_with_the_cause(monkeypatch):
    monkeypatch.setitem(BUILT_IN, "slack", "channels.no_such_module.SlackInput")
    with pytest.raises(CredentialsError, match=r"'slack': No module named 'channels\.no_such") as e:
        channel_class("slack")
    assert "did you mean" not in str(e.value)


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
        ("rest: 5", "c.yml: line 1: the section 'rest' must be a mapping"),
        ("rest: !!python/object:os.system {}", "c.yml: line 1: a value that begins with !"),
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
    assert [each.section for each in found] == ["nope"]
    [found] = problems({"rest": {"token": ""}})
    assert (found.section, found.key, found.nearest) == ("rest", None, None)
    assert "token" in found.what


@pytest.fixture
def module(tmp_path, monkeypatch):
    """`module(name, text)` puts a module on the path."""
    monkeypatch.syspath_prepend(tmp_path)
    written = []

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(f"from channels.channel import InputChannel\n{text}")
        written.append(name)

    yield write
    for name in written:
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1 / 0", "its module raised ZeroDivisionError"),
        ("class MyIO(:", "its module raised SyntaxError"),
        ("import telnet_nowhere", "add it to layers/channels/addons/requirements.txt"),
        ("class MyIO: pass", "must subclass InputChannel"),
    ],
)
def test_a_module_that_cannot_be_imported_is_told(module, text, told):
    module("bad_channel", text)
    with pytest.raises(CredentialsError, match=told):
        channel_class("bad_channel.MyIO")


CLASS = """
from rasa.shared.exceptions import RasaException

class MyIO(InputChannel):
    @classmethod
    def from_credentials(cls, credentials):
        {}
"""


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("return cls(credentials['url'])", "KeyError: 'url'"),
        ("return cls(credentials)", "TypeError: "),
        ("int('secret')", "ValueError$"),
        ("cls.raise_missing_credentials_exception()", "To use the MyIO channel"),
        ("raise RasaException('mine')", "ChannelError: mine"),
    ],
)
def test_a_class_that_cannot_be_made_of_its_settings_is_told(module, made, told):
    module("unmade_channel", CLASS.format(made))
    with pytest.raises(CredentialsError, match=told):
        create_channel("unmade_channel.MyIO", {})


def channel_text(name, more="pass"):
    return f"class MyIO(InputChannel):\n    def name():\n        return {name!r}\n    {more}\n"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("rest", "has the name of the built-in channel 'rest'"),
        ("/absolute", "letters, digits"),
        ("two/parts", "letters, digits"),
        ("", "letters, digits"),
        (None, "letters, digits"),
        ("x" * 65, "letters, digits"),
    ],
)
def test_a_name_that_cannot_be_served_is_a_problem(module, name, told):
    module("named_channel", channel_text(name))
    [problem] = problems({"named_channel.MyIO": {}})
    assert told in problem.what


def test_two_channels_of_one_name_are_a_problem(module):
    module("first_channel", channel_text("mine"))
    module("second_channel", channel_text("mine"))
    [found] = problems({"first_channel.MyIO": {}, "second_channel.MyIO": {}})
    assert found.section == "second_channel.MyIO"
    assert found.what == "has the same name() as 'first_channel.MyIO': give it a different one"


def test_a_blueprint_that_asks_for_too_much_is_a_problem(module):
    blueprint = "def blueprint(self, on_new_message): from sanic import Config"
    module("greedy_channel", channel_text("greedy", blueprint))
    [problem] = problems({"greedy_channel.MyIO": {}})
    assert "'sanic.Config' is not in the part of Sanic" in problem.what


def test_a_blueprint_of_something_else_is_a_problem(module):
    blueprint = "def blueprint(self, on_new_message): return {}"
    module("other_channel", channel_text("other", blueprint))
    [problem] = problems({"other_channel.MyIO": {}})
    assert "blueprint() must return a Sanic Blueprint, not builtins.dict" in problem.what


def test_a_module_in_addons_is_found_by_its_own_name(tmp_path, monkeypatch):
    """Rasa's older documentation names the class `mypackage.MyIO`."""
    monkeypatch.setattr(addons, "__path__", [*addons.__path__, str(tmp_path)])
    text = f"from channels.channel import InputChannel\n{channel_text('packaged')}"
    (tmp_path / "mypackage.py").write_text(text)
    made = create_channel("mypackage.MyIO", {})
    assert (type(made).__module__, made.name()) == ("addons.mypackage", "packaged")
    for missing in ("nowhere.MyIO", "mypackage.below.MyIO"):
        with pytest.raises(CredentialsError, match=r"No module named '(nowhere|mypackage)'"):
            create_channel(missing, {})


def test_a_stack_keeps_a_custom_channel_under_its_route(module):
    module("kept_channel", channel_text("mine"))
    assert stored({"rest": {"token": "t"}, "kept_channel.MyIO": {"a": 1}}) == {
        "rest": {"token": "t"},
        "custom/mine": {"class": "kept_channel.MyIO", "settings": {"a": 1}},
    }


def test_channels_find_a_custom_one_by_its_route(module):
    module("found_channel", channel_text("mine"))
    sections = stored({"found_channel.MyIO": {}})
    channels = Channels(lambda name: sections.get(name, {}))
    assert channels("mine").name() == "mine"
    assert channels("mine") is channels("mine")
    with pytest.raises(CredentialsMissing):
        channels("other")
