"""The handlers: who is let in, what junk does, OPEN, the looks at connections later."""

import json

import pytest
from moto import mock_aws

from channels.aws.client.json_api import ServiceError
from channels.errors import PlatformUnavailable, RateLimited
from channels.handlers.sockets.timers import Keepalive, Opener
from tests.unit.socketio.surroundings import Surroundings

EIO4 = {"EIO": "4", "transport": "websocket"}


@pytest.fixture
def here():
    with mock_aws():
        yield Surroundings(session_persistence=True)


class Checks:
    """Remembers what is to be looked at later."""

    def __init__(self):
        self.asked = []

    def later(self, connection_id, check):
        self.asked.append((connection_id, check))


@pytest.fixture
def checks():
    return Checks()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (EIO4, 200),
        ({"EIO": "3", "transport": "websocket"}, 200),
        ({"EIO": "4"}, 200),
        (None, 200),
        ({}, 200),
        ({"x": "y"}, 200),
        ({"EIO": "2"}, 400),
        ({"EIO": "5"}, 400),
        ({"EIO": ""}, 400),
        ({"EIO": "4", "transport": "polling"}, 400),
    ],
)
def test_versions(here, query, status):
    assert here.connect("a", query) == status
    assert bool(here.dynamodb.items()) is (status == 200)


def test_only_socket_io_clients_wait_for_an_open(here):
    here.connect("a", EIO4)
    here.connect("b")
    assert here.opened == ["a"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://www.example.com", 200),
        ("https://WWW.example.com", 200),
        (None, 200),
        ("https://example.com", 403),
        ("http://www.example.com", 403),
        ("https://www.example.com.evil.example", 403),
        ("null", 403),
    ],
)
@pytest.mark.parametrize("header", ["Origin", "origin"])
def test_origins(here, origin, status, header):
    here.use(allowed_origins=["https://www.example.com/"])
    headers = {header: origin} if origin else {}
    assert here.connect("a", EIO4, {"Host": "x", **headers}) == status


def test_a_table_that_is_down_lets_nobody_in(here):
    here.dynamodb.call = failing("InternalServerError")
    assert here.connect("a", EIO4) == 500


def test_an_opener_that_cannot_be_started_lets_nobody_in(here):
    here._connect._opener = failing("TooManyRequestsException")
    assert here.connect("a", EIO4) == 500


def failing(code):
    def fail(*arguments):
        raise ServiceError("x", code)

    return fail


@pytest.mark.parametrize("kind", ["MESSAGE", "DISCONNECT", None])
def test_a_frame_that_names_the_connect_route_does_nothing(here, kind):
    event = here.event(kind, "a", "$connect")
    assert here._connect(event, None) == {"statusCode": 200}
    assert here.dynamodb.calls == []


@pytest.mark.parametrize("kind", ["CONNECT", "MESSAGE", None])
def test_a_frame_that_names_the_disconnect_route_does_nothing(here, kind):
    here.client("a", "s")
    assert here._disconnect(here.event(kind, "a", "$disconnect"), None) == {"statusCode": 200}
    assert here.rooms.connections.get("a").session == "s"


def test_an_unknown_connection_is_closed_so_that_it_connects_anew(here):
    here.gateway.open.add("a")
    assert here.send("a", '42["user_uttered",{}]') == []
    assert here.gateway.open == set()


def test_an_old_connection_is_unknown(here):
    here.client("a")
    here.now += 3 * 3600
    here.send("a", "3")
    assert here.gateway.open == set()


def test_no_acknowledgement_while_the_inbox_refuses(here):
    here.client("a", "s")
    here.inbox.is_down = True
    assert here.send("a", '427["user_uttered",{"message":"hi"}]') == [
        '42["error",{"message":"the message could not be taken: send it again"}]'
    ]
    here.inbox.is_down = False
    assert here.send("a", '427["user_uttered",{"message":"hi"}]') == ["437[]"]


def test_junk_is_borne_for_a_while(here):
    here.client("a")
    here.send("a", *["42notjson"] * 19)
    assert "a" in here.gateway.open
    assert here.send("a", '421["session_request",{"session_id":"s"}]')[-1] == "431[]"
    here.send("a", "\x00")
    assert here.gateway.open == set()


def test_a_frame_too_large_ends_the_connection(here):
    here.client("a")
    [error] = here.send("a", '42["user_uttered",{"message":"%s"}]' % ("x" * 32_768))
    assert "32768" in error
    assert here.gateway.open == set()


def test_secrets_and_texts_stay_out_of_the_log(here, caplog):
    caplog.set_level("DEBUG")
    here.use(jwt_key="k" * 32)
    here.connect("a", {**EIO4, "token": "made.up.token"})
    here.use()
    here.client("b", "a-session")
    here.send("b", '42["user_uttered",{"message":"my secret"}]', "42my secret")
    assert not [each for each in ("my secret", "made.up.token") if each in caplog.text]


@pytest.mark.parametrize("body", [None, "", "AAEC"])
@pytest.mark.parametrize("encoded", [True, False])
def test_a_frame_without_text_is_no_failure(here, caplog, body, encoded):
    here.client("a", "s")
    event = here.event("MESSAGE", "a", "$default") | {"body": body, "isBase64Encoded": encoded}
    assert here._default(event, None) == {"statusCode": 200}
    assert not [record for record in caplog.records if record.exc_info]


