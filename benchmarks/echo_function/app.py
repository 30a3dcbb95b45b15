"""The least that answers over a WebSocket API: each frame is posted back to who sent it."""

import os
from functools import cache
from typing import Any

import boto3


@cache
def connections(api: str, stage: str) -> Any:
    """API Gateway's @connections of a stage on MiniStack."""
    url = f"{os.environ['AWS_ENDPOINT_URL']}/_aws/execute-api/{api}/{stage}"
    return boto3.client("apigatewaymanagementapi", endpoint_url=url)


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Let everybody in, and post frames back."""
    about = event["requestContext"]
    print(about["eventType"])  # MiniStack waits 50 ms for the first line of an invocation
    if about["eventType"] == "MESSAGE":
        connections(about["apiId"], about["stage"]).post_to_connection(
            ConnectionId=about["connectionId"], Data=event["body"].encode()
        )
    return {"statusCode": 200}
