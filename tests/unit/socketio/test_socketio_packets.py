"""The codec, held against python-socketio's and python-engineio's own."""

import json

import pytest
from engineio.packet import Packet as EnginePacket
from hypothesis import given
from hypothesis import strategies as st
from socketio.packet import Packet as SocketPacket

from channels.socketio.packets import (
    CONNECT,
    EVENT,
    PacketError,
    ack_frame,
    connect_frame,
    decode_packet,
    error_frame,
    event_frame,
    open_frame,
    split_frame,
)

# Frames of real clients (2.5, 3.1, 4.8, python-socketio 4.6 and 5.18), and of Rasa's server.
FRAMES = [
    ("40", ("0", "/", None, None)),
    ('40{"token":"J"}', ("0", "/", None, {"token": "J"})),
    (
        '40{"pid":"p","offset":"00000000000000000001"}',
        ("0", "/", None, {"pid": "p", "offset": "0" * 19 + "1"}),
    ),
    ("40/rasa,", ("0", "/rasa", None, None)),
    ("40/rasa", ("0", "/rasa", None, None)),
    ('40/rasa,{"token":"J"}', ("0", "/rasa", None, {"token": "J"})),
    ("41", ("1", "/", None, None)),
    ("41/rasa,", ("1", "/rasa", None, None)),
    (
        '420["session_request",{"session_id":"X"}]',
        ("2", "/", 0, ["session_request", {"session_id": "X"}]),
    ),
    ('42["user_uttered",{"message":"hi"}]', ("2", "/", None, ["user_uttered", {"message": "hi"}])),
    ('42/rasa,12["user_uttered",{}]', ("2", "/rasa", 12, ["user_uttered", {}])),
    ('430["ok"]', ("3", "/", 0, ["ok"])),
    ("430[]", ("3", "/", 0, [])),
    ('44{"message":"Authentication error"}', ("4", "/", None, {"message": "Authentication error"})),
    ('44"text"', ("4", "/", None, "text")),
]

NAMESPACE = st.sampled_from(["/", "/rasa", "/a/b", "/ü"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children)
    ),
    max_leaves=8,
)


def parts(packet):
    return packet.type, packet.namespace, packet.id, packet.data


@pytest.mark.parametrize(("frame", "expected"), FRAMES)
def test_frames_of_clients(frame, expected):
    kind, rest = split_frame(frame)
    assert kind == "4"
    assert parts(decode_packet(rest)) == expected


@pytest.mark.parametrize(("frame", "expected"), FRAMES)
def test_the_oracle_reads_them_alike(frame, expected):
    packet = SocketPacket(encoded_packet=frame[1:])
    read = (str(packet.packet_type), packet.namespace or "/", packet.id, packet.data)
    assert read == expected


def test_a_namespace_may_carry_a_query():
    packet = decode_packet("0/rasa?token=J&x=1")
    assert (packet.namespace, packet.query) == ("/rasa", "token=J&x=1")


@given(
    namespace=NAMESPACE, number=st.none() | st.integers(0, 2**53), data=st.lists(JSON, max_size=3)
)
def test_what_the_oracle_writes_is_read(namespace, number, data):
    event = ["user_uttered", *data]
    text = SocketPacket(2, event, namespace, number).encode()
    assert parts(decode_packet(text)) == (EVENT, namespace, number, event)


@given(namespace=NAMESPACE, name=st.text(), data=st.lists(JSON, max_size=3))
def test_what_is_written_the_oracle_reads(namespace, name, data):
    frame = event_frame(namespace, name, *data)
    engine = EnginePacket(encoded_packet=frame)
    assert engine.packet_type == 4
    packet = SocketPacket(encoded_packet=frame[1:])
    assert (packet.namespace or "/", packet.data) == (namespace, [name, *data])


def test_written_frames():
    assert connect_frame("/", {"sid": "S"}) == '40{"sid":"S"}'
    assert connect_frame("/rasa") == "40/rasa,"
    assert connect_frame("/") == "40"
    assert ack_frame("/", 0) == "430[]"
    assert ack_frame("/rasa", 12) == "43/rasa,12[]"
    assert error_frame("/", {"message": "no"}) == '44{"message":"no"}'
    assert error_frame("/x", "no") == '44/x,"no"'
    assert event_frame("/", "session_confirm", "X") == '42["session_confirm","X"]'


def test_the_handshake():
    kind, text = split_frame(open_frame("S", 25000, 20000, 32768))
    assert kind == "0"
    assert json.loads(text) == {
        "sid": "S",
        "upgrades": [],
        "pingInterval": 25000,
        "pingTimeout": 20000,
        "maxPayload": 32768,
    }


@pytest.mark.parametrize("frame", ["", "7", "x", "9probe", " 2", "２"])  # noqa: RUF001
def test_what_is_no_frame(frame):
    with pytest.raises(PacketError):
        split_frame(frame)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "7",
        "2",
        "2{}",
        "2[]",
        "2[1]",
        "2notjson",
        '2["a"',
        "2[NaN]",
        '2["a",Infinity]',
        "3",
        "30{}",
        "2" + "9" * 200 + '["a"]',
        '2["a",' + "[" * 100_000,
        '2["a",' + "1" * 5_000 + "]",
        '2²["a"]',
    ],
)
def test_what_is_no_packet(text):
    with pytest.raises(PacketError):
        decode_packet(text)


@given(text=st.text())
def test_any_text_is_a_packet_or_refused(text):
    for given_text in (text, CONNECT + text, EVENT + text, "2[" + text):
        try:
            decode_packet(given_text)
        except PacketError:
            continue


def test_binary_packets_are_known_by_their_type():
    assert decode_packet('51-/rasa,["a",{"_placeholder":true,"num":0}]').namespace == "/rasa"
    assert decode_packet("6").type == "6"
