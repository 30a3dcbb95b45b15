"""`ops channel new --built-in`: what it writes is a channel of the project, tests and all."""

import json
import re
import shutil

import pytest

from ops import ROOT
from ops.__main__ import main
from ops.failure import Failure
from ops.scaffold import built_in
from ops.scaffold.names import class_name, title_of
from ops.scaffold.shared_files import SHARED
from tests.unit.ops.scaffold.copies import commit, copy_of_the_project, git, run

#: What a new platform may touch outside its own folders and files.
MOST_SHARED = 12

OWN = [
    "docs/channels/{}.md",
    "events/{}/text.json",
    "functions/{}/app.py",
    "layers/channels/channels/{}/input.py",
    "ops/platforms/{}/registration.py",
    "tests/channels/{}/sample.py",
    "tests/unit/{}/test_{}.py",
    "tests/unit/ops/platforms/{}/test_registration.py",
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the project with a new channel in it, made by the command."""
    tree = tmp_path_factory.mktemp("tree")
    copy_of_the_project(tree)
    done = run(tree, "ops", "channel", "new", "--built-in", "help_desk", "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    tree.joinpath("said.json").write_text(done.stdout)
    return tree


@pytest.fixture
def root(tmp_path):
    """The shared files alone."""
    for path in SHARED:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    return tmp_path


def contents(root):
    return {path: path.read_text("utf-8") for path in root.rglob("*") if path.is_file()}


def test_it_says_what_it_wrote_and_what_is_left(tree):
    said = json.loads((tree / "said.json").read_text())
    changed = git(tree, "diff", "--name-only").split()
    new = set(git(tree, "ls-files", "--others", "--exclude-standard").split()) - {"said.json"}
    assert sorted(said["changed"]) == sorted(changed) == sorted(SHARED)
    assert set(said["written"]) == new
    assert {path.replace("{}", "help_desk") for path in OWN} <= new
    assert all("help_desk" in path for path in new)
    assert any("events/help_desk/" in each for each in said["left"])


def test_a_new_platform_touches_few_files_outside_its_own():
    assert len(SHARED) <= MOST_SHARED


def test_shared_files_only_get_lines(tree):
    """But for the dashboard, whose lines of three functions are broken once each."""
    removed = re.findall(r"^-(?!--)(.*)", git(tree, "diff", "-U0"), re.M)
    assert [line for line in removed if '["...", "${' not in line] == []
    assert len(removed) == 3
    for path in SHARED:
        assert "my_platform" not in (tree / path).read_text("utf-8").lower(), path


#: The tests of the copy that are run for it: its own, the contract, what the repository wants.
CHOSEN = [
    "tests/unit/help_desk",
    "tests/unit/ops/platforms/help_desk",
    "tests/unit/ops/events",
    "tests/contract",
    "tests/functions/test_events.py",
    "tests/repository/test_channel_folders.py",
    "tests/repository/test_channel_pages.py",
    "tests/repository/test_declared_settings.py",
    "tests/repository/test_documentation_site.py",
    "tests/repository/test_imports.py",
    "tests/repository/test_structure.py",
    "tests/template/test_dashboard.py",
    "tests/template/test_template.py",
]
#: Of them those about the channel, and those about all channels or functions together.
ABOUT = (
    "help_desk or every_page or imports or channel_has_a_row or under_contract or index"
    " or example_shows or folder or its_own_credentials or may_capture or log_group or alarm"
)


def test_what_it_writes_passes_its_own_the_contracts_and_the_repositorys_tests(tree):
    done = run(tree, "pytest", "-q", "-p", "no:cacheprovider", *CHOSEN, "-k", ABOUT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 150


def test_what_it_writes_passes_the_checks(tree):
    written = json.loads((tree / "said.json").read_text())["written"]
    modules = [path for path in written if path.endswith(".py")]
    for arguments in (
        ["ruff", "check", *modules],
        ["ruff", "format", "--check", *modules],
        ["mypy", *(path for path in modules if not path.startswith("tests"))],
    ):
        done = run(tree, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_second_one_stands_after_the_first_and_undoing_leaves_nothing(tree):
    done = run(tree, "ops", "channel", "new", "--built-in", "fax", "--json")
    refused = json.loads(done.stdout)
    assert (done.returncode, "not committed: " in refused["error"]) == (1, True)
    commit(tree)
    done = run(tree, "ops", "channel", "new", "--built-in", "fax", "--title", "Fax & Co.")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Left to you" in done.stdout
    template = (tree / "template.yaml").read_text("utf-8")
    assert template.index("\n  HelpDeskFunction:") < template.index("\n  FaxFunction:")
    assert template.count("!Ref FaxFunctionRole") == template.count("!Ref HelpDeskFunctionRole")
    assert "| Fax & Co. | `fax` |" in (tree / "README.md").read_text("utf-8")
    git(tree, "checkout", "-q", ".")
    git(tree, "clean", "-qfd")
    again = run(tree, "ops", "channel", "new", "--built-in", "help_desk", "--json")
    assert json.loads(again.stdout)["error"] == "'help_desk' is a built-in channel"


@pytest.mark.parametrize("name", ["ab", "abcdefghijklmnopqrst", "a_b_c", "x2"])
def test_names_of_any_length_fit_the_lines(root, name):
    """Ruff's own configuration is needed: a copy of it stands beside."""
    shutil.copy(ROOT / "pyproject.toml", root / "pyproject.toml")
    title = "An Xxxxxxxxxxxxxxxxx Ltd" if len(name) > 10 else ""
    written = built_in.write(name, title, root)
    modules = [str(path) for path in written.new if path.suffix == ".py"]
    for arguments in (["check", "--ignore", "I001"], ["format", "--check"]):
        done = run(root, "ruff", *arguments, *modules)
        assert done.returncode == 0, done.stdout + done.stderr
    for path in written.new:
        text = (root / path).read_text("utf-8")
        assert not re.search("my.?platform", text, re.I), path
        assert name in str(path)


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("Fax", "cannot be a channel's name"),
        ("a" * 21, "cannot be a channel's name"),
        ("slack", "is a built-in channel"),
        ("agent", "is a section of credentials.yml that is no channel"),
    ],
)
def test_a_bad_name_writes_nothing(root, name, cause):
    before = contents(root)
    with pytest.raises(Failure, match=cause) as failure:
        built_in.write(name, "", root)
    assert failure.value.mend
    assert contents(root) == before


