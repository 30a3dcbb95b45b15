"""What functions call in AWS: recorded between them and MiniStack, in IAM's words."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from tests.servers.recording_server import Answer, Recorded, RecordingServer, recording_server

_ACCOUNT = "us-east-1:000000000000"

#: Operations whose IAM action has another name (AWS, Service Authorization Reference).
_ACTIONS = {
    "SendMessageBatch": "SendMessage",
    "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}

#: Services by the prefix of their JSON protocol's target.
_SERVICES = {"AmazonSQS": "sqs", "AmazonSSM": "ssm", "DynamoDB_20120810": "dynamodb"}

#: The headers that are a connection's own (RFC 9110).
_OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class AwsCall(NamedTuple):
    """One call: `leading_key` is the partition key that a call to the state table names."""

    function: str
    action: str
    resource: str
    leading_key: str | None = None

    @property
    def queue(self) -> str:
        """The name of the queue that it is on, empty for other services."""
        return self.resource.rpartition(":")[2] if self.action.startswith("sqs:") else ""


class Recorders:
    """What each function has called, by its logical id."""

    def __init__(self, servers: dict[str, RecordingServer]) -> None:
        self._servers = servers
        self._read = dict.fromkeys(servers, 0)
        self._calls: list[AwsCall] = []

    def calls(self) -> list[AwsCall]:
        """All calls so far."""
        for function, server in self._servers.items():
            new = server.requests[self._read[function] :]
            self._read[function] += len(new)
            self._calls += [call for request in new for call in calls_of(function, request)]
        return list(self._calls)

    def endpoints(self, function: str, socket_api: str) -> dict[str, str]:
        """The AWS SDKs' variables that lead a function's calls here."""
        url = self._servers[function].url
        services = ("SQS", "DYNAMODB", "SSM", "LAMBDA")
        sockets = f"{url}/_aws/execute-api/{socket_api}/prod"
        return {
            **{f"AWS_ENDPOINT_URL_{service}": url for service in services},
            "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": sockets,
        }


@contextmanager
def recorders(functions: list[str], aws_url: str) -> Iterator[Recorders]:
    """A recorder before AWS for each function."""
    with ExitStack() as stack:
        yield Recorders(
            {each: stack.enter_context(recording_server(_forward(aws_url))) for each in functions}
        )


def calls_of(function: str, request: Recorded) -> Iterator[AwsCall]:
    """The calls in a request, as IAM decides on them: each part of a transaction is one."""
    target, _, operation = request.headers.get("x-amz-target", "").partition(".")
    service = _SERVICES.get(target)
    if service == "sqs":
        queue = request.json["QueueUrl"].rpartition("/")[2]
        yield AwsCall(function, _action("sqs", operation), f"arn:aws:sqs:{_ACCOUNT}:{queue}")
    elif service == "ssm":
        name = request.json.get("Name") or request.json["Path"]
        resource = f"arn:aws:ssm:{_ACCOUNT}:parameter{name}"
        yield AwsCall(function, _action("ssm", operation), resource)
    elif service == "dynamodb":
        parts = request.json.get("TransactItems") or [{operation: request.json}]
        for kind, part in [pair for each in parts for pair in each.items()]:
            table = f"arn:aws:dynamodb:{_ACCOUNT}:table/{part['TableName']}"
            yield AwsCall(function, _action("dynamodb", kind), table, _leading_key(part))
    else:
        yield _rest_call(function, request)


def _action(service: str, operation: str) -> str:
    return f"{service}:{_ACTIONS.get(operation, operation)}"


def _leading_key(part: dict[str, Any]) -> str:
    item = part.get("Key") or part.get("Item")
    if item is not None:
        return str(item["pk"]["S"])
    placeholder = part["KeyConditionExpression"].partition("pk = ")[2].split()[0]
    return str(part["ExpressionAttributeValues"][placeholder]["S"])


def _rest_call(function: str, request: Recorded) -> AwsCall:
    parts = unquote(request.path).strip("/").split("/")
    if parts[1:2] == ["functions"]:
        name = parts[2].rpartition(":function:")[2]  # it may be called by its ARN
        resource = f"arn:aws:lambda:{_ACCOUNT}:function:{name}"
        return AwsCall(function, "lambda:InvokeFunction", resource)
    assert parts[:2] == ["_aws", "execute-api"], request.path
    below = "/".join([*parts[2:4], request.method, *parts[4:]])
    return AwsCall(
        function, "execute-api:ManageConnections", f"arn:aws:execute-api:{_ACCOUNT}:{below}"
    )


def _forward(aws_url: str) -> Callable[[Recorded], Answer]:
    """Hand requests on as they are: their signatures are over the recorder's host name."""
    address = urlsplit(aws_url)

    def forward(request: Recorded) -> Answer:
        connection = http.client.HTTPConnection(str(address.hostname), address.port)
        kept = {k: v for k, v in request.headers.items() if k not in _OF_THE_CONNECTION}
        try:
            connection.request(request.method, request.path, request.body, kept)
            response = connection.getresponse()
            headers = {k.lower(): v for k, v in response.getheaders()}
            kept = {k: v for k, v in headers.items() if k not in _OF_THE_CONNECTION}
            return response.status, response.read(), kept
        finally:
            connection.close()

    return forward
