"""The rights that functions have: the policies of their roles, as they were deployed."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ops.stack.aws import Stack
from tests.e2e.platforms.aws_calls import AwsCall

#: SAM's policy of every function: writing its logs.
_LOGS = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"

_LEADING_KEYS = ("ForAllValues:StringLike", "dynamodb:LeadingKeys")


class Right(NamedTuple):
    """One action on one resource that a statement allows; `key` is a pattern, None any key."""

    function: str
    action: str
    resource: str
    key: str | None

    def allows(self, call: AwsCall) -> bool:
        """Whether the call is one of these."""
        return (
            self.function == call.function
            and _matches(self.action, call.action)
            and _matches(self.resource, call.resource)
            and (self.key is None or _matches(self.key, str(call.leading_key)))
        )


def rights_of(stack: Stack, functions: dict[str, str]) -> list[Right]:
    """The rights of functions (logical id -> name); fails on policies that are not read here."""
    client = stack.session.client("lambda", endpoint_url=stack.endpoint_url)
    found = []
    for function, name in functions.items():
        role = client.get_function_configuration(FunctionName=name)["Role"].rpartition("/")[2]
        found += [right for each in _statements(stack, role) for right in _rights(function, each)]
    return found


def _statements(stack: Stack, role: str) -> list[dict[str, Any]]:
    iam = stack.session.client("iam", endpoint_url=stack.endpoint_url)
    documents: list[Any] = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert _LOGS in [each["PolicyArn"] for each in attached]
    for arn in [each["PolicyArn"] for each in attached if each["PolicyArn"] != _LOGS]:
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        answer = iam.get_policy_version(PolicyArn=arn, VersionId=version)
        documents.append(answer["PolicyVersion"]["Document"])
    return [statement for each in documents for statement in each["Statement"]]


def _rights(function: str, statement: dict[str, Any]) -> list[Right]:
    assert statement["Effect"] == "Allow"
    assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
    return [
        Right(function, action, resource, key)
        for action in _list(statement["Action"])
        # MiniStack keeps a policy whose condition is false for want of ARNs: it is for no resource.
        for resource in filter(None, _list(statement["Resource"]))
        for key in _keys(statement.get("Condition"))
    ]


def _keys(condition: dict[str, Any] | None) -> list[Any]:
    if condition is None:
        return [None]
    [(operator, keys)] = condition.items()
    [(name, patterns)] = keys.items()
    assert (operator, name) == _LEADING_KEYS
    return _list(patterns)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _matches(pattern: str, text: str) -> bool:
    """IAM's wildcards: `*` for any characters, `?` for one."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, text, re.DOTALL) is not None
