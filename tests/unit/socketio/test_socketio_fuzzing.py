"""Strange frames at the real handlers, whatever stands between them and the client."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from tests.unit.socketio.surroundings import Surroundings

EIO4 = {"EIO": "4", "transport": "websocket"}


def event_of(name, data):
    return f"42{json.dumps([name, data])}"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=5,
)
FIELDS = ("message", "session_id", "message_id", "metadata", "sender", "token", "action", "id")

#: Frames that no library sends, by what they are.
FRAMES = {
    "random text": st.text(max_size=100),
    "bytes": st.binary(max_size=100).map(lambda raw: raw.decode("latin-1")),
    "halves of characters": st.text(st.characters(categories=["Cs"]), min_size=1, max_size=5).map(
        lambda text: f'42["user_uttered",{{"message":"{text}"}}]'
    ),
    "huge": st.sampled_from(["4", "42[", "\N{SNOWMAN}", "[", '{"a":']).map(
        lambda text: text * 20_000
    ),
    "nested": st.integers(500, 5_000).map(lambda depth: "42" + "[" * depth + "]" * depth),
    "Engine.IO": st.sampled_from("0123456789b").flatmap(
        lambda kind: st.text(max_size=20).map(lambda text: kind + text)
    ),
    "Socket.IO": st.tuples(
        st.sampled_from("0123456789"),
        st.sampled_from(["", "/", "/,", "/rasa,", "/?,", "/rasa?token=%ff,", "1-", "99-/,"]),
        st.sampled_from(["", "0", "7", "9" * 16, "9" * 17, "-1", "٣"]),
        st.text(max_size=20) | ANYTHING.map(json.dumps),
    ).map(lambda parts: "4" + "".join(parts)),
    "event of anything": st.tuples(st.text(max_size=20), ANYTHING).map(lambda two: event_of(*two)),
    "message of anything": st.dictionaries(st.sampled_from(FIELDS), ANYTHING).map(
        lambda data: event_of("user_uttered", data)
    ),
    "session of anything": ANYTHING.map(lambda data: event_of("session_request", data)),
    "plain JSON of anything": st.dictionaries(st.sampled_from(FIELDS), ANYTHING).map(json.dumps),
    "plain JSON": st.tuples(
        st.sampled_from(["user_uttered", "session_request", "connect", "ping", "$connect", "x"]),
        st.dictionaries(st.sampled_from(FIELDS[:-2]), ANYTHING),
    ).map(lambda two: json.dumps({**two[1], "action": two[0]})),
    "CONNECT of anything": ANYTHING.map(lambda data: f"40{json.dumps(data)}"),
    "JSON that is none": st.sampled_from(
        ["NaN", "42[NaN]", '42["a",Infinity]', "42{}", "42[]", "42[1]", "1e999", '"', "{", "null"]
    ),
}
#: How a connection stands when they come: query of its address, frames before.
STANDS = {
    "Socket.IO 4 before CONNECT": (EIO4, []),
    "Socket.IO 4": (EIO4, ["40", event_of("session_request", {"session_id": "v"})]),
    "Socket.IO 4 with recovery": ({**EIO4, "recovery": "1"}, ["40"]),
    "Socket.IO 2": ({"EIO": "3"}, [event_of("session_request", {"session_id": "v"})]),
    "plain JSON": (None, ['{"action":"session_request","session_id":"v"}']),
    "demonstration": (None, ['{"message":"hi","sender":"v"}']),
}


@pytest.fixture(scope="module")
def here():
    """Handlers with somebody else's connection, "bystander", which stays open."""
    with mock_aws():
        surroundings = Surroundings(session_persistence=True)
        surroundings.client("bystander", "s")
        yield surroundings


@pytest.fixture(scope="module")
def of_bystander(here):
    return here.dynamodb.stored()


@pytest.mark.parametrize("kind", FRAMES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=6)
@given(data=st.data(), stand=st.sampled_from(sorted(STANDS)))
def test_whatever_comes_is_handled_and_others_are_answered(
    here, of_bystander, caplog, kind, data, stand
):
    caplog.clear()
    strange = data.draw(st.lists(FRAMES[kind], min_size=1, max_size=4))
    query, frames = STANDS[stand]
    here.connect("vandal", query)
    here.send("vandal", *frames)
    heard = here.send("vandal", *strange)
    assert all(len(frame.encode("utf-8", "replace")) <= 131_072 for frame in heard)
    assert "Traceback" not in "".join(heard)
    here.disconnect("vandal")
    before = len(here.inbox.queued)
    assert here.send("bystander", '427["user_uttered",{"message":"hi"}]') == ["437[]"]
    assert len(here.inbox.queued) == before + 1
    assert [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []
    left = {key for key in here.dynamodb.stored() if "CONN#" in str(key)}
    assert left <= of_bystander, "all cleared up"
