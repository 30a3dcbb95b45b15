"""Long polling: sessions over HTTP, the move to a WebSocket, and who is refused."""

import json

import jwt
import pytest
from moto import mock_aws

from channels.aws.sockets.polling_table import HOLD
from channels.errors import PlatformUnavailable, RateLimited, RecipientGone
from channels.handlers.sockets.timers import Keepalive
from channels.socketio.polling_codec import MAX_FRAMES
from tests.unit.socketio.poller import Door, Poller
from tests.unit.socketio.surroundings import Surroundings
from tests.unit.socketio.test_socketio_sessions import answer, said

KEY = "k" * 32
UNKNOWN_SID = (400, {"code": 1, "message": "Session ID unknown"})


@pytest.fixture
def here():
    with mock_aws():
        yield Surroundings(session_persistence=True)


@pytest.fixture
def door(here):
    return Door(here)


class TestPollingOnly:
    def test_a_conversation(self, here, door):
        client = Poller(door)
        assert client.handshake["upgrades"] == ["websocket"]
        assert client.handshake["maxPayload"] == 32_768
        assert client.talk("40") == [f'40{{"sid":"{client.id}"}}']
        assert client.talk('420["session_request",{"session_id":"s"}]') == [
            '42["session_confirm","s"]',
            "430[]",
        ]
        assert client.talk('421["user_uttered",{"message":"hi","session_id":"s"}]') == ["431[]"]
        [message] = here.inbox.queued
        assert (message.sender_id, message.reply_to) == ("s", {"room": "s"})
        assert message.message_id == "r-0"
        answer(here, ["one", "two"])
        assert client.get() == [*said("one", "two"), "2"]
        assert client.post("3") == 200
        assert here.rooms.messages.numbers("s")[1] == 2

    def test_of_version_3(self, here, door):
        client = Poller(door, "3")
        assert client.first == ["40"]
        assert client.talk('42["session_request",{"session_id":"s"}]', "2") == [
            '42["session_confirm","s"]',
            "3",
        ]
        answer(here, "\U0001f600")
        [heard] = client.get()
        assert json.loads(heard[2:]) == ["bot_uttered", {"text": "\U0001f600"}]

    def test_frames_of_one_request_in_their_order(self, here, door):
        client = Poller(door)
        messages = [f'42["user_uttered",{{"message":"{n}","session_id":"s"}}]' for n in range(3)]
        client.post("40", *messages)
        assert [(each.text, each.message_id) for each in here.inbox.queued] == [
            ("0", "r-1"),
            ("1", "r-2"),
            ("2", "r-3"),
        ]

    def test_what_comes_while_a_poll_waits_is_its_answer(self, here, door):
        client = Poller(door)
        client.join("s")
        door.meanwhile = [lambda: None, lambda: answer(here, "Hey!")]
        assert client.get() == [*said("Hey!"), "2"]

    def test_a_poll_without_news_ends_in_time_and_looks_seldom(self, here, door):
        client = Poller(door)
        client.join("s")
        here.now += 60
        door.pauses.clear()
        assert client.get() == ["6"]
        assert sum(door.pauses) == HOLD
        assert len(door.pauses) <= HOLD + 1

    def test_an_answer_is_looked_for_often_after_the_client_has_spoken(self, here, door):
        client = Poller(door)
        client.join("s")
        door.pauses.clear()
        client.get()
        assert door.pauses[0] == pytest.approx(0.1)
        assert sum(door.pauses) == pytest.approx(HOLD)

    def test_a_newer_poll_gets_the_frames_and_the_older_none(self, here, door):
        client = Poller(door)
        client.join("s")
        later = []

        def poll_again():
            door.meanwhile = [lambda: answer(here, "Hey!")]
            later.append(client.get())

        door.meanwhile = [poll_again]
        assert client.get() == ["6"]
        assert later == [[*said("Hey!"), "2"]]

    def test_both_devices_hear_the_answer(self, here, door):
        here.client("a", "s")
        client = Poller(door)
        client.join("s")
        answer(here, "Hey!")
        assert here.gateway.to("a") == [*said("Hey!"), "2"]
        assert client.get() == [*said("Hey!"), "2"]

    def test_without_sessions_the_connection_is_the_conversation(self, here, door):
        here.use()
        door = Door(here)
        client = Poller(door)
        client.talk("40")
        client.post('42["user_uttered",{"message":"hi"}]')
        [message] = here.inbox.queued
        assert (message.sender_id, message.reply_to) == (client.id, {"connection": client.id})
        answer(here, "Hey!", connection=client.id)
        assert client.get() == said("Hey!")

    def test_who_polls_no_more_is_gone_and_its_answer_waits_for_the_session(self, here, door):
        client = Poller(door)
        client.join("s")
        here.now += HOLD + 31
        answer(here, "Hey!")
        assert client.status() == UNKNOWN_SID
        assert not [key for key in here.dynamodb.stored() if client.id in str(key)]
        assert Poller(door).join("s")[2:] == [*said("Hey!"), "2"]

    def test_who_polls_is_not_gone(self, here, door):
        client = Poller(door)
        client.join("s")
        for _ in range(10):
            assert client.get() == ["6"]
        answer(here, "Hey!")
        assert client.get() == [*said("Hey!"), "2"]

    def test_more_than_an_item_holds_waits_in_the_inbox(self, here, door):
        client = Poller(door)
        client.join("s")
        texts = [str(number) * 120_000 for number in range(5)]
        with pytest.raises(RateLimited):
            for number, text in enumerate(texts):
                answer(here, text, message_id=f"m{number}")
        heard = [frame for frame in client.get() if frame != "2"]
        assert heard == said(*texts[: len(heard)])
        answer(here, texts[len(heard)], message_id=f"m{len(heard)}")
        assert client.get() == said(texts[len(heard)])


