"""Credentials from SSM: read once, kept for a while, never made up."""

import json

import pytest

from channels.aws.json_api import ServiceError
from channels.aws.secrets import ParameterStore
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
        name = parameters["Name"].rpartition("/")[2]
        if name not in self.parameters:
            raise ServiceError(operation, "ParameterNotFound")
        return {"Parameter": {"Value": self.parameters[name]}}


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


@pytest.mark.parametrize("value", ["not json", "[]", "null", "5"])
def test_a_parameter_that_holds_no_object_is_told_without_its_value(store, ssm, value):
    ssm.parameters["rest"] = value
    with pytest.raises(CredentialsError, match="'rest' holds no JSON object"):
        store("rest")
