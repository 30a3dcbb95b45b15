import socket
import stat
import sys
from pathlib import Path

import pytest

from ops.failure import Failure
from ops.local import preflight
from ops.local.up import bring_up
from ops.output import Output
from ops.settings import LocalSettings


def settings(folder, **changes):
    defaults = {"port": None, "local_dir": folder, "credentials": None, "parameters": {}}
    return LocalSettings(**(defaults | changes))


def test_this_environment_is_complete():
    preflight.require_tools()


def test_an_incomplete_environment_is_mended_by_setup(tmp_path):
    with pytest.raises(Failure) as refused:
        preflight.require_tools(ministack_python=tmp_path / "python")
    assert "make setup" in refused.value.mend
    with pytest.raises(Failure) as refused:
        preflight.require_tools(bin_folder=tmp_path)
    assert "make setup" in refused.value.mend


def test_make_is_needed(tmp_path, monkeypatch):
    (tmp_path / "sam").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failure) as refused:
        preflight.require_tools(Path(sys.executable), tmp_path)
    assert "`make`" in refused.value.cause


def test_the_folder_is_made(tmp_path):
    preflight.require_folder(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_the_folder_is_its_user_s_alone(tmp_path):
    preflight.require_folder(tmp_path / "local")
    assert stat.S_IMODE((tmp_path / "local").stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Failure, match="file/b"):
        preflight.require_folder(tmp_path / "file" / "b")


def test_a_free_port_is_taken(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert preflight.choose_port(settings(tmp_path, port=port)) == (port, False)


@pytest.mark.parametrize(
    ("text", "parameters", "told"),
    [
        ("rest:\n  tokn: a-long-enough-token-for-a-test\n", {}, "did you mean 'token'?"),
        ("agent: {timeout: abc}\n", {"RasaUrl": "http://127.0.0.1:5005"}, "'timeout' must be"),
        ("conversations_api:\n", {}, "'token' is needed"),
    ],
)
def test_up_refuses_what_does_not_work_before_it_starts_or_builds_anything(
    tmp_path, text, parameters, told
):
    file = tmp_path / "mine.yml"
    file.write_text(text)
    local_dir = tmp_path / "local"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = settings(local_dir, port=port, credentials=file, parameters=parameters)
    with pytest.raises(Failure, match=r"sections that do not work: ") as refused:
        bring_up(given, Output())
    assert [told in line for line in refused.value.details] == [True]
    assert [each.name for each in local_dir.iterdir()] == ["lock"]
