"""Tokens that cost a login."""

import json

import pytest

from channels.auth.shared_token import SharedToken
from channels.errors import PlatformUnavailable


class KeyValueStore(dict):
    def put(self, key, value, seconds):
        self[key] = value
        self.seconds = seconds


class Login:
    """Gives tokens t1, t2, ... of an hour."""

    def __init__(self, seconds=3600.0):
        self.count = 0
        self.seconds = seconds

    def __call__(self):
        self.count += 1
        return f"t{self.count}", self.seconds


def token(login, memory=None, now=lambda: 0.0):
    return SharedToken("acme", login, lambda: memory, now)


@pytest.mark.parametrize("memory", [None, KeyValueStore()])
def test_one_login_serves_an_instance_until_shortly_before_the_token_expires(memory):
    time = [0.0]
    login = Login()
    shared = token(login, memory, lambda: time[0])
    answers = []
    for time[0] in (0.0, 3299.0, 3300.0):
        answers.append(shared.get())
    assert answers == ["t1", "t1", "t2"]


def test_one_login_serves_all_instances():
    login, memory = Login(), KeyValueStore()
    assert [token(login, memory).get() for _ in range(3)] == ["t1"] * 3
    assert memory.seconds == 3600.0
    assert json.loads(memory["token:acme"])["token"] == "t1"


def test_a_token_of_another_account_is_not_taken():
    login, memory = Login(), KeyValueStore()
    token(login, memory).get()
    other = SharedToken("other", login, lambda: memory, lambda: 0.0)
    assert other.get() == "t2"


def test_a_kept_token_that_expires_is_not_taken():
    login, memory = Login(), KeyValueStore()
    token(login, memory).get()
    assert token(login, memory, lambda: 3300.0).get() == "t2"


def test_a_refused_token_is_replaced_once_for_all_instances():
    login, memory = Login(), KeyValueStore()
    one, other = token(login, memory), token(login, memory)
    assert one.get() == other.get() == "t1"
    assert one.replace("t1") == "t2"
    assert other.replace("t1") == "t2"
    assert one.get() == other.get() == "t2"
    assert other.replace("t1") == "t2", "the answer to an older call"
    assert login.count == 2


def test_a_short_life_does_not_make_every_call_log_in():
    login = Login(seconds=60.0)
    shared = token(login, KeyValueStore())
    assert [shared.get(), shared.get()] == ["t1", "t1"]


def test_a_failed_login_is_the_callers_to_wait_for():
    def refuse():
        raise PlatformUnavailable("down")

    with pytest.raises(PlatformUnavailable):
        token(refuse, KeyValueStore()).get()