class TestEnd:
    def test_the_client_s(self, here, door):
        client = Poller(door)
        client.join("s")
        assert client.post("1") == 200
        assert client.status() == UNKNOWN_SID
        assert not [key for key in here.dynamodb.stored() if client.id in str(key)]

    def test_a_poll_that_waits_ends_with_it(self, here, door):
        client = Poller(door)
        door.meanwhile = [lambda: client.post("1")]
        assert client.get() == ["6"]

    def test_ours_is_told_with_what_waits_before_it(self, here, door):
        client = Poller(door)
        client.talk("40")
        large = json.dumps(["user_uttered", {"message": "x" * 40_000}])
        assert client.post(f"42{large}") == 200
        error, close = client.get()
        assert "32768" in error
        assert close == "1"
        assert client.status() == UNKNOWN_SID
        assert client.post("3") == 400

    def test_ours_ends_a_poll_that_waits(self, here, door):
        client = Poller(door)
        door.meanwhile = [lambda: here.rooms.posting.close(client.id)]
        assert client.get() == ["1"]

    def test_of_who_does_not_connect(self, here, door):
        client = Poller(door)
        assert door.checks.wanted == [(client.id, "connected")]
        keepalive = Keepalive(lambda: here.channel, here.rooms, door.checks)
        keepalive._look(client.id, "connected")
        assert client.get() == ["1"]
        assert client.status() == UNKNOWN_SID

    def test_after_the_time_that_a_websocket_lives(self, here, door):
        client = Poller(door)
        here.now += 8_101
        assert client.status() == UNKNOWN_SID
        assert client.post("40") == 400

    def test_twenty_frames_of_junk(self, here, door):
        client = Poller(door)
        for _ in range(20):
            client.post("x")
        assert client.get() == ["1"]