@pytest.mark.parametrize("title", ["Fax\n", "`Fax`", "| Fax", "F" * 25, " Fax"])
def test_a_bad_title_writes_nothing(root, title):
    before = contents(root)
    with pytest.raises(Failure, match="cannot be a channel's title"):
        built_in.write("fax", title, root)
    assert contents(root) == before


@pytest.mark.parametrize(
    "path",
    [
        *(path.replace("{}", "fax") for path in OWN),
        "events/fax/mine.json",
        "layers/channels/addons/fax.py",
    ],
)
def test_what_is_there_is_left_as_it_is(root, path):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text("mine")
    before = contents(root)
    with pytest.raises(Failure, match=r"'fax' is there already: .*fax"):
        built_in.write("fax", "", root)
    assert contents(root) == before


@pytest.mark.parametrize("path", SHARED)
def test_a_shared_file_that_has_no_place_for_it_stops_all(root, path):
    (root / path).write_text("something else\n")
    before = contents(root)
    with pytest.raises(Failure, match=f"{re.escape(path)} has no place"):
        built_in.write("fax", "", root)
    assert contents(root) == before
    (root / path).unlink()
    with pytest.raises(Failure, match=f"{re.escape(path)} cannot be read"):
        built_in.write("fax", "", root)


def test_what_cannot_be_written_leaves_nothing_half_written(root):
    (root / "tests").write_text("a file in the place of a folder")
    before = contents(root)
    folders = {path for path in root.rglob("*") if path.is_dir()}
    with pytest.raises(Failure, match="cannot be written"):
        built_in.write("fax", "", root)
    assert contents(root) == before
    assert {path for path in root.rglob("*") if path.is_dir()} == folders


def test_names_of_classes_and_titles():
    assert [class_name(each) for each in ("fax", "help_desk", "x2_y")] == ["Fax", "HelpDesk", "X2Y"]
    assert [title_of(each) for each in ("fax", "help_desk")] == ["Fax", "Help Desk"]


def test_a_title_of_a_custom_channel_is_refused(capsys):
    assert main(["channel", "new", "fax", "--title", "Fax", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"] == "--title is for --built-in"
