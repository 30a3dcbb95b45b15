import datetime
import json

import boto3
import pytest
from moto import mock_aws

from ops.credentials.encryption import DEFAULT_KEY, credentials_key
from ops.credentials.parameter_store import Change, ParameterStore
from ops.failure import Failure
from ops.stack.aws import Stack

CREDENTIALS = {"rest": {}, "slack": {"slack_token": "xoxb-1", "slack_channel": "général"}}


@pytest.fixture
def stack(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield Stack("chat", boto3.session.Session(region_name="eu-west-1"), None)


@pytest.fixture
def store(stack):
    return ParameterStore(stack)


def test_a_secure_string_for_each_channel(store, stack):
    assert store.push(CREDENTIALS) == Change(written=["rest", "slack"])
    ssm = stack.session.client("ssm")
    names = ["/chat/credentials/rest", "/chat/credentials/slack"]
    found = ssm.get_parameters(Names=names, WithDecryption=True)["Parameters"]
    assert {each["Name"]: json.loads(each["Value"]) for each in found} == {
        "/chat/credentials/rest": {},
        "/chat/credentials/slack": CREDENTIALS["slack"],
    }
    assert {each["Type"] for each in found} == {"SecureString"}


def test_only_what_has_changed_is_written(store, stack):
    store.push(CREDENTIALS)
    changed = {**CREDENTIALS, "slack": {"slack_token": "xoxb-2"}}
    assert store.push(changed) == Change(written=["slack"], unchanged=["rest"])
    ssm = stack.session.client("ssm")
    assert ssm.get_parameter(Name="/chat/credentials/rest")["Parameter"]["Version"] == 1


def test_what_the_file_lacks_is_kept_unless_pruned(store):
    store.push(CREDENTIALS)
    assert store.push({"rest": {}}) == Change(unchanged=["rest"], absent=["slack"])
    assert [section.channel for section in store.sections()] == ["rest", "slack"]
    assert store.push({"rest": {}}, prune=True) == Change(unchanged=["rest"], removed=["slack"])
    assert [section.channel for section in store.sections()] == ["rest"]


def test_sections_name_settings_without_their_values(store):
    store.push(CREDENTIALS)
    _, slack = store.sections()
    assert slack.keys == ["slack_channel", "slack_token"]
    assert isinstance(slack.last_changed, datetime.datetime)
    assert "xoxb" not in repr(slack)


def test_a_custom_channel_s_settings_are_named_without_its_class(store):
    store.push({"custom/myio": {"class": "addons.my_channel.MyIO", "settings": {"url": "u"}}})
    [section] = store.sections()
    assert (section.channel, section.keys) == ("custom/myio", ["url"])


def test_more_channels_than_one_page_holds(store):
    many = {f"custom/channel{number}": {"token": str(number)} for number in range(25)}
    store.push(many)
    assert store.push(many).unchanged == list(many)
    assert len(store.sections()) == 25


def test_another_stack_s_credentials_are_not_touched(store, stack):
    ParameterStore(Stack("chat2", stack.session, None)).push(CREDENTIALS)
    assert store.push({"rest": {}}, prune=True) == Change(written=["rest"])


@pytest.mark.parametrize(
    ("section", "cause"),
    [
        ({"since": datetime.date(2026, 1, 2)}, "neither text, number"),
        ({"key": "x" * 9000}, "larger than"),
    ],
)
def test_a_section_that_ssm_cannot_hold_writes_nothing(store, section, cause):
    with pytest.raises(Failure, match=f"'slack' .*{cause}"):
        store.push({"rest": {}, "slack": section})
    assert store.sections() == []


KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"


def keys(stack):
    found = stack.session.client("ssm").describe_parameters()["Parameters"]
    return {each["KeyId"] for each in found}


def test_another_key_encrypts_everything_anew(store, stack):
    store.push(CREDENTIALS)
    assert keys(stack) == {DEFAULT_KEY}
    assert store.push(CREDENTIALS, key=KEY) == Change(written=["rest", "slack"])
    assert keys(stack) == {KEY}
    assert store.push(CREDENTIALS, key=KEY) == Change(unchanged=["rest", "slack"])
    assert store.push(CREDENTIALS) == Change(written=["rest", "slack"])
    assert keys(stack) == {DEFAULT_KEY}


@pytest.mark.parametrize(("given", "expected"), [(KEY, KEY), ("", DEFAULT_KEY)])
def test_the_key_is_the_one_that_the_stack_was_deployed_with(stack, given, expected):
    template = {
        "Parameters": {"KmsKeyArn": {"Type": "String", "Default": ""}},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    }
    stack.session.client("cloudformation").create_stack(
        StackName=stack.name,
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": "KmsKeyArn", "ParameterValue": given}],
    )
    assert credentials_key(stack) == expected


def test_before_the_first_deployment_it_is_the_account_s_own(stack):
    assert credentials_key(stack) == DEFAULT_KEY
