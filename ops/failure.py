"""The error that every command ends with: what is wrong and what mends it."""

from __future__ import annotations

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
)


class Failure(Exception):
    """A command cannot do what it was asked.

    `cause` and `mend` are sentences for the person at the terminal; `details` are the last lines
    of the tool that failed.
    """

    def __init__(self, cause: str, mend: str = "", details: list[str] | None = None) -> None:
        """Take the sentences and lines."""
        super().__init__(cause)
        self.cause = cause
        self.mend = mend
        self.details = details or []


def aws_failure(error: BotoCoreError | ClientError) -> Failure:
    """What an AWS library's error means to the person at the terminal."""
    match error:
        case NoCredentialsError():
            mend = "Sign in to AWS (`aws sso login`), or set AWS_PROFILE or AWS_ACCESS_KEY_ID."
        case NoRegionError():
            mend = "Give --region, or set AWS_REGION."
        case EndpointConnectionError():
            mend = "Is the stack running (`make up`), and the network there?"
        case _:
            mend = "Check the stack's name, the region and that your AWS identity may do this."
    return Failure(str(error), mend)
