"""Which stack a command speaks to: the local one or one on AWS."""

from __future__ import annotations

from dataclasses import dataclass

from boto3.session import Session

from ops.failure import Failure
from ops.settings import LocalSettings
from ops.stack.stack_file import StackFile

#: MiniStack takes any key; these are the ones its documentation uses.
LOCAL_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}

#: The local stack, as `samconfig.toml` names it.
STACK_NAME = "channels-local"


@dataclass(frozen=True)
class Stack:
    """A deployed stack and the session that reaches it; `endpoint_url` is None on AWS."""

    name: str
    session: Session
    endpoint_url: str | None

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine."""
        return self.endpoint_url is not None


def local_stack(name: str, endpoint_url: str) -> Stack:
    """The stack of that name in a MiniStack; the user's AWS identity is left out of it."""
    session = Session(
        aws_access_key_id=LOCAL_ENVIRONMENT["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=LOCAL_ENVIRONMENT["AWS_SECRET_ACCESS_KEY"],
        region_name=LOCAL_ENVIRONMENT["AWS_DEFAULT_REGION"],
    )
    return Stack(name, session, endpoint_url)


def choose_stack(stack_name: str | None, region: str | None) -> Stack:
    """The stack of that name on AWS; without a name and a region, the local one that is up.

    Raises Failure where neither is there.
    """
    if stack_name:
        return Stack(stack_name, Session(region_name=region), None)
    if region:
        raise Failure("--region needs a stack", "Give --stack-name too.")
    found = StackFile.read(LocalSettings.from_environment().local_dir)
    if found is None:
        raise Failure(
            "No local stack is up, and no --stack-name was given",
            "Run `make up`, or name the stack on AWS: --stack-name NAME [--region REGION].",
        )
    return local_stack(found.stack_name, found.endpoint_url)
