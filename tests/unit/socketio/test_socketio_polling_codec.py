"""Payloads of long polling, against python-engineio; its version 3 lives by itself (Makefile)."""

import base64
import json
import os
import subprocess

import pytest
from engineio.payload import Payload
from hypothesis import given
from hypothesis import strategies as st

from channels.socketio.connection import EIO3, EIO4
from channels.socketio.packets import PacketError
from channels.socketio.polling_codec import MAX_FRAMES, decode_payload, encode_payload
from ops import ROOT

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x1e"))
FRAMES = st.lists(TEXTS.map(lambda text: f"4{text}"), min_size=1, max_size=10)
EVENTS = st.lists(TEXTS.map(lambda text: "42" + json.dumps(["e", text], ensure_ascii=False)),
                  min_size=1, max_size=10)  # fmt: skip

#: Encodes or decodes with python-engineio 3: [["encode" or "decode", payload], ...] on its input.
OF_VERSION_3 = """
import base64, json, sys
from engineio.payload import Payload
from engineio.packet import Packet

def run(what, given):
    if what == "decode":
        read = Payload(encoded_payload=base64.b64decode(given)).packets
        return [p.encode().decode() for p in read]
    packets = [Packet(encoded_packet=each) for each in given]
    return base64.b64encode(Payload(packets=packets).encode()).decode()

print(json.dumps([run(*each) for each in json.load(sys.stdin)]))
"""


def of_version_3(*jobs):
    """What python-engineio 3 makes of them."""
    python = ROOT / ".venv" / "socketio4" / "bin" / "python"
    if not python.exists():
        missing = f"python-engineio 3 is not there: `make setup` installs it into {python}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    done = subprocess.run(  # noqa: S603
        [python, "-c", OF_VERSION_3],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@given(FRAMES)
def test_version_4_is_read_as_its_library_writes_it(frames):
    theirs = Payload()
    theirs.decode(encode_payload(frames, EIO4))
    assert [packet.packet_type for packet in theirs.packets] == [4] * len(frames)
    assert decode_payload(theirs.encode().encode(), EIO4) == [
        packet.encode() for packet in theirs.packets
    ]
    assert decode_payload(encode_payload(frames, EIO4).encode(), EIO4) == frames


@given(EVENTS)
def test_version_3_says_the_same_when_read_again(frames):
    again = decode_payload(encode_payload(frames, EIO3).encode(), EIO3)
    assert [json.loads(each[2:]) for each in again] == [json.loads(each[2:]) for each in frames]


@given(FRAMES)
def test_version_3_counts_as_javascript_does(frames):
    theirs = "".join(f"{len(each.encode('utf-16-le')) // 2}:{each}" for each in frames)
    assert decode_payload(theirs.encode(), EIO3) == frames


EXAMPLES = [
    ["2probe"],
    ['42["a","b"]', '42["ä",{"x":"€ 5:00"}]', "3"],
    ["40/rasa", '42/rasa,7["emoji","\U0001f600 \U0001f600"]', "1"],
    ['42["long","' + "x" * 1234 + '"]'],
]


def test_version_3_against_its_library():
    encoded = [
        base64.b64encode(encode_payload(frames, EIO3).encode()).decode() for frames in EXAMPLES
    ]
    jobs = [("decode", each) for each in encoded] + [("encode", each) for each in EXAMPLES]
    answers = of_version_3(*jobs)
    read, written = answers[: len(EXAMPLES)], answers[len(EXAMPLES) :]
    for frames, theirs, bytes_of_theirs in zip(EXAMPLES, read, written, strict=True):
        assert [same(each) for each in theirs] == [same(each) for each in frames]
        ours = decode_payload(base64.b64decode(bytes_of_theirs), EIO3)
        assert [same(each) for each in ours] == [same(each) for each in frames]


def same(frame):
    """A frame without the freedoms of JSON."""
    at = frame.find("[")
    return frame if at < 0 else (frame[:at], json.loads(frame[at:]))


def test_characters_that_clients_count_in_two_ways_are_escaped():
    assert encode_payload(['42["\U0001f600"]'], EIO3) == '18:42["\\ud83d\\ude00"]'


@pytest.mark.parametrize(
    ("body", "version", "frames"),
    [
        (b"2probe\x1e4hello", EIO4, ["2probe", "4hello"]),
        (b"bAQID", EIO4, ["bAQID"]),
        (b"6:4hello2:3x", EIO3, ["4hello", "3x"]),
        (b"10:b4AQIDBAUG", EIO3, ["b4AQIDBAUG"]),
        (b"\x00\x06\xff4hello\x00\x01\xff2", EIO3, ["4hello", "2"]),
        (b"\x01\x04\xff\x04\x01\x02\x03", EIO3, ["bBAECAw=="]),
    ],
)
def test_examples_of_the_protocol(body, version, frames):
    assert decode_payload(body, version) == frames


@pytest.mark.parametrize(
    ("body", "version"),
    [
        (b"", EIO4),
        (b"", EIO3),
        (b"\x1e", EIO4),
        (b"4a\x1e\x1e4b", EIO4),
        (b"\xff\xfe", EIO4),
        (b"4hello", EIO3),
        (b"7:4hello", EIO3),
        (b"0:", EIO3),
        (b"99999999:4", EIO3),
        (b"-1:4", EIO3),
        (b"\x00", EIO3),
        (b"\x00\xff4", EIO3),
        (b"\x00\x0b\xff4", EIO3),
        (b"\x00\x09\xff4", EIO3),
        (b"\x02\x01\xff4", EIO3),
        (b"\x00\x01\xff\xff", EIO3),
        (b"\x1e".join([b"2"] * (MAX_FRAMES + 1)), EIO4),
    ],
)
def test_what_is_no_payload(body, version):
    with pytest.raises(PacketError):
        decode_payload(body, version)


@given(st.binary(), st.sampled_from([EIO3, EIO4]))
def test_any_bytes_are_frames_or_refused(body, version):
    try:
        frames = decode_payload(body, version)
    except PacketError:
        return
    assert all(isinstance(each, str) and each for each in frames)
