"""A bare WebSocket API on MiniStack, whose one Lambda posts each frame back."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.stack.aws import local_stack
from ops.stack.stack_file import StackFile

_CODE = Path(__file__).parent / "echo_function" / "app.py"
_STAGE = "prod"
_MEMORY = 512  # MB, as the template's functions have


@contextmanager
def echo_api(stack: StackFile) -> Iterator[str]:
    """Make the API beside a stack; gives its WebSocket address, and removes it afterwards."""
    session = local_stack(stack.stack_name, stack.endpoint_url).session
    functions = session.client("lambda", endpoint_url=stack.endpoint_url)
    gateway = session.client("apigatewayv2", endpoint_url=stack.endpoint_url)
    name = f"echo-{uuid.uuid4().hex[:8]}"
    arn = functions.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/echo",
        Handler="app.handler",
        Code={"ZipFile": _zipped()},
        MemorySize=_MEMORY,
        Timeout=10,
    )["FunctionArn"]
    api = gateway.create_api(
        Name=name, ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )["ApiId"]
    try:
        region = session.region_name
        uri = f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
        integration = gateway.create_integration(
            ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=uri
        )["IntegrationId"]
        for route in ("$connect", "$default"):
            gateway.create_route(ApiId=api, RouteKey=route, Target=f"integrations/{integration}")
        gateway.create_stage(ApiId=api, StageName=_STAGE, AutoDeploy=True)
        base = stack.endpoint_url.replace("http://", "ws://", 1)
        yield f"{base}/_aws/execute-api/{api}/{_STAGE}"
    finally:
        gateway.delete_api(ApiId=api)
        functions.delete_function(FunctionName=name)


def _zipped() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(_CODE.name, _CODE.read_bytes())
    return archive.getvalue()
