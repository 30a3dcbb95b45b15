"""The KMS key that a stack encrypts with."""

from __future__ import annotations

from ops.stack.aws import Stack
from ops.stack.site import parameters_if_deployed

_PARAMETER = "KmsKeyArn"

#: The account's own key for SSM, which costs nothing.
DEFAULT_KEY = "alias/aws/ssm"


def credentials_key(stack: Stack) -> str:
    """The id of the key for a stack's credentials: its `KmsKeyArn`, else SSM's own.

    Also of a stack that is not deployed yet: what is pushed after its deployment is encrypted anew.
    """
    return parameters_if_deployed(stack).get(_PARAMETER) or DEFAULT_KEY