def test_a_message_whose_session_cannot_be_joined_is_to_be_sent_again(here):
    here.client("a")
    works = here.dynamodb.call

    def call(operation, parameters):
        if operation == "TransactWriteItems":
            raise ServiceError(operation, "InternalServerError")
        return works(operation, parameters)

    here.dynamodb.call = call
    frame = '427["user_uttered",{"message":"hi","session_id":"s"}]'
    assert here.send("a", frame) == [
        '42["error",{"message":"the message could not be taken: send it again"}]'
    ]
    here.dynamodb.call = works
    assert here.send("a", frame) == ["437[]"]
    assert len(here.inbox.queued) == 1


class TestOpener:
    def opener(self, here, checks, sleep=lambda seconds: None):
        return Opener(lambda: here.channel, here.rooms, checks, sleep)

    def test_open_comes_once(self, here, checks):
        here.connect("a", EIO4)
        for _ in range(2):
            self.opener(here, checks)({"connection": "a"}, None)
        [frame] = here.gateway.to("a")
        document = json.loads(frame[1:])
        assert frame[0] == "0"
        assert (document["sid"], document["upgrades"]) == ("a", [])
        assert document["pingInterval"] + document["pingTimeout"] < 2**31
        assert document["maxPayload"] == 32_768
        assert checks.asked == [("a", "connected")]

    def test_socket_io_2_is_connected_with_it(self, here, checks):
        here.connect("a", {"EIO": "3"})
        self.opener(here, checks)({"connection": "a"}, None)
        first, second = here.gateway.to("a")
        assert (first[0], second) == ("0", "40")
        assert json.loads(first[1:])["pingInterval"] <= 480_000, "the client keeps it open"
        assert checks.asked == []

    @pytest.mark.parametrize("keepalive", [True, False])
    def test_nothing_but_a_ping_in_time_keeps_a_client(self, here, checks, keepalive):
        here.use(keepalive=keepalive)
        here.connect("a", EIO4)
        self.opener(here, checks)({"connection": "a"}, None)
        handshake = json.loads(here.gateway.to("a")[0][1:])
        patience = handshake["pingInterval"] + handshake["pingTimeout"]
        assert patience < 2**31
        assert patience > (480_000 if keepalive else 7_200_000)

    def test_a_connection_that_does_not_stand_yet_is_waited_for(self, here, checks):
        here.connect("a", EIO4)
        here.gateway.open.discard("a")
        slept = []

        def sleep(seconds):
            slept.append(seconds)
            if len(slept) == 5:
                here.gateway.open.add("a")

        self.opener(here, checks, sleep)({"connection": "a"}, None)
        assert len(here.gateway.to("a")) == 1
        assert slept == sorted(slept)

    @pytest.mark.parametrize("failure", [RateLimited("429"), PlatformUnavailable("503")])
    def test_open_is_sent_though_the_gateway_is_busy(self, here, checks, failure):
        here.connect("a", EIO4)
        here.gateway.failures["a"] = [failure, failure]
        self.opener(here, checks)({"connection": "a"}, None)
        assert here.gateway.to("a")[0].startswith("0")

    def test_one_that_never_stands_is_forgotten(self, here, checks):
        here.connect("a", EIO4)
        here.gateway.open.discard("a")
        slept = []
        self.opener(here, checks, slept.append)({"connection": "a"}, None)
        assert 10 <= sum(slept) < 12
        assert max(slept) <= 0.25
        assert here.dynamodb.items() == []

    def test_one_that_has_gone_before(self, here, checks):
        self.opener(here, checks)({"connection": "a"}, None)
        assert (here.gateway.posts, here.dynamodb.items(), checks.asked) == ([], [], [])

    def test_plain_json_gets_no_open_but_is_looked_at(self, here, checks):
        here.use(jwt_key="k" * 32)
        here.connect("a")
        assert here.opened == ["a"]
        self.opener(here, checks)({"connection": "a"}, None)
        assert (here.gateway.to("a"), checks.asked) == ([], [("a", "connected")])


class TestLooks:
    def look(self, here, checks, check, connection_id="a"):
        body = json.dumps({"connection": connection_id, "check": check})
        keepalive = Keepalive(lambda: here.channel, here.rooms, checks)
        return keepalive({"Records": [{"messageId": "1", "body": body}]}, None)

    def test_who_has_not_connected_is_closed(self, here, checks):
        here.connect("a", EIO4)
        assert self.look(here, checks, "connected") == {"batchItemFailures": []}
        assert (here.gateway.open, here.dynamodb.items(), checks.asked) == (set(), [], [])

    def test_who_has_is_kept(self, here, checks):
        here.client("a")
        self.look(here, checks, "connected")
        assert (here.gateway.to("a"), checks.asked) == ([], [("a", "keep")])
        self.look(here, checks, "keep")
        assert (here.gateway.to("a"), checks.asked) == (["2"], [("a", "keep")] * 2)

    def test_not_without_keepalive(self, here, checks):
        here.use(keepalive=False)
        here.client("a")
        self.look(here, checks, "connected")
        assert ("a" in here.gateway.open, checks.asked) == (True, [])

    def test_the_chain_ends_with_the_connection(self, here, checks):
        self.look(here, checks, "keep")
        here.client("a", "s")
        here.gateway.open.discard("a")
        self.look(here, checks, "keep")
        assert checks.asked == []
        assert not [key for key in here.dynamodb.stored() if "CONN#a" in key]

    def test_what_fails_comes_again(self, here, checks):
        here.dynamodb.call = failing("InternalServerError")
        failed = {"batchItemFailures": [{"itemIdentifier": "1"}]}
        assert self.look(here, checks, "keep") == failed
