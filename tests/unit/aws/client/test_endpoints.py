"""Where AWS's services are, held against botocore."""

import boto3
import pytest

from channels.aws.client.endpoints import endpoint_of
from channels.wiring.settings import Settings

SESSION = boto3.Session("AKIDEXAMPLE", "example-secret-key")
#: The services that are called, by botocore's names.
SERVICES = {
    "sqs": "sqs",
    "ssm": "ssm",
    "dynamodb": "dynamodb",
    "lambda": "lambda",
    "execute-api": "apigatewaymanagementapi",
}
PARTITIONS = SESSION.get_available_partitions()


def botocores(service, region):
    client = SESSION.client(SERVICES[service], region_name=region)
    return client.meta.endpoint_url


@pytest.mark.parametrize("partition", PARTITIONS)
def test_every_partition(partition):
    for region in SESSION.get_available_regions("sqs", partition)[:2]:
        found = {service: endpoint_of(service, {"AWS_REGION": region}) for service in SERVICES}
        assert found == {service: botocores(service, region) for service in SERVICES}
        settings = Settings({"AWS_REGION": region, "SOCKET_API": "abc", "SOCKET_STAGE": "prod"})
        host = botocores("execute-api", region).removeprefix("https://")
        assert settings.sockets_url == f"https://abc.{host}/prod"


def test_all_partitions_are_there():
    assert {"aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso"} <= {*PARTITIONS}


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({"AWS_DEFAULT_REGION": "us-east-1"}, "https://ssm.us-east-1.amazonaws.com"),
        (
            {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"},
            "https://ssm.eu-west-1.amazonaws.com",
        ),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"}, "http://127.0.0.1:4566"),
        (
            {
                "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
                "AWS_ENDPOINT_URL_SSM": "http://127.0.0.1:4599",
            },
            "http://127.0.0.1:4599",
        ),
        (
            {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:4599"},
            "https://ssm.eu-west-1.amazonaws.com",
        ),
    ],
)
def test_the_endpoint_is_found_as_the_sdks_find_it(environment, url):
    assert endpoint_of("ssm", environment) == url