class TestUpgrade:
    def upgraded(self, here, door, version="4"):
        client = Poller(door, version)
        client.join("s")
        assert client.open_socket("ws") == 200
        assert here.send("ws", "2probe") == ["3probe"]
        assert here.send("ws", "5") == []
        return client

    def test_no_second_open(self, here, door):
        self.upgraded(here, door)
        assert here.opened == []

    @pytest.mark.parametrize("version", ["3", "4"])
    def test_the_conversation_goes_on(self, here, door, version):
        client = self.upgraded(here, door, version)
        assert here.send("ws", '421["user_uttered",{"message":"hi"}]') == ["431[]"]
        assert here.inbox.queued[0].sender_id == "s"
        answer(here, "Hey!")
        assert here.gateway.to("ws") == [*said("Hey!"), *(["2"] if version == "4" else [])]
        assert client.status()[0] == 400
        assert client.post("3") == 400

    def test_a_poll_that_waits_ends_when_the_client_probes(self, here, door):
        client = Poller(door)
        client.talk("40")
        client.open_socket("ws")
        door.pauses.clear()
        door.meanwhile = [lambda: here.send("ws", "2probe")]
        assert client.get() == ["6"]
        assert len(door.pauses) == 1
        assert client.get() == ["6"], "and so do those after it"
        assert len(door.pauses) == 2

    def test_what_comes_between_goes_over_the_socket_in_order_and_once(self, here, door):
        client = Poller(door)
        client.join("s")
        client.open_socket("ws")
        here.send("ws", "2probe")
        answer(here, ["one", "two"])
        assert here.gateway.to("ws") == []
        assert here.send("ws", "5") == [*said("one", "two"), "2"]
        answer(here, "three", message_id="m2")
        assert here.gateway.to("ws") == said("three")

    def test_what_a_poll_has_taken_does_not_come_again(self, here, door):
        client = Poller(door)
        client.join("s")
        client.open_socket("ws")
        here.send("ws", "2probe")
        answer(here, "one")
        assert client.get() == [*said("one"), "2"]
        assert here.send("ws", "5") == []

    def test_what_comes_while_the_rest_is_sent_comes_after_it(self, here, door):
        client = Poller(door)
        client.join("s")
        client.open_socket("ws")
        here.send("ws", "2probe")
        answer(here, "one")
        post = here.gateway.post

        def post_and_answer(connection_id, frame):
            here.gateway.post = post
            answer(here, "two", message_id="m2")
            post(connection_id, frame)

        here.gateway.post = post_and_answer
        assert here.send("ws", "5") == [*said("one"), "2", *said("two")]

    def test_frames_before_the_last_word_are_the_client_s_too(self, here, door):
        client = Poller(door)
        client.join("s")
        client.open_socket("ws")
        here.send("ws", '421["user_uttered",{"message":"hi"}]')
        assert len(here.inbox.queued) == 1
        assert here.send("ws", "5") == ["431[]"]

    def test_one_that_fails_leaves_the_client_polling(self, here, door):
        client = Poller(door)
        client.join("s")
        client.open_socket("ws")
        here.send("ws", "2probe")
        here.disconnect("ws")
        here.now += 11
        door.meanwhile = [lambda: answer(here, "Hey!")]
        assert client.get() == [*said("Hey!"), "2"]
        assert client.open_socket("ws2") == 200

    def test_the_end_of_the_socket_is_the_client_s(self, here, door):
        client = self.upgraded(here, door)
        here.disconnect("ws")
        assert not [key for key in here.dynamodb.stored() if client.id in str(key)]
        answer(here, "Hey!")
        assert here.client("a", "s")[2:] == [*said("Hey!"), "2"]

    def test_a_socket_that_is_gone_unnoticed(self, here, door):
        client = self.upgraded(here, door)
        here.gateway.open.discard("ws")
        answer(here, "Hey!")
        assert not [key for key in here.dynamodb.stored() if f"#{client.id}" in str(key)]

    def test_a_socket_that_takes_nothing_is_closed(self, here, door):
        client = Poller(door)
        client.join("s")
        client.open_socket("ws")
        answer(here, "Hey!")
        here.gateway.failures["ws"] = [PlatformUnavailable("503")]
        assert here.send("ws", "5") == []
        assert "ws" not in here.gateway.open

    def test_our_end_closes_the_socket(self, here, door):
        client = self.upgraded(here, door)
        here.rooms.posting.close(client.id)
        assert "ws" not in here.gateway.open

    def test_a_second_socket_is_refused(self, here, door):
        client = self.upgraded(here, door)
        assert client.open_socket("other") == 400

    @pytest.mark.parametrize("sid", ["", "x", "eio.1.2", "ws"])
    def test_of_an_unknown_session(self, here, door, sid):
        query = {"EIO": "4", "transport": "websocket", "sid": sid}
        assert here.connect("ws", query) == 400

    def test_of_a_session_whose_secret_is_not_known(self, here, door):
        client = Poller(door)
        client.sid = f"{client.id}.{'0' * 32}"
        assert client.open_socket("ws") == 400
        assert client.status() == UNKNOWN_SID
        assert client.post("40") == 400

    def test_a_socket_whose_client_has_left_is_closed(self, here, door):
        client = Poller(door)
        client.open_socket("ws")
        client.post("1")
        here.send("ws", "2probe")
        assert "ws" not in here.gateway.open


