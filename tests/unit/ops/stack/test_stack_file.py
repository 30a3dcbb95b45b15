import json

import pytest

from ops.failure import Failure
from ops.stack import stack_file
from ops.stack.stack_file import StackFile

STACK = StackFile(
    http_url="http://127.0.0.1:4566/_aws/execute-api/1a2b3c4d",
    websocket_url=None,
    socketio_url=None,
    endpoint_url="http://127.0.0.1:4566",
    stack_name="channels-local",
    webchat_url=None,
    resources={"HttpApi": "1a2b3c4d"},
)


def test_written_and_read_again(tmp_path):
    STACK.write(tmp_path)
    assert StackFile.read(tmp_path) == STACK
    assert json.loads((tmp_path / "stack.json").read_text())["websocket_url"] is None


def test_no_stack(tmp_path):
    assert StackFile.read(tmp_path) is None
    STACK.write(tmp_path)
    stack_file.remove(tmp_path)
    stack_file.remove(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"http_url": "x"}', '{"other": 1}'])
def test_a_file_of_another_kind_is_named(tmp_path, text):
    (tmp_path / "stack.json").write_text(text)
    with pytest.raises(Failure, match=r"stack\.json"):
        StackFile.read(tmp_path)
