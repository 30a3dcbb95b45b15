"""The addresses of a stack's HTTP API: where it is reached, and what platforms call it."""

from __future__ import annotations

from typing import NamedTuple

from ops.aws import Stack
from ops.failure import Failure
from ops.settings import LocalSettings
from ops.stack_file import StackFile

_OUTPUT, _PARAMETER = "HttpApiUrl", "PublicBaseUrl"


class StackAddress(NamedTuple):
    """`reached` is where requests are sent to; `called` is the address that signatures are made of.

    They differ on this machine, where a stack is behind no domain. Both end before `/webhooks/`.
    """

    reached: str
    called: str


def stack_address(stack: Stack) -> StackAddress:
    """The addresses of a stack, as CloudFormation and, of the local one, `stack.json` tell them."""
    client = stack.session.client("cloudformation", endpoint_url=stack.endpoint_url)
    [description] = client.describe_stacks(StackName=stack.name)["Stacks"]
    parameters = {
        each["ParameterKey"]: each["ParameterValue"] for each in description.get("Parameters", [])
    }
    public = parameters.get(_PARAMETER, "")
    if not stack.is_local:
        outputs = {each["OutputKey"]: each["OutputValue"] for each in description["Outputs"]}
        if _OUTPUT not in outputs:
            raise Failure(
                f"The stack {stack.name} has no output {_OUTPUT}",
                "Is it a stack of this template?",
            )
        return StackAddress(outputs[_OUTPUT], outputs[_OUTPUT])
    found = StackFile.read(LocalSettings.from_environment().local_dir)
    if found is None:
        raise Failure("No local stack is up", "Run `make up`.")
    # What MiniStack's events say of the API's domain: without the port.
    own = f"https://{found.resources['HttpApi']}.execute-api.localhost"
    return StackAddress(found.http_url, public or own)