class TestRefusals:
    @pytest.mark.parametrize(
        ("method", "query", "status", "document"),
        [
            ("GET", "", 400, {"code": 0, "message": "Transport unknown"}),
            ("GET", "EIO=4&transport=flash", 400, {"code": 0, "message": "Transport unknown"}),
            ("GET", "EIO=4&transport=polling&sid=x", *UNKNOWN_SID),
            ("POST", "EIO=4&transport=polling&sid=eio.x.y", *UNKNOWN_SID),
            (
                "POST",
                "EIO=4&transport=polling",
                400,
                {"code": 2, "message": "Bad handshake method"},
            ),
            (
                "GET",
                "EIO=5&transport=polling",
                400,
                {"code": 5, "message": "Unsupported protocol version"},
            ),
        ],
    )
    def test_as_engine_io_does(self, door, method, query, status, document):
        answered, headers, body = door.ask(method, query)
        assert (answered, json.loads(body)) == (status, document)
        assert headers["content-type"] == "application/json"

    @pytest.mark.parametrize(
        ("method", "query", "word"),
        [
            ("GET", "EIO=3&transport=polling&j=0", "JSONP"),
            ("GET", "EIO=4&transport=websocket", "WebSocket"),
            ("PUT", "EIO=4&transport=polling&sid=x", "GET and POST"),
        ],
    )
    def test_in_words(self, door, method, query, word):
        status, _, body = door.ask(method, query)
        assert (status, json.loads(body)["code"]) == (400, 3)
        assert word in json.loads(body)["message"]

    def test_other_paths(self, door):
        assert door.ask("GET", "EIO=4&transport=polling", path="/socket.io/x")[0] == 404
        assert door.ask("GET", "EIO=4&transport=polling", path="/socket.io")[0] == 200

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"", 400),
            (b"\xff", 400),
            (b"\x1e".join([b"2"] * (MAX_FRAMES + 1)), 400),
            (b"4" * 131_073, 413),
        ],
    )
    def test_a_body_that_is_no_payload_ends_the_session(self, here, door, body, status):
        client = Poller(door)
        answered, _, text = door.ask("POST", client.query, body)
        assert (answered, json.loads(text)["code"]) == (status, 3)
        assert client.status() == UNKNOWN_SID

    def test_events_before_connect(self, here, door):
        client = Poller(door)
        [refused] = client.talk('42["user_uttered",{"message":"hi"}]')
        assert refused.startswith("44")
        assert here.inbox.queued == []

    def test_a_failing_table_is_no_answer(self, here, door):
        client = Poller(door)
        here.dynamodb.call = unavailable
        status, headers, _ = door.ask("GET", client.query)
        assert status == 503
        assert int(headers["retry-after"]) > 0


def unavailable(operation, parameters):
    raise PlatformUnavailable("down")


class TestTokens:
    @pytest.fixture
    def here(self):
        with mock_aws():
            yield Surroundings(session_persistence=True, jwt_key=KEY)

    def token(self, key=KEY):
        return jwt.encode({"sub": "alice", "exp": 4_000_000_000}, key, "HS256")

    def test_in_connect(self, door):
        client = Poller(door)
        assert client.talk(f'40{{"token":"{self.token()}"}}') == [f'40{{"sid":"{client.id}"}}']

    def test_in_the_address(self, door):
        client = Poller(door, "3", f"&token={self.token()}")
        assert client.talk('421["user_uttered",{"message":"hi"}]') == ["431[]"]

    def test_a_wrong_one_in_connect(self, door):
        client = Poller(door)
        assert client.talk('40{"token":"x"}') == ['44{"message":"Authentication error"}', "1"]

    @pytest.mark.parametrize("query", ["EIO=4&token=x", "EIO=3", "EIO=3&token=x"])
    def test_who_is_kept_out(self, door, query):
        status, _, body = door.ask("GET", f"transport=polling&{query}")
        assert (status, json.loads(body)["code"]) == (401, 4)


