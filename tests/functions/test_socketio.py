"""functions/socketio: its events; what its handlers load before they answer."""

import importlib.util
import json
import subprocess
import sys

import pytest
from moto import mock_aws

from ops import ROOT
from tests.unit.socketio.poller import Door
from tests.unit.socketio.surroundings import Surroundings


def event(name):
    return json.loads((ROOT / "events" / "socketio" / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def here():
    with mock_aws():
        yield Surroundings(session_persistence=True)


def test_a_conversation_of_the_events(here):
    connection = event("connect")["requestContext"]["connectionId"]
    assert here._connect(event("connect"), None) == {"statusCode": 200}
    assert here.opened == [connection]
    here.gateway.open.add(connection)
    heard = []
    for name in ("socket_io_connect", "session_request", "user_uttered"):
        assert here._default(event(name), None) == {"statusCode": 200}
        heard.append(here.gateway.to(connection))
    assert heard == [
        [f'40{{"sid":"{connection}"}}'],
        ['42["session_confirm","3f6c2c1e9a"]', "430[]"],
        ["431[]"],
    ]
    [message] = here.inbox.queued
    assert (message.text, message.sender_id) == ("hi", "3f6c2c1e9a")
    assert message.metadata == {"page": "/pricing"}
    assert here._disconnect(event("disconnect"), None) == {"statusCode": 200}
    assert not [key for key in here.dynamodb.stored() if connection in str(key)]


def test_plain_json(here):
    connect = event("connect")
    del connect["queryStringParameters"]
    here._connect(connect, None)
    connection = connect["requestContext"]["connectionId"]
    here.gateway.open.add(connection)
    here._default(event("plain_json"), None)
    assert here.gateway.to(connection) == ['{"action":"ack","id":7}']


def test_health(lambda_handler):
    assert lambda_handler("socketio")(event("health"), None)["body"] == '{"status": "ok"}'


def test_long_polling(here):
    answer = Door(here)._handler(event("polling_handshake"), None)
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"][1:])["upgrades"] == ["websocket"]
    assert answer["headers"]["access-control-allow-origin"] == "https://www.example.com"


@pytest.mark.parametrize(
    "name", ["connect", "default", "disconnect", "opener", "keepalive", "polling"]
)
def test_handlers_without_credentials_answer_in_order(name, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("CREDENTIALS_PATH", "/stack/credentials")
    monkeypatch.delenv("AWS_SAM_LOCAL", raising=False)
    path = ROOT / "functions" / "socketio" / "app.py"
    spec = importlib.util.spec_from_file_location("functions_socketio", path)
    app = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(app)
    handler = getattr(app, name)
    if name == "connect":
        assert handler(event("connect"), None) == {"statusCode": 500}
    elif name in ("default", "disconnect"):
        given = event("user_uttered" if name == "default" else "disconnect")
        assert handler(given, None) == {"statusCode": 200}
    elif name == "polling":
        assert handler(event("polling_handshake"), None)["statusCode"] == 500
    elif name == "keepalive":
        body = json.dumps({"connection": "a", "check": "keep"})
        answer = handler({"Records": [{"messageId": "1", "body": body}]}, None)
        assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    else:
        with pytest.raises(Exception, match="state table"):
            handler({"connection": "a"}, None)


def test_what_is_slow_to_load_is_not_loaded():
    code = (
        "import sys; import app; "
        "from channels.handlers.sockets import connect, frames, long_polling, timers; "
        "from channels.aws import parameter_store; "
        "from channels.aws.client import async_invoke; "
        "from channels.aws.queues import inbox; "
        "slow = {'typing', 'dataclasses', 'asyncio', 'requests', 'boto3', 'jwt', 'yaml'}; "
        "print(sorted(slow & set(sys.modules)))"
    )
    folders = [str(ROOT / "layers" / "channels"), str(ROOT / "functions" / "socketio")]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {folders!r}; {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
