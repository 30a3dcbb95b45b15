"""Rights to Bedrock's models on the local stack.

For a call of ConverseStream AWS asks for bedrock:InvokeModelWithResponseStream (Amazon Bedrock,
API reference, "ConverseStream"), MiniStack for a right of the operation's name, which IAM does not
know.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_ON_AWS = "bedrock:InvokeModelWithResponseStream"
_ON_MINISTACK = "bedrock:ConverseStream"


def allow_converse_stream(client: IAMClient, policy_arn: str) -> None:
    """Let the roles of a policy call ConverseStream where it lets them on AWS."""
    policy = client.get_policy(PolicyArn=policy_arn)["Policy"]
    version = client.get_policy_version(PolicyArn=policy_arn, VersionId=policy["DefaultVersionId"])
    document: Any = version["PolicyVersion"]["Document"]
    allowed = [
        {"Effect": "Allow", "Action": _ON_MINISTACK, "Resource": statement["Resource"]}
        for statement in document["Statement"]
        if _ON_AWS in statement["Action"]
    ]
    here = json.dumps({"Version": document["Version"], "Statement": allowed})
    for role in client.list_entities_for_policy(PolicyArn=policy_arn)["PolicyRoles"]:
        client.put_role_policy(
            RoleName=role["RoleName"], PolicyName="ConverseStream", PolicyDocument=here
        )
