"""`ops channel new`: what it writes works as it is."""

import json
import re

import pytest

from ops.__main__ import main, parser
from ops.failure import Failure
from ops.scaffold.custom import write
from tests.unit.ops.scaffold.copies import copy_of_the_project, run

WRITTEN = [
    "layers/channels/addons/my_channel.py",
    "tests/addons/test_my_channel.py",
    "events/my_channel/health.json",
    "events/my_channel/malformed.json",
    "events/my_channel/text.json",
]


def test_it_writes_connector_test_and_events(tmp_path):
    written = write("help_desk2", tmp_path)
    assert [str(path) for path in written] == [
        name.replace("my_channel", "help_desk2") for name in WRITTEN
    ]
    connector = (tmp_path / written[0]).read_text()
    assert "class HelpDesk2(InputChannel):" in connector
    assert "addons.help_desk2.HelpDesk2:" in connector
    for path in written:
        text = (tmp_path / path).read_text()
        assert "my_channel" not in text
        assert "MyChannel" not in text


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("", "cannot be a channel's name"),
        ("My", "cannot be a channel's name"),
        ("my-channel", "cannot be a channel's name"),
        ("my channel", "cannot be a channel's name"),
        ("2nd", "cannot be a channel's name"),
        ("_my", "cannot be a channel's name"),
        ("my__channel", "cannot be a channel's name"),
        ("../evil", "cannot be a channel's name"),
        ("caf\u00e9", "cannot be a channel's name"),
        ("class", "cannot be a channel's name"),
        ("a" * 41, "cannot be a channel's name"),
        ("slack", "is a built-in channel"),
        ("agent", "is a section of credentials.yml that is no channel"),
    ],
)
def test_a_bad_name_writes_nothing(tmp_path, name, cause):
    with pytest.raises(Failure, match=cause) as failure:
        write(name, tmp_path)
    assert failure.value.mend
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "path",
    [*WRITTEN[:2], "events/my_channel/mine.json", "layers/channels/addons/my_channel/input.py"],
)
def test_what_is_there_is_left_as_it_is(tmp_path, path):
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text("mine")
    with pytest.raises(Failure, match=r"'my_channel' is there already: .*my_channel"):
        write("my_channel", tmp_path)
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [tmp_path / path]
    assert (tmp_path / path).read_text() == "mine"


def test_the_command_tells_a_bad_name(capsys):
    assert main(["channel", "new", "Bad-Name", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["error"] == "'Bad-Name' cannot be a channel's name"
    assert "lower-case letters" in answer["mend"]


def test_help_says_what_is_written(capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["channel", "new", "--help"])
    said = capsys.readouterr().out
    for part in ("layers/channels/addons/NAME.py", "tests/addons/test_NAME.py", "events/NAME/"):
        assert part in said
    assert "contract tests" in said


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the project with a new channel in it, made by the command."""
    tree = tmp_path_factory.mktemp("tree")
    copy_of_the_project(tree)
    done = run(tree, "ops", "channel", "new", "help_desk", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["section"] == "addons.help_desk.HelpDesk"
    return tree


def test_what_it_writes_passes_its_own_and_the_contract_tests(tree):
    quietly = ("-q", "-p", "no:cacheprovider")
    done = run(tree, "tests.one_channel", "help_desk", *quietly)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 30
    done = run(tree, "pytest", *quietly, "tests/repository", "-k", "help_desk or addons")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_it_writes_passes_the_checks(tree):
    files = ["layers/channels/addons/help_desk.py", "tests/addons/test_help_desk.py"]
    for arguments in (
        ["ruff", "check", *files],
        ["ruff", "format", "--check", *files],
        ["mypy", files[0]],
    ):
        done = run(tree, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
