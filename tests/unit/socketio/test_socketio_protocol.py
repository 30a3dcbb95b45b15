"""Frames of clients and what the protocol makes of them."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.socketio.actions import (
    Action,
    Close,
    Confirm,
    Connected,
    Enqueue,
    Join,
    Junk,
    Left,
    Post,
    Received,
    Recover,
)
from channels.socketio.connection import Connection
from channels.socketio.frames import bot_message, offset_of, sequence_of, session_confirm
from channels.socketio.protocol import receive
from channels.socketio.settings import Identity, ProtocolSettings, new_session_id

CLAIMS = {"valid": {"sub": "alice", "exp": 1}, "nameless": {"exp": 1}, "empty": {}}


def settings(*, jwt=False, **given_settings):
    return ProtocolSettings(
        claims=CLAIMS.get if jwt else None, new_session_id=lambda: "new", **given_settings
    )


def connection(dialect="4", *, namespace="/", **state):
    return Connection("c1", dialect, namespace=namespace, **state)


def actions(frame, at=None, chosen=None):
    return receive(at or connection(), frame, chosen or settings(), "request-1")


def queued(frame, at=None, chosen=None):
    [message] = [a.message for a in actions(frame, at, chosen) if isinstance(a, Enqueue)]
    return message


def identified(**fields):
    return Connected("/", "4", Identity(**fields), frozenset())


NEW = Connection("c1", "4")
PERSISTENT = settings(session_persistence=True)
NOT_CONNECTED = '44{"message":"not connected: send CONNECT first"}'


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("40", [identified(), Post('40{"sid":"c1"}')]),
        ("40{}", [identified(), Post('40{"sid":"c1"}')]),
        ("40/other,", [Post('44/other,{"message":"Invalid namespace"}')]),
        ('42["user_uttered",{"message":"hi"}]', [Post(NOT_CONNECTED)]),
        ('42["session_request",{}]', [Post(NOT_CONNECTED)]),
        ('42/rasa,["user_uttered",{}]', [Post(NOT_CONNECTED.replace("44", "44/rasa,"))]),
        ("41", []),
        ("430[]", []),
        ("2", [Post("3")]),
        ("2probe", [Post("3probe")]),
        ("3", [Received()]),
        ("5", []),
        ("6", []),
        ("1", [Close()]),
    ],
)
def test_before_a_client_has_connected(frame, expected):
    assert actions(frame, NEW) == expected


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ('42["session_request",{"session_id":"x"}]', [Confirm("x")]),
        ('42["session_request",{"session_id":null}]', [Confirm("new")]),
        ('42["session_request",{}]', [Confirm("new")]),
        ('42["session_request"]', [Confirm("new")]),
        ('42["session_request",null]', [Confirm("new")]),
        ('42["session_request",{"session_id":["x"]}]', [Confirm("new")]),
        ('42["session_request",{"session_id":42}]', [Confirm("42")]),
        ('42["session_request",{"session_id":"' + "x" * 200 + '"}]', [Confirm("new")]),
        ('42["session_request",{"session_id":"\\ud83d"}]', [Confirm("new")]),
        ('427["session_request",{"session_id":"x"}]', [Confirm("x"), Post("437[]")]),
        ('427["of another kind"]', [Post("437[]")]),
        ('42["of another kind"]', []),
        ("41", [Left()]),
        ("430[]", []),
        ('44"x"', [Junk("a client must not send an error")]),
        ("0{}", [Junk("a client must not send OPEN")]),
        ("42notjson", [Junk("not JSON: JSONDecodeError")]),
        ("42[NaN]", [Junk("NaN is not JSON")]),
        ("", [Junk("not an Engine.IO frame")]),
    ],
)
def test_events(frame, expected):
    assert actions(frame) == expected


@pytest.mark.parametrize("frame", ["bAAAA", '451-["a",{"_placeholder":true,"num":0}]', "461-[]"])
def test_binary_is_refused_with_a_word(frame):
    [post] = actions(frame)
    assert json.loads(post.frame[2:]) == [
        "error",
        {"message": "binary data does not pass: send texts"},
    ]


def test_a_session_is_joined_and_confirmed():
    frame = '42["session_request",{"session_id":"x"}]'
    assert actions(frame, chosen=PERSISTENT) == [Join("x", confirm=True)]


@pytest.mark.parametrize(("given", "offset"), [(offset_of(7), offset_of(7)), (7, ""), (None, "")])
def test_a_client_may_say_what_it_has_of_its_session(given, offset):
    frame = f'42["session_request",{json.dumps({"session_id": "x", "offset": given})}]'
    assert actions(frame, chosen=PERSISTENT) == [Join("x", confirm=True, offset=offset)]


def test_a_message_without_persistence_belongs_to_the_connection():
    message = queued('42["user_uttered",{"message":" hi ","session_id":"x"}]')
    assert (message.text, message.sender_id, message.reply_to) == ("hi", "c1", {"connection": "c1"})
    assert (message.message_id, message.metadata) == ("request-1", {})
    assert message.input_channel == "socketio"


def test_the_session_of_a_message():
    joined = connection(session="joined")
    frame = '42["user_uttered",{"message":"hi"%s}]'
    named = actions(frame % ',"session_id":"x"', joined, PERSISTENT)
    assert named[0] == Join("x", confirm=False)
    message = queued(frame % ',"session_id":"x"', joined, PERSISTENT)
    assert (message.sender_id, message.reply_to) == ("x", {"room": "x"})
    for without in ("", ',"session_id":null', ',"session_id":""'):
        [enqueue] = actions(frame % without, joined, PERSISTENT)
        assert enqueue.message.sender_id == "joined", "Rasa drops it"
    first, enqueue = actions(frame % "", chosen=PERSISTENT)
    assert (first, enqueue.message.sender_id) == (Join("c1", confirm=False), "c1")
    [again] = actions(frame % ',"session_id":"joined"', joined, PERSISTENT)
    assert isinstance(again, Enqueue), "no second join"


def test_an_acknowledgement_follows_the_queue():
    enqueue, ack = actions('425["user_uttered",{"message":"hi"}]')
    assert isinstance(enqueue, Enqueue)
    assert ack == Post("435[]")


@pytest.mark.parametrize(
    ("data", "metadata"),
    [
        ('{"metadata":{"a":1}}', {"a": 1}),
        ('{"metadata":"{\\"a\\":1}"}', {"a": 1}),
        ('{"metadata":"not json"}', {"metadata": "not json"}),
        ('{"metadata":[1]}', {"metadata": [1]}),
        ('{"metadata":null}', {}),
        ('{"metadata":""}', {}),
        ("{}", {}),
    ],
)
def test_metadata(data, metadata):
    assert queued(f'42["user_uttered",{data}]').metadata == metadata


def test_other_names_of_rasas():
    chosen = settings(user_message_evt="say", metadata_key="customData", namespace="/rasa")
    at = connection(namespace="/rasa")
    message = queued('42/rasa,["say",{"message":"hi","customData":{"a":1}}]', at, chosen)
    assert (message.text, message.metadata) == ("hi", {"a": 1})
    assert actions('42/rasa,["user_uttered",{}]', at, chosen) == []
    assert actions("40", NEW, chosen) == [Post('44{"message":"Invalid namespace"}')]
    assert actions("40/rasa,", NEW, chosen)[1] == Post('40/rasa,{"sid":"c1"}')


def test_an_id_of_the_clients_own_is_one_of_its_conversation():
    def sent(session):
        data = {"message": "hi", "session_id": session, "message_id": "m-1"}
        return queued(f'42["user_uttered",{json.dumps(data)}]', chosen=PERSISTENT).message_id

    assert sent("s") == sent("s")
    assert sent("s") != sent("t"), "two clients that count from one"
    assert sent("s").startswith("m-1-")
    assert "secret" not in sent("secret"), "ids are logged, and who knows a session may join it"
    assert (
        queued('42["user_uttered",{"message":"hi","message_id":["m"]}]').message_id == "request-1"
    )


@pytest.mark.parametrize("data", ['"hi"', "[]", "7", '{"message":7}', '{"message":["hi"]}'])
def test_a_malformed_message_is_refused_with_a_word(data):
    [post] = actions(f'421["user_uttered",{data}]')
    assert post.frame.startswith('42["error",')


@pytest.mark.parametrize(
    ("auth", "subject"),
    [
        ('{"token":"valid"}', "alice"),
        ('{"token":"Bearer valid"}', "alice"),
        ('{"token":"nameless"}', ""),
    ],
)
def test_a_token_in_connect(auth, subject):
    [connected, _] = actions(f"40{auth}", NEW, settings(jwt=True))
    assert connected == identified(authenticated=True, subject=subject)


@pytest.mark.parametrize(
    "auth", ["", "{}", '{"token":"bad"}', '{"token":7}', '{"token":"empty"}', "[]"]
)
def test_no_valid_token(auth):
    refused = [Post('44{"message":"Authentication error"}'), Close()]
    assert actions(f"40{auth}", NEW, settings(jwt=True)) == refused


def test_a_token_in_the_address_is_enough_and_a_wrong_one_after_it_is_not():
    known = Connection("c1", "4", authenticated=True, subject="alice")
    assert actions("40", known, settings(jwt=True))[0] == identified(
        authenticated=True, subject="alice"
    )
    assert Close() in actions('40{"token":"bad"}', known, settings(jwt=True))


class TestSocketIO2:
    def test_the_default_namespace_is_connected_unasked(self):
        assert queued('42["user_uttered",{"message":"hi"}]', connection("3")).text == "hi"

    def test_another_namespace_is_asked_for(self):
        new = Connection("c1", "3")
        chosen = settings(namespace="/rasa")
        connected, post = actions("40/rasa", new, chosen)
        assert (connected.namespace, post) == ("/rasa", Post("40/rasa,"))
        assert actions("40", new, chosen) == []
        assert actions("40/no", new, chosen) == [Post('44/no,"Invalid namespace"')]
        assert actions('42["user_uttered",{}]', new, chosen) == [
            Post('44"not connected: send CONNECT first"')
        ]

    def test_a_token_in_the_namespace_s_query(self):
        chosen = settings(namespace="/rasa", jwt=True)
        [connected, _] = actions("40/rasa?token=valid", Connection("c1", "3"), chosen)
        assert connected.subject == "alice"

    def test_without_a_token(self):
        refused = [Post('44/rasa,"Authentication error"'), Close()]
        chosen = settings(namespace="/rasa", jwt=True)
        assert actions("40/rasa", Connection("c1", "3"), chosen) == refused

    def test_ping(self):
        assert actions("2", connection("3")) == [Post("3")]


class TestRecovery:
    def test_a_client_opts_in(self):
        connected, recover = actions('40{"recovery":true}', NEW)
        assert (connected.options, recover) == (frozenset({"recovery"}), Recover("", ""))

    def test_and_comes_back(self):
        at = Connection("c2", "4", options=frozenset({"recovery"}))
        frame = '40{"pid":"p1","offset":"00000000000000000007"}'
        assert actions(frame, at)[1] == Recover("p1", "00000000000000000007")

    def test_offsets(self):
        assert sequence_of(offset_of(7)) == 7
        assert [sequence_of(each) for each in ("", "x", "3f6c" * 5, "7", "²" * 20)] == [0] * 5

    def test_every_event_carries_its_offset(self):
        at = connection(options=frozenset({"recovery"}))
        offset = "00000000000000000007"
        assert json.loads(bot_message(at, "bot_uttered", {"text": "hi"}, 7, "x")[2:])[2] == offset
        assert json.loads(session_confirm(at, "x", 7)[2:]) == ["session_confirm", "x", offset]

    def test_and_none_for_those_who_did_not_ask(self):
        assert bot_message(connection(), "bot_uttered", {"text": "hi"}, 7, "x") == (
            '42["bot_uttered",{"text":"hi"}]'
        )
        assert session_confirm(connection(), "x", 7) == '42["session_confirm","x"]'


class TestPlainJson:
    def plain(self, document, chosen=None, **state):
        at = connection("plain", **state)
        return actions(json.dumps(document), at, chosen)

    def test_a_message(self):
        enqueue, ack = self.plain({"action": "user_uttered", "message": "hi", "id": 7})
        assert enqueue.message.text == "hi"
        assert json.loads(ack.frame) == {"action": "ack", "id": 7}

    def test_a_session(self):
        document = {"action": "session_request", "session_id": "x"}
        assert self.plain(document, PERSISTENT) == [Join("x", confirm=True)]
        assert session_confirm(connection("plain"), "x", 0) == (
            '{"action":"session_confirm","session_id":"x"}'
        )

    def test_ping(self):
        assert self.plain({"action": "ping"}) == [Post('{"action":"pong"}')]

    @pytest.mark.parametrize("document", [{"action": "dance"}, {}, {"action": ["$connect"]}])
    def test_an_unknown_action(self, document):
        assert self.plain(document) == [Post('{"action":"error","message":"unknown action"}')]

    @pytest.mark.parametrize("document", [[], 7, "x", None])
    def test_what_is_no_object(self, document):
        assert self.plain(document) == [Junk("not a JSON object")]

    def test_a_token(self):
        chosen = settings(jwt=True)
        document = {"action": "user_uttered", "message": "hi"}
        [post] = self.plain(document, chosen)
        assert json.loads(post.frame)["action"] == "error"
        connected, _ = self.plain({"action": "connect", "token": "valid"}, chosen)
        assert (connected.authenticated, connected.subject) == (True, "alice")
        assert self.plain({"action": "connect", "token": "bad"}, chosen)[1] == Close()
        assert queued(json.dumps(document), connection("plain", authenticated=True), chosen)

    def test_the_demonstrations_dialect(self):
        first = {"message": "hi", "sender": "me", "metadata": {"a": 1}}
        connected, join, enqueue = self.plain(first)
        assert (connected.dialect, join) == ("demo", Join("me", confirm=False))
        assert (enqueue.message.sender_id, enqueue.message.metadata) == ("me", {"a": 1})
        assert actions('{"message":""}', connection("demo")) == []
        at = connection("demo", session="c1")
        assert queued('{"message":"hi"}', at).sender_id == "c1"
        assert json.loads(bot_message(at, "bot_uttered", {"text": "Hey"}, 1, "me")) == {
            "type": "text",
            "text": "Hey",
            "recipient_id": "me",
        }

    def test_the_demonstrations_dialect_with_a_token_wanted(self):
        [post] = self.plain({"message": "hi"}, settings(jwt=True))
        assert "token" in post.frame

    def test_the_bots_messages(self):
        at = connection("plain")
        assert json.loads(bot_message(at, "bot_uttered", {"text": "hi"}, 1, "x")) == {
            "action": "bot_uttered",
            "text": "hi",
        }
        assert json.loads(bot_message(at, "bot_uttered", [1], 1, "x"))["data"] == [1]


@pytest.mark.parametrize("dialect", ["3", "4", "plain", "demo"])
def test_a_frame_larger_than_api_gateway_takes_ends_the_connection(dialect):
    frame = '42["user_uttered",{"message":"%s"}]' % ("ü" * 16_384)
    post, close = actions(frame, connection(dialect))
    assert "32768" in post.frame
    assert close == Close()


@given(
    frame=st.text(max_size=300)
    | st.text(max_size=50).map(lambda text: "42" + text)
    | st.text(max_size=50).map(lambda text: '42["user_uttered",' + text)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda children: (
            st.lists(children, max_size=3)
            | st.dictionaries(
                st.sampled_from(["action", "message", "session_id", "metadata", "token", "sender"])
                | st.text(max_size=3),
                children,
            )
        ),
        max_leaves=10,
    )
    .map(lambda value: json.dumps(["user_uttered", value]))
    .flatmap(lambda text: st.sampled_from(["42" + text, text[16:-1], "40" + text[16:-1]])),
    dialect=st.sampled_from(["3", "4", "plain", "demo"]),
    namespace=st.sampled_from(["", "/"]),
    jwt=st.booleans(),
    persistent=st.booleans(),
)
def test_whatever_a_client_sends_gives_actions(frame, dialect, namespace, jwt, persistent):
    chosen = settings(jwt=jwt, session_persistence=persistent)
    at = Connection("c1", dialect, namespace=namespace)
    assert all(isinstance(each, Action) for each in receive(at, frame, chosen, "r"))


def test_a_session_id_cannot_be_guessed():
    ids = {new_session_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in ids)
