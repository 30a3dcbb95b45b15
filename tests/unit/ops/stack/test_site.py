import pytest

from ops.failure import Failure
from ops.stack.aws import Stack, local_stack
from ops.stack.site import Site, is_private, parameters_of, require_reachable, site_of
from ops.stack.stack_file import StackFile

#: What only has the stack's two APIs.
FRONT = "http://127.0.0.1:5660"
OWN = "http://127.0.0.1:4660/_aws/execute-api/a1"
SLACK = "https://slack.com/api/"


@pytest.fixture
def stack(tmp_path, monkeypatch):
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path))
    StackFile(OWN, None, FRONT, "http://127.0.0.1:4660", "chat", None, {}).write(tmp_path)
    return local_stack("chat", "http://127.0.0.1:4660")


def test_the_public_address_is_the_parameters_else_the_apis_own(stack):
    assert site_of(stack, {}) == Site(OWN, OWN, OWN, FRONT)
    site = site_of(stack, {"PublicBaseUrl": "https://bot.example.com/x"})
    assert site == Site("https://bot.example.com/x", "https://bot.example.com/x", OWN, FRONT)
    assert site.webhook("slack") == "https://bot.example.com/x/webhooks/slack/webhook"


def test_another_one_may_be_asked_for(stack):
    site = site_of(stack, {"PublicBaseUrl": "https://old.example.com"}, "https://new.example.com/")
    assert (site.public_url, site.stack_url) == (
        "https://new.example.com",
        "https://old.example.com",
    )
    with pytest.raises(Failure, match="no address"):
        site_of(stack, {}, "bot.example.com")


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://127.0.0.1:4566/x", True),
        ("http://[::1]/", True),
        ("http://192.168.1.7", True),
        ("http://localhost:80", True),
        ("http://rasa:5005", True),
        ("https://chat.corp.internal", True),
        ("https://chat.example.com", False),
        ("https://8.8.8.8", False),
    ],
)
def test_private_addresses(url, private):
    assert is_private(url) is private


def test_a_platform_cannot_reach_this_machine_unless_it_is_here_too():
    with pytest.raises(Failure, match=r"Slack cannot reach 127.0.0.1:4660") as failure:
        require_reachable(Site(OWN, OWN, OWN, FRONT), SLACK, "Slack")
    assert f"tunnel in front of {FRONT} " in failure.value.mend
    assert "PublicBaseUrl" in failure.value.mend
    require_reachable(Site(OWN, OWN, OWN), "http://127.0.0.1:9/api/", "Slack")
    public = "https://bot.example.com"
    require_reachable(Site(public, public, OWN), SLACK, "Slack")


def test_platforms_want_https():
    public = "http://bot.example.com"
    with pytest.raises(Failure, match="wants https"):
        require_reachable(Site(public, public, OWN), SLACK, "Slack")


class OnAws:
    """A session whose stack has an HTTP API."""

    def client(self, service, **_):
        return {"apigatewayv2": Apis(), "cloudformation": Formation()}[service]


class Apis:
    def get_api(self, *, ApiId):
        return {"ApiEndpoint": f"https://{ApiId}.execute-api.eu-west-1.amazonaws.com"}


class Formation:
    def describe_stacks(self, *, StackName):
        return {"Stacks": [{"Parameters": [{"ParameterKey": "Agent", "ParameterValue": "a:B"}]}]}

    def get_paginator(self, name):
        return self

    def paginate(self, *, StackName):
        api = {"LogicalResourceId": "HttpApi", "PhysicalResourceId": "abc1"}
        return [{"StackResourceSummaries": [api]}]


def test_a_stack_on_aws():
    stack = Stack("chat", OnAws(), None)
    assert parameters_of(stack) == {"Agent": "a:B"}
    own = "https://abc1.execute-api.eu-west-1.amazonaws.com"
    assert site_of(stack, {}) == Site(own, own, own)
    site = site_of(stack, {"PublicBaseUrl": "https://bot.example.com"})
    assert (site.public_url, site.own_url) == ("https://bot.example.com", own)
