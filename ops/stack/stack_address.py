"""The addresses of a stack's HTTP API: where it is reached, and what platforms call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ops.failure import Failure
from ops.settings import LocalSettings
from ops.stack.aws import Stack
from ops.stack.stack_file import StackFile

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

_OUTPUT, _PARAMETER, _DOMAIN = "HttpApiUrl", "PublicBaseUrl", "HttpDomainName"


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
    if not stack.is_local:
        return address_on_aws(description)
    found = StackFile.read(LocalSettings.from_environment().local_dir)
    if found is None:
        raise Failure("No local stack is up", "Run `make up`.")
    return local_address(description, found)


def address_on_aws(description: StackTypeDef) -> StackAddress:
    """Of a stack that CloudFormation describes: both are its output, which knows `PublicBaseUrl`.

    Raises Failure for a stack of another template.
    """
    for each in description.get("Outputs", []):
        if each["OutputKey"] == _OUTPUT:
            return StackAddress(each["OutputValue"], each["OutputValue"])
    raise Failure(
        f"The stack {description['StackName']} has no output {_OUTPUT}",
        "Is it a stack of this template? If it is an older one, deploy it again.",
    )


def local_address(description: StackTypeDef, found: StackFile) -> StackAddress:
    """Of the local stack, which is reached where `stack.json` says."""
    parameters = {
        each["ParameterKey"]: each["ParameterValue"] for each in description.get("Parameters", [])
    }
    # What MiniStack's events say of the API's domain: without the port.
    own = f"https://{found.resources['HttpApi']}.execute-api.localhost"
    if domain := parameters.get(_DOMAIN):
        own = f"https://{domain}"
    return StackAddress(found.http_url, parameters.get(_PARAMETER) or own)
