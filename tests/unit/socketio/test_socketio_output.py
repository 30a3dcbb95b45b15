"""What the bot says: payloads, sizes, streams; and the channel's settings."""

import asyncio
import json

import pytest

from channels.channel import UserMessage
from channels.errors import CredentialsError, SendError
from channels.http.request import Request
from channels.socketio import SocketIOInput
from channels.socketio.connection import Connection
from channels.socketio.output import MAX_PAYLOAD, SocketIOOutput, json_size
from channels.socketio.settings import MAX_POST
from channels.turns.parts import Parts

BUTTON = {"title": "Yes", "payload": "/affirm"}
REPLY = {"content_type": "text", "title": "Yes", "payload": "/affirm"}


class Room:
    """Collects what is delivered and shown."""

    def __init__(self, *connections):
        self.connections = list(connections)
        self.parts, self.sent, self.shown, self.skipped = [], [], [], []
        self.receipts_asked = 0
        self.gone = set()

    def deliver(self, part, event, payload, recipient_id, shown=frozenset()):
        self.parts.append(part)
        self.sent.append((event, payload))
        self.skipped.append(shown)
        return str(len(self.parts))

    def audience(self):
        return self.connections

    def show(self, connection, frame):
        if connection.id in self.gone:
            raise SendError("gone")
        self.shown.append((connection.id, frame))

    def receipts(self):
        self.receipts_asked += 1


class Sockets:
    def __init__(self, room):
        self._room = room

    def room(self, reply_to, recipient_id):
        return self._room


def output_to(room, clock=lambda: 0.0):
    return SocketIOOutput(Sockets(room), reply_to={"room": "s"}, message_id="m1", clock=clock)


def said(**message):
    room = Room()
    asyncio.run(output_to(room).send_response("s", message))
    assert {event for event, _ in room.sent} <= {"bot_uttered"}
    return [payload for _, payload in room.sent]


@pytest.mark.parametrize(
    ("message", "payloads"),
    [
        ({"text": "one\n\ntwo"}, [{"text": "one"}, {"text": "two"}]),
        (
            {"text": "one\n\ntwo", "buttons": [BUTTON]},
            [{"text": "one", "quick_replies": []}, {"text": "two", "quick_replies": [REPLY]}],
        ),
        ({"text": "hi", "quick_replies": [BUTTON]}, [{"text": "hi", "quick_replies": [REPLY]}]),
        ({"buttons": [BUTTON]}, [{"text": "", "quick_replies": [REPLY]}]),
        (
            {"text": "hi", "buttons": [{"title": "Yes"}]},
            [{"text": "hi", "quick_replies": [{**REPLY, "payload": "Yes"}]}],
        ),
        (
            {"text": "hi", "buttons": [{"title": "Go", "type": "web_url", "url": "https://e.x"}]},
            [
                {
                    "text": "hi",
                    "quick_replies": [
                        {
                            "content_type": "text",
                            "title": "Go",
                            "payload": "Go",
                            "type": "web_url",
                            "url": "https://e.x",
                        }
                    ],
                }
            ],
        ),
        (
            {"image": "https://e.x/i.png"},
            [{"attachment": {"type": "image", "payload": {"src": "https://e.x/i.png"}}}],
        ),
        ({"attachment": {"type": "video"}}, [{"attachment": {"type": "video"}}]),
        (
            {"elements": [{"title": "A"}, {"title": "B"}]},
            [
                {
                    "attachment": {
                        "type": "template",
                        "payload": {
                            "template_type": "generic",
                            "elements": [{"title": "A"}, {"title": "B"}],
                        },
                    }
                }
            ],
        ),
        ({"custom": {"a": 1}}, [{"a": 1}]),
        ({"custom": {"data": {"a": 1}, "room": "elsewhere"}}, [{"a": 1}]),
        ({"custom": {"data": 1, "kind": "x"}}, [{"data": 1, "kind": "x"}]),
        ({"custom": [1]}, [[1]]),
    ],
)
def test_payloads(message, payloads):
    assert said(**message) == payloads


