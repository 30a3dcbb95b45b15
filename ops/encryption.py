"""The KMS key that a stack encrypts with."""

from __future__ import annotations

from botocore.exceptions import ClientError

from ops.aws import Stack

_PARAMETER = "KmsKeyArn"
_NO_STACK = "ValidationError"  # CloudFormation's code for a stack that is not there

#: The account's own key for SSM, which costs nothing.
DEFAULT_KEY = "alias/aws/ssm"


def credentials_key(stack: Stack) -> str:
    """The id of the key for a stack's credentials: its `KmsKeyArn`, else SSM's own.

    Also of a stack that is not deployed yet: what is pushed after its deployment is encrypted anew.
    """
    client = stack.session.client("cloudformation", endpoint_url=stack.endpoint_url)
    try:
        [description] = client.describe_stacks(StackName=stack.name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != _NO_STACK:
            raise
        return DEFAULT_KEY
    given = {each["ParameterKey"]: each["ParameterValue"] for each in description["Parameters"]}
    return given.get(_PARAMETER) or DEFAULT_KEY
