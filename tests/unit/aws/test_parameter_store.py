"""Credentials from SSM: read once, kept for a while, never made up."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from channels.aws.client.json_api import ServiceError
from channels.aws.parameter_store import ParameterStore
from channels.errors import CredentialsError, CredentialsMissing


class Ssm:
    """SSM with parameters in a dict; `failure` is raised instead of an answer."""

    def __init__(self, **parameters):
        self.parameters = parameters
        self.failure = None
        self.calls = []

    def call(self, operation, parameters):
        self.calls.append((operation, parameters))
        if self.failure:
            raise self.failure
        if operation == "GetParametersByPath":
            return self.page(parameters)
        name = parameters["Name"].removeprefix("/stack/credentials/")
        if name not in self.parameters:
            raise ServiceError(operation, "ParameterNotFound")
        return {"Parameter": {"Value": self.parameters[name]}}

    def page(self, parameters):
        path = parameters["Path"] + "/"
        names = [f"/stack/credentials/{name}" for name in self.parameters]
        found = [{"Name": name} for name in names if name.startswith(path)]
        first = int(parameters.get("NextToken", "0"))
        token = {"NextToken": str(first + 1)} if first + 1 < len(found) else {}
        return {"Parameters": found[first : first + 1], **token}


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def ssm():
    return Ssm(rest=json.dumps({"token": "t"}))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(ssm, clock):
    return ParameterStore("/stack/credentials", ssm, max_age=300, clock=clock)


def test_a_section_is_a_decrypted_parameter_below_the_stacks_path(store, ssm):
    assert store("rest") == {"token": "t"}
    name = "/stack/credentials/rest"
    assert ssm.calls == [("GetParameter", {"Name": name, "WithDecryption": True})]


def test_a_section_is_read_once_until_it_is_old(store, ssm, clock):
    first = store("rest")
    clock.now += 299
    assert store("rest") is first
    assert len(ssm.calls) == 1
    clock.now += 2
    assert store("rest") is first, "unchanged settings stay the same object"
    assert len(ssm.calls) == 2


def test_a_changed_section_is_a_new_object(store, ssm, clock):
    first = store("rest")
    ssm.parameters["rest"] = json.dumps({"token": "u"})
    clock.now += 301
    assert store("rest") == {"token": "u"}
    assert store("rest") is not first


def test_a_known_section_is_used_on_while_ssm_is_down(store, ssm, clock, caplog):
    store("rest")
    ssm.failure = ServiceError("GetParameter", "ConnectionError")
    clock.now += 301
    assert store("rest") == {"token": "t"}
    assert "ConnectionError" in caplog.text


def test_without_an_answer_nothing_is_made_up(store, ssm):
    ssm.failure = ServiceError("GetParameter", "AccessDeniedException")
    with pytest.raises(CredentialsError, match="AccessDenied") as raised:
        store("rest")
    assert not isinstance(raised.value, CredentialsMissing)


def test_a_missing_section_says_how_to_push_it(store):
    with pytest.raises(CredentialsMissing, match=r"'slack' has no credentials.*credentials push"):
        store("slack")


@pytest.mark.parametrize("value", ["xoxb-no-json", '["xoxb-list"]', "null", "987654321"])
def test_a_parameter_that_holds_no_object_is_told_without_its_value(store, ssm, value):
    ssm.parameters["rest"] = value
    with pytest.raises(CredentialsError, match="'rest' is not a JSON object") as refused:
        store("rest")
    assert value not in str(refused.value)


def asked(ssm):
    return [operation for operation, _ in ssm.calls]


def test_names_that_anybody_may_invent_do_not_reach_ssm(store, ssm, clock):
    ssm.parameters |= {"custom/one": "{}", "custom/two": "{}"}
    for number in range(20):
        with pytest.raises(CredentialsMissing):
            store(f"custom/invented{number}")
    assert asked(ssm) == ["GetParameter", *["GetParametersByPath"] * 2]
    assert store("custom/two") == {}, "what the list names is read"

    ssm.parameters["custom/three"] = '{"a": 1}'
    with pytest.raises(CredentialsMissing):
        store("custom/three")
    clock.now += 10
    assert store("custom/three") == {"a": 1}


def test_without_the_right_to_list_each_name_is_asked_for(store, ssm):
    class NoList(type(ssm)):
        def page(self, parameters):
            raise ServiceError("GetParametersByPath", "AccessDeniedException")

    ssm.__class__ = NoList
    for _ in range(2):
        with pytest.raises(CredentialsMissing):
            store("custom/invented")
    assert asked(ssm).count("GetParameter") == 2


def test_a_section_that_is_no_folder_s_is_asked_for_each_time(store, ssm):
    for _ in range(2):
        with pytest.raises(CredentialsMissing):
            store("telegram")
    assert asked(ssm) == ["GetParameter", "GetParameter"]


def test_threads_that_ask_at_the_same_time_make_one_call(clock):
    arrived, go_on = threading.Event(), threading.Event()

    class SlowSsm(Ssm):
        def call(self, operation, parameters):
            arrived.set()
            go_on.wait(10)
            return super().call(operation, parameters)

    ssm = SlowSsm(rest='{"token": "t"}')
    store = ParameterStore("/stack/credentials", ssm, clock=clock)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(store, "rest")
        assert arrived.wait(10)
        second = threads.submit(store, "rest")
        go_on.set()
        assert first.result() is second.result()
    assert len(ssm.calls) == 1