def test_an_event_of_the_bots_own():
    room = Room()
    asyncio.run(output_to(room).send_custom_json("s", {"event": "open_map", "data": {"z": 3}}))
    assert room.sent == [("open_map", {"z": 3})]


@pytest.mark.parametrize("letter", ["x", "ü", '"', "\x01", "\U0001f600"])
def test_a_long_text_is_split_and_nothing_lost(letter):
    text = (letter * 50 + " ") * (3 * MAX_POST // 50)
    payloads = said(text=text)
    assert len(payloads) > 1
    assert max(json_size(payload) for payload in payloads) <= MAX_PAYLOAD < MAX_POST
    joined = "".join(payload["text"] for payload in payloads)
    assert joined.count(letter) == text.count(letter)


def test_buttons_that_do_not_fit_are_numbered_texts():
    buttons = [{"title": f"t{n}", "payload": "p" * 10_000} for n in range(20)]
    payloads = said(text="Pick", buttons=buttons)
    assert payloads[0] == {"text": "Pick"}
    assert [payload["text"][:5] for payload in payloads[1:3]] == ["1: t0", "2: t1"]
    assert len(payloads) == 21


def test_custom_json_that_does_not_fit_becomes_texts():
    payloads = said(custom={"a": "x" * 300_000})
    assert all(payload.keys() == {"text"} for payload in payloads)
    assert "".join(payload["text"] for payload in payloads).count("x") == 300_000


def test_a_file_that_does_not_fit_is_refused_and_what_follows_is_said():
    room, marks = Room(), []
    output = output_to(room)
    output.parts = Parts(0, lambda parts, mark: marks.append(mark))
    asyncio.run(output.send_image_url("s", "data:image/png;base64," + "A" * 200_000))
    asyncio.run(output.send_text_message("s", "after it"))
    assert marks[0].startswith("refused: a file of")
    assert [payload for _, payload in room.sent] == [{"text": "after it"}]


def test_parts_have_the_same_ids_in_every_attempt():
    rooms = [Room(), Room()]
    for room in rooms:
        output = output_to(room)
        asyncio.run(output.send_text_message("s", "one\n\none\n\ntwo"))
    assert rooms[0].parts == rooms[1].parts
    assert len(set(rooms[0].parts)) == 3


def test_without_a_stack():
    with pytest.raises(SendError, match="deployed stack"):
        asyncio.run(SocketIOOutput(None).send_text_message("s", "hi"))


class TestStreams:
    CONNECTIONS = (
        Connection("a", "4", namespace="/", options=frozenset({"stream"})),
        Connection("b", "4", namespace="/"),
        Connection("c", "demo", namespace="/"),
    )

    def stream(self, room, chunks, step=0.0, final="the end"):
        now = [0.0]
        output = output_to(room, clock=lambda: now[0])

        async def run():
            await output.send_response_chunk_start("s")
            for chunk in chunks:
                now[0] += step
                await output.send_response_chunk("s", chunk)
            await output.send_response_chunk_end("s")
            await output.send_text_message("s", final)
            await output.send_text_message("s", "another")

        asyncio.run(run())

    def test_those_who_asked_see_it_grow(self):
        room = Room(*self.CONNECTIONS)
        self.stream(room, ["one ", "two ", "three"])
        frames = [json.loads(frame[2:]) for to, frame in room.shown if to == "a"]
        assert frames == [
            ["bot_stream", {"id": "m1", "seq": 0, "delta": "one "}],
            ["bot_stream", {"id": "m1", "seq": 1, "delta": "two three"}],
            ["bot_stream", {"id": "m1", "seq": 2, "done": True}],
        ]
        assert not [to for to, _ in room.shown if to == "b"]
        assert room.sent[0] == ("bot_uttered", {"text": "the end"})

    def test_the_demonstrations_dialect_has_it_once(self):
        room = Room(*self.CONNECTIONS)
        self.stream(room, ["one"])
        frames = [json.loads(frame) for to, frame in room.shown if to == "c"]
        assert [frame["type"] for frame in frames] == ["stream_start", "stream_chunk", "stream_end"]
        assert room.skipped == [frozenset({"c"}), frozenset()]

    @pytest.mark.parametrize(("step", "posts"), [(0.0, 2), (0.02, 6), (0.1, 20)])
    def test_pieces_are_joined(self, step, posts):
        room = Room(self.CONNECTIONS[0])
        self.stream(room, ["xy"] * 20, step)
        deltas = [json.loads(frame[2:])[1].get("delta") for _, frame in room.shown]
        assert "".join(delta or "" for delta in deltas) == "xy" * 20
        assert len(deltas) == posts + 1

    def test_long_pieces_do_not_wait(self):
        room = Room(self.CONNECTIONS[0])
        self.stream(room, ["x" * 150] * 5)
        sizes = [len(json.loads(frame[2:])[1].get("delta", "")) for _, frame in room.shown]
        assert sizes == [150, 300, 300, 0]

    def test_the_first_words_do_not_wait_for_more(self):
        room = Room(self.CONNECTIONS[0])
        output = output_to(room)

        async def run():
            await output.send_response_chunk_start("s")
            await output.send_response_chunk("s", "")
            assert room.shown == []
            await output.send_response_chunk("s", "Once ")

        asyncio.run(run())
        [(_, frame)] = room.shown
        assert json.loads(frame[2:]) == ["bot_stream", {"id": "m1", "seq": 0, "delta": "Once "}]

    def test_many_devices_get_only_the_whole(self):
        options = frozenset({"stream"})
        many = [Connection(str(n), "4", namespace="/", options=options) for n in range(4)]
        room = Room(*many)
        self.stream(room, ["one"])
        assert room.shown == []
        assert len(room.sent) == 2

    def test_a_preview_that_fails_does_not_end_the_turn(self):
        room = Room(*self.CONNECTIONS)
        room.gone.add("a")
        self.stream(room, ["one"])
        assert {to for to, _ in room.shown} == {"c"}
        assert len(room.sent) == 2

    def test_typing_for_those_who_asked(self):
        typing = Connection("t", "4", namespace="/", options=frozenset({"typing"}))
        room = Room(*self.CONNECTIONS, typing)
        asyncio.run(output_to(room).show_typing("s"))
        assert room.shown == [("t", '42["bot_typing",{}]')]


@pytest.mark.parametrize(
    ("credentials", "problem"),
    [
        ({"user_message_evt": ""}, "'user_message_evt' must be a text"),
        ({"session_persistence": "yes"}, "'session_persistence' must be true or false"),
        ({"namespace": "/a,b"}, "'namespace'"),
        ({"allowed_origins": []}, "'allowed_origins' has no value: remove the line to do without"),
        ({"allowed_origins": {"a": 1}}, "'allowed_origins'"),
        ({"jwt_key": ""}, "'jwt_key'"),
        ({"jwt_key": 7}, "'jwt_key'"),
        ({"jwt_key": "k" * 32, "jwt_method": "XX"}, "'jwt_method' must be one of ES256, .*HS256"),
        ({"keepalive": 1}, "'keepalive'"),
    ],
)
def test_settings_that_cannot_serve(credentials, problem):
    with pytest.raises(CredentialsError, match=problem):
        SocketIOInput.check_credentials(credentials)


@pytest.mark.parametrize(
    ("given", "namespace"),
    [(None, "/"), ("", "/"), ("/", "/"), ("rasa", "/rasa"), ("/rasa", "/rasa")],
)
def test_namespaces(given, namespace):
    assert SocketIOInput(namespace=given).protocol.namespace == namespace


def test_nothing_comes_over_http():
    routes = SocketIOInput().blueprint(lambda message: None)
    asked = [Request("POST", "/webhook", {}, b""), Request("GET", "/", {}, b"")]
    answers = [asyncio.run(routes.respond(request, request.path)) for request in asked]
    assert [answer.status for answer in answers] == [404, 200]


def test_outputs():
    channel = SocketIOInput()
    message = UserMessage("hi", sender_id="s", reply_to={"room": "s"})
    assert channel.output_for(message).name() == channel.get_output_channel().name() == "socketio"
