"""Where a stack is: the address that platforms call, and its API's own one."""

from __future__ import annotations

import argparse
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from ops.failure import Failure
from ops.settings import LocalSettings
from ops.stack.aws import Stack
from ops.stack.resources import Resources
from ops.stack.stack_file import StackFile

#: Parent of the parsers of commands that speak of the public address.
URL_OPTION = argparse.ArgumentParser(add_help=False)
URL_OPTION.add_argument(
    "--url",
    help="base URL that platforms call (default: the stack's PublicBaseUrl, else its API's own)",
)

_URL = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_API = "HttpApi"
_PARAMETER = "PublicBaseUrl"
_NO_STACK = "ValidationError"  # CloudFormation's code for a stack that is not there

#: Names that no public DNS server knows.
_PRIVATE_SUFFIXES = ("localhost", ".local", ".internal", ".lan", ".home.arpa")


@dataclass(frozen=True)
class Site:
    """The addresses of a stack, without a slash at the end; `/webhooks/...` is appended to them.

    `public_url` is what platforms are told, `stack_url` what the stack takes its own address to be
    (signatures cover it), `own_url` reaches the API without what is in front of it. `tunnel_end` is
    where a tunnel to a stack on this machine leads: both APIs and nothing else, while the host of
    `own_url` is the whole stand-in of AWS; "" on AWS.
    """

    public_url: str
    stack_url: str
    own_url: str
    tunnel_end: str = ""

    def webhook(self, channel: str) -> str:
        """The address of a channel's webhook, as platforms are told it."""
        return f"{self.public_url}/webhooks/{channel}/webhook"


def site_of(stack: Stack, parameters: dict[str, str], url: str | None = None) -> Site:
    """Where a stack is; `parameters` are its template parameters, `url` is asked for instead.

    Raises Failure for a `url` that is none.
    """
    if url is not None and not _URL.fullmatch(url):
        raise Failure(f"--url {url} is no address", "Give all that stands before /webhooks/.")
    own, tunnel_end = _own_urls(stack)
    known = parameters.get(_PARAMETER) or own
    return Site((url or known).rstrip("/"), known, own, tunnel_end)


def parameters_of(stack: Stack) -> dict[str, str]:
    """A stack's template parameters."""
    client = stack.session.client("cloudformation", endpoint_url=stack.endpoint_url)
    [description] = client.describe_stacks(StackName=stack.name)["Stacks"]
    given = description.get("Parameters", [])
    return {each["ParameterKey"]: each["ParameterValue"] for each in given}


def parameters_if_deployed(stack: Stack) -> dict[str, str]:
    """A stack's template parameters, none of one that is not deployed yet."""
    try:
        return parameters_of(stack)
    except ClientError as error:
        if error.response["Error"]["Code"] != _NO_STACK:
            raise
        return {}


def require_reachable(site: Site, api_url: str, platform: str) -> None:
    """Raise Failure for an address that a platform out in the world cannot call.

    A platform whose API is on this machine or in this network can: a fake, a server of one's own.
    """
    if is_private(api_url):
        return
    parts = urlsplit(site.public_url)
    if is_private(site.public_url):
        raise Failure(
            f"{platform} cannot reach {parts.netloc}, which is this machine or a private network",
            f"Put a tunnel in front of {site.tunnel_end or site.own_url} and tell the stack its "
            f'address: make up PARAMETERS="{_PARAMETER}=https://..." (see '
            "docs/running-locally.md); or deploy to AWS.",
        )
    if parts.scheme != "https":
        raise Failure(
            f"{platform} wants https, and the public address is {site.public_url}",
            f"Give the stack an https address: the parameter {_PARAMETER}.",
        )


def is_private(url: str) -> bool:
    """Whether an address leads to this machine or a private network, as far as its name tells."""
    host = (urlsplit(url).hostname or "").lower()
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_SUFFIXES)


def _own_urls(stack: Stack) -> tuple[str, str]:
    """The address of the API itself, and where a tunnel to it leads."""
    if stack.is_local:
        found = StackFile.read(LocalSettings.from_environment().local_dir)
        if found is None:
            raise Failure("No local stack is up", "Run `make up`.")
        return found.http_url, found.socketio_url or ""
    client = stack.session.client("apigatewayv2")
    api = client.get_api(ApiId=Resources(stack)[_API])
    return str(api["ApiEndpoint"]).rstrip("/"), ""
