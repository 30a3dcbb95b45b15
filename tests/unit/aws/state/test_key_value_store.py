"""What channels remember, in the state table."""

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from channels.aws.client.json_api import ServiceError
from channels.aws.state.key_value_store import TableStore
from channels.errors import PlatformUnavailable


class Dynamodb:
    def __init__(self):
        self.items = {}
        self.error = None

    def call(self, operation, parameters):
        if self.error:
            raise self.error
        assert parameters["TableName"] == "state"
        if operation == "PutItem":
            item = parameters["Item"]
            self.items[item["pk"]["S"], item["sk"]["S"]] = item
            return {}
        assert (operation, parameters["ConsistentRead"]) == ("GetItem", True)
        found = self.items.get((parameters["Key"]["pk"]["S"], parameters["Key"]["sk"]["S"]))
        return {"Item": found} if found else {}


def memory(dynamodb, channel="telegram", now=1000.0):
    return TableStore("state", channel, dynamodb, now=lambda: now)


def test_a_value_is_remembered_until_its_time_is_over():
    dynamodb = Dynamodb()
    memory(dynamodb).put("k", "/payload", 60)
    assert memory(dynamodb, now=1059).get("k") == "/payload"
    assert memory(dynamodb, now=1060).get("k") is None
    assert memory(dynamodb).get("other") is None


def test_channels_do_not_share():
    dynamodb = Dynamodb()
    memory(dynamodb).put("k", "/payload", 60)
    assert memory(dynamodb, channel="slack").get("k") is None


class Moto:
    """DynamoDB's own judgement of conditions, in the small client's words."""

    def __init__(self):
        self._client = boto3.client("dynamodb", region_name="eu-west-1")
        self._client.create_table(
            TableName="state",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )

    def call(self, operation, parameters):
        operations = {"PutItem": self._client.put_item, "GetItem": self._client.get_item}
        try:
            return operations[operation](**parameters)
        except ClientError as error:
            raise ServiceError(operation, error.response["Error"]["Code"]) from error


@mock_aws
def test_the_first_claim_holds_until_its_time_is_over():
    dynamodb = Moto()
    assert memory(dynamodb).claim("k", "first", 60) == "first"
    assert memory(dynamodb, now=1059).claim("k", "second", 60) == "first"
    assert memory(dynamodb, now=1059).claim("other", "second", 60) == "second"
    assert memory(dynamodb, now=1060).claim("k", "third", 60) == "third"
    assert memory(dynamodb, now=1061).get("k") == "third"


@pytest.mark.parametrize(
    "operation",
    [lambda m: m.get("k"), lambda m: m.put("k", "v", 1), lambda m: m.claim("k", "v", 1)],
)
def test_a_table_that_does_not_answer_is_waited_for(operation):
    dynamodb = Dynamodb()
    dynamodb.error = ServiceError("GetItem", "ConnectionError")
    with pytest.raises(PlatformUnavailable):
        operation(memory(dynamodb))