class TestOrigins:
    HANDSHAKE = "EIO=4&transport=polling"

    def test_every_page_unless_set(self, door):
        status, headers, _ = door.ask(
            "GET", self.HANDSHAKE, headers={"origin": "https://a.example"}
        )
        assert status == 200
        assert headers["access-control-allow-origin"] == "https://a.example"
        assert headers["access-control-allow-credentials"] == "true"
        assert headers["vary"] == "Origin"

    def test_a_client_that_is_no_page(self, door):
        _, headers, _ = door.ask("GET", self.HANDSHAKE)
        assert not [name for name in headers if name.startswith("access-control")]

    def test_those_that_are_allowed(self, here):
        here.use(allowed_origins=["https://a.example"])
        door = Door(here)
        for method in ("GET", "OPTIONS"):
            allowed = door.ask(method, self.HANDSHAKE, headers={"origin": "https://a.example"})
            assert allowed[1]["access-control-allow-origin"] == "https://a.example"
            status, headers, body = door.ask(
                method, self.HANDSHAKE, headers={"origin": "https://b.example"}
            )
            assert (status, json.loads(body)["code"]) == (403, 4)
            assert "access-control-allow-origin" not in headers

    def test_a_preflight(self, door):
        asked = {"origin": "https://a.example", "access-control-request-headers": "x-mine"}
        status, headers, body = door.ask("OPTIONS", self.HANDSHAKE, headers=asked)
        assert (status, body) == (204, "")
        assert "POST" in headers["access-control-allow-methods"]
        assert headers["access-control-allow-headers"] == "x-mine"

    def test_errors_can_be_read_by_the_page(self, door):
        _, headers, _ = door.ask("GET", "EIO=4", headers={"origin": "https://a.example"})
        assert headers["access-control-allow-origin"] == "https://a.example"


class TestRepeatedWrites:
    """The client of AWS repeats what it got no answer to, though DynamoDB may have done it."""

    @pytest.fixture
    def here(self):
        with mock_aws():
            here = Surroundings(session_persistence=True)
            once = here.dynamodb.call

            def twice(operation, parameters):
                if operation == "UpdateItem" and parameters["Key"]["pk"]["S"].startswith("EIO#"):
                    once(operation, parameters)
                return once(operation, parameters)

            here.dynamodb.call = twice
            yield here

    def test_nothing_is_lost_or_doubled(self, here, door):
        client = Poller(door)
        assert client.join("s")[1:] == ['42["session_confirm","s"]']
        door.meanwhile = [lambda: answer(here, ["one", "two"])]
        assert client.get() == [*said("one", "two"), "2"]
        client.open_socket("ws")
        here.send("ws", "2probe")
        answer(here, ["three"], message_id="m2")
        assert here.send("ws", "5") == said("three")
        answer(here, ["four"], message_id="m3")
        assert here.gateway.to("ws") == said("four")

    def test_also_when_something_comes_between(self, here, door):
        client = Poller(door)
        client.join("s")
        answer(here, "one")
        del here.dynamodb.call  # repeat nothing but the poll's own write
        once = here.dynamodb.call

        def between(operation, parameters):
            here.dynamodb.call = once
            once(operation, parameters)
            here.rooms.posting.polling.append(client.id, "4later")
            return once(operation, parameters)

        here.dynamodb.call = between
        assert client.get() == [*said("one"), "2"]
        assert client.get() == ["4later"]


def test_a_post_to_a_connection_that_never_was(here):
    with pytest.raises(RecipientGone):
        here.rooms.posting.post("eio.1", "2")
    here.rooms.posting.close("eio.1")
