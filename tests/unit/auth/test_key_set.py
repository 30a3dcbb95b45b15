"""Public keys of an issuer."""

import pytest

from channels.auth.key_set import LIFETIME, KeySet, fetch_document
from channels.errors import PlatformUnavailable, VerificationError
from tests.servers.recording_server import recording_server
from tests.unit.auth.test_shared_token import KeyValueStore


class Issuer:
    def __init__(self, *key_ids):
        self.key_ids = list(key_ids)
        self.fetches = 0
        self.is_down = False

    def __call__(self):
        self.fetches += 1
        if self.is_down:
            raise PlatformUnavailable("down")
        return {"keys": [{"kid": key_id, "n": f"n-{key_id}"} for key_id in self.key_ids]}


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def keys(issuer, clock, memory=None):
    return KeySet("login.example.com", issuer, lambda: memory, clock)


@pytest.mark.parametrize("memory", [None, KeyValueStore()])
def test_keys_are_fetched_at_the_first_use_and_once_a_day(clock, memory):
    issuer = Issuer("k1")
    known = keys(issuer, clock, memory)
    assert issuer.fetches == 0
    for _ in range(3):
        assert known.key("k1")["n"] == "n-k1"
    assert issuer.fetches == 1
    clock.now += LIFETIME + 1
    issuer.key_ids = ["k2"]
    with pytest.raises(VerificationError):
        known.key("k1")
    assert issuer.fetches == 2


def test_one_fetch_serves_all_instances(clock):
    issuer, memory = Issuer("k1"), KeyValueStore()
    for _ in range(3):
        keys(issuer, clock, memory).key("k1")
    assert issuer.fetches == 1


def test_a_new_key_is_fetched_when_it_is_first_used(clock):
    issuer, memory = Issuer("k1"), KeyValueStore()
    one, other = keys(issuer, clock, memory), keys(issuer, clock, memory)
    one.key("k1"), other.key("k1")
    issuer.key_ids.append("k2")
    clock.now += 11
    assert one.key("k2")["n"] == "n-k2"
    assert other.key("k2")["n"] == "n-k2"
    assert issuer.fetches == 2


def test_made_up_key_ids_cost_one_fetch_in_ten_seconds(clock):
    issuer, memory = Issuer("k1"), KeyValueStore()
    known = [keys(issuer, clock, memory) for _ in range(3)]
    for number in range(60):
        clock.now += 0.5
        with pytest.raises(VerificationError):
            known[number % 3].key(f"made-up-{number}")
    assert issuer.fetches == 3


def test_keys_that_cannot_be_fetched_say_nothing_against_the_token(clock):
    issuer = Issuer("k1")
    issuer.is_down = True
    with pytest.raises(PlatformUnavailable):
        keys(issuer, clock).key("k1")


@pytest.mark.parametrize("answer", [{}, {"keys": None}, {"keys": [{}]}, {"keys": [{"kid": 7}]}])
def test_an_odd_key_set_has_no_keys(clock, answer):
    with pytest.raises(VerificationError):
        keys(lambda: answer, clock).key("k1")


def test_a_document_is_fetched():
    with recording_server(lambda recorded: (200, b'{"keys": []}', {})) as server:
        assert fetch_document(f"{server.url}/keys", "Parrots Inc.", 2.0) == {"keys": []}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        (404, b'{"keys": []}', {}),
        (500, b"", {}),
        (302, b"", {"location": "/elsewhere"}),
        (200, b"not json", {}),
        (200, b"\xff", {}),
        (200, b"[]", {}),
        (200, b"[" * 100_000, {}),
    ],
)
def test_a_document_that_cannot_be_had_names_the_issuer_and_is_asked_for_once(answer):
    with recording_server(lambda recorded: answer) as server:
        with pytest.raises(PlatformUnavailable, match="no keys from Parrots Inc"):
            fetch_document(f"{server.url}/keys", "Parrots Inc.", 2.0)
        assert [recorded.path for recorded in server.requests] == ["/keys"]


@pytest.mark.parametrize("url", ["http://[bad", "ftp://example.com/keys", "http://"])
def test_what_is_no_address_says_nothing_against_the_token(url):
    with pytest.raises(PlatformUnavailable):
        fetch_document(url, "Parrots Inc.", 2.0)
