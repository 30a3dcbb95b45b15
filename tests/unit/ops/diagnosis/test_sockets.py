"""What is told of the sockets and the chat page, by a channel's section on the stack."""

import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from channels.handlers.webchat import Webchat
from channels.wiring.settings import Settings
from ops import ROOT
from ops.diagnosis.sockets import Answers, SocketAddresses, examine_sockets
from ops.findings import Findings
from ops.stack.site import Site
from ops.stack.stack_file import StackFile
from tests.browser.socket_server import socket_server
from tests.browser.web_server import lambda_answers, web_server
from tests.servers.recording_server import recording_server
from tests.unit.ops.moto_stack import moto_stack

OPEN = {"session_persistence": True}
KEY = "a key of the tests that has 32 bytes"
STATIC = ROOT / "functions" / "webchat" / "static"


@pytest.fixture(scope="module")
def addresses():
    """A Socket.IO server that lets everybody in, and a chat page that leads there."""
    with (
        socket_server() as url,
        web_server(lambda_answers(Webchat(STATIC, Settings({"WEBSOCKET_URL": url})))) as page,
    ):
        polling = url.replace("ws://", "http://").removesuffix("/socket.io")
        yield SocketAddresses(url, polling, f"{page}/webchat")


def examine(addresses, section):
    findings = Findings("socketio")
    answers = examine_sockets(addresses, section, findings)
    return answers, [(each.level.value, each.what, each.mend) for each in findings]


def test_all_is_well(addresses):
    answers, findings = examine(addresses, OPEN)
    assert answers == Answers(websocket=True, polling=True, page=True, token=False)
    assert [level for level, _, _ in findings] == ["ok"] * 3


def test_without_a_section_it_is_told_what_to_add(addresses):
    answers, [(level, what, mend)] = examine(addresses, None)
    assert answers == Answers()
    assert level == "warning"
    assert "off: the stack has no credentials of 'socketio'" in what
    assert "socketio: {session_persistence: true}" in mend
    assert "credentials push" in mend


def test_what_a_stack_does_not_have_is_not_tried():
    assert examine(SocketAddresses(None, None, None), OPEN) == (Answers(), [])


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_stack_that_lets_nobody_in(status):
    with recording_server(lambda request: (status, b"", {})) as server:
        websocket_url = server.url.replace("http://", "ws://")
        addresses = SocketAddresses(websocket_url, server.url, f"{server.url}/webchat")
        answers, findings = examine(addresses, OPEN)
    assert answers == Answers()
    assert [level for level, _, _ in findings] == ["error"] * 3
    assert all(f"answers {status}" in what for _, what, _ in findings)
    mend = "credentials push" if status < 500 else "SocketConnectFunction"
    assert all(mend in each for _, _, each in findings)


@pytest.mark.parametrize(
    ("section", "what", "mend"),
    [
        ({**OPEN, "user_message_evt": "said"}, "the channel's 'user_message_evt'", "event names"),
        ({**OPEN, "bot_message_evt": "heard"}, "the channel's 'bot_message_evt'", "event names"),
        ({**OPEN, "allowed_origins": ["https://a.test"]}, "'allowed_origins' lacks http://", "Add"),
    ],
)
def test_a_channel_that_is_not_for_the_chat_page(addresses, section, what, mend):
    answers, findings = examine(addresses, section)
    assert answers == Answers(websocket=True, polling=True, page=False)
    [(level, told, advice)] = [each for each in findings if each[0] != "ok"]
    assert level == "warning"
    assert what in told
    assert mend in advice


def test_a_page_that_forgets(addresses):
    answers, findings = examine(addresses, {})
    assert answers == Answers(websocket=True, polling=True, page=True)
    [(level, what, _)] = [each for each in findings if each[0] != "ok"]
    assert (level, "session_persistence" in what) == ("warning", True)


@pytest.mark.parametrize("section", [{"namespace": 5}, {"jwt_key": KEY, "jwt_method": "none"}])
def test_a_section_that_does_not_work(addresses, section):
    answers, [(level, _, mend)] = examine(addresses, section)
    assert (answers, level) == (Answers(), "error")
    assert "credentials push" in mend
    assert KEY not in mend


def connects(requests):
    """The data of each CONNECT that came over long polling."""
    posted = [each.body.decode() for each in requests if each.method == "POST"]
    return [json.loads(each[2:] or "{}") for each in posted if each.startswith("40")]


def test_a_client_brings_the_token_that_the_channel_wants():
    answers = iter([b'0{"sid":"s"}', b"ok", b'40{"sid":"t"}', b"ok"])
    with recording_server(lambda request: (200, next(answers), {})) as server:
        addresses = SocketAddresses(None, server.url, None)
        told, _ = examine(addresses, {**OPEN, "jwt_key": f" {KEY}\n"})
        [connect] = connects(server.requests)
    assert told == Answers(polling=True, token=True)
    assert jwt.decode(connect["token"], KEY, algorithms=["HS256"])["exp"]


def test_where_nobody_here_can_sign_a_token_its_refusal_is_as_it_should_be():
    public = generate_private_key(65537, 2048).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    answers = iter([b'0{"sid":"s"}', b"ok", b'44{"message":"Authentication error"}'])
    with recording_server(lambda request: (200, next(answers), {})) as server:
        addresses = SocketAddresses(None, server.url, None)
        section = {**OPEN, "jwt_key": pem, "jwt_method": "RS256"}
        told, [(level, what, _)] = examine(addresses, section)
        assert connects(server.requests) == [{}]
    assert (told, level) == (Answers(polling=True, token=True), "ok")
    assert "up to the token (RS256: none can be made here)" in what


def test_a_refusal_though_no_token_is_wanted_is_an_error():
    answers = iter([b'0{"sid":"s"}', b"ok", b'44{"message":"Authentication error"}'])
    with recording_server(lambda request: (200, next(answers), {})) as server:
        told, [(level, what, mend)] = examine(SocketAddresses(None, server.url, None), OPEN)
    assert (told, level) == (Answers(), "error")
    assert "lets no client in: Authentication error" in what
    assert "within 5 minutes" in mend


def test_the_addresses_of_a_stack_on_aws_are_its_outputs():
    template = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {"WebSocketUrl": {"Value": "wss://s.test"}, "Other": {"Value": "x"}},
    }
    site = Site("https://public.test", "https://public.test", "https://own.test")
    with moto_stack() as moto:
        client = moto.stack.session.client("cloudformation")
        client.create_stack(StackName=moto.stack.name, TemplateBody=json.dumps(template))
        found = SocketAddresses.of(moto.stack, site)
    assert found == SocketAddresses("wss://s.test", "https://own.test", None)


def test_the_addresses_of_the_local_stack_are_those_of_its_file():
    stack = StackFile("http://a", "ws://b", "http://c", "http://d", "chat", "http://e", {})
    assert SocketAddresses.of_local(stack) == SocketAddresses("ws://b", "http://c", "http://e")
