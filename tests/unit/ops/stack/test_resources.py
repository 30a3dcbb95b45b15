import pytest
from boto3.session import Session

from ops.failure import Failure
from ops.stack.aws import Stack, local_stack
from ops.stack.resources import Resources
from ops.stack.stack_file import StackFile


class CloudFormation:
    """A stack of more resources than one page or DescribeStackResources gives."""

    def get_paginator(self, operation):
        assert operation == "list_stack_resources"
        return self

    def paginate(self, *, StackName):
        assert StackName == "chat"
        for page in range(3):
            yield {
                "StackResourceSummaries": [
                    {"LogicalResourceId": f"R{page}-{n}", "PhysicalResourceId": f"id-{page}-{n}"}
                    for n in range(100)
                ]
            }
        yield {"StackResourceSummaries": [{"LogicalResourceId": "BeingMade"}]}


class OnAws(Session):
    def client(self, service, **options):
        assert (service, options) == ("cloudformation", {})
        return CloudFormation()


@pytest.fixture
def resources_on_aws():
    return Resources(Stack("chat", OnAws("test", "test", region_name="eu-west-1"), None))


def test_all_resources_on_aws(resources_on_aws):
    assert resources_on_aws["R0-0"] == "id-0-0"
    assert resources_on_aws["R2-99"] == "id-2-99"


@pytest.mark.parametrize("name", ["InboxQueue", "BeingMade"])
def test_what_a_stack_has_not_is_named(resources_on_aws, name):
    with pytest.raises(Failure, match=f"chat has no {name}") as failure:
        resources_on_aws[name]
    assert "deploy it again" in failure.value.mend


def test_the_local_stack_s_are_in_its_file(monkeypatch, tmp_path):
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path))
    endpoint = "http://127.0.0.1:4566"
    file = StackFile("http://x", None, None, endpoint, "local", None, {"InboxQueue": "http://q"})
    file.write(tmp_path)
    assert Resources(local_stack("local", endpoint))["InboxQueue"] == "http://q"
