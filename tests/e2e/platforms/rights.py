"""The rights that functions have: the policies of their roles, as they were deployed."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ops.aws import Stack
from tests.e2e.platforms.aws_calls import AwsCall

#: SAM's policy of every function: writing its logs.
_LOGS = "AWSLambdaBasicExecutionRole"

_LEADING_KEYS = ("ForAllValues:StringLike", "dynamodb:LeadingKeys")


class Right(NamedTuple):
    """One action that one statement allows; `keys` are patterns, None allows every key."""

    function: str
    statement: str
    action: str
    resources: tuple[str, ...]
    keys: tuple[str, ...] | None

    def allows(self, call: AwsCall) -> bool:
        """Whether the call is one of these."""
        return (
            self.function == call.function
            and _matches([self.action], call.action)
            and _matches(self.resources, call.resource)
            and (self.keys is None or _matches(self.keys, str(call.leading_key)))
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
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert [each["PolicyName"] for each in attached] == [_LOGS], attached
    documents: list[Any] = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    return [statement for each in documents for statement in each["Statement"]]


def _rights(function: str, statement: dict[str, Any]) -> list[Right]:
    assert statement["Effect"] == "Allow"
    assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
    resources = tuple(_list(statement["Resource"]))
    keys = None
    if "Condition" in statement:
        [(operator, condition)] = statement["Condition"].items()
        [(key, patterns)] = condition.items()
        assert (operator, key) == _LEADING_KEYS
        keys = tuple(_list(patterns))
    return [
        Right(function, statement.get("Sid", ""), action, resources, keys)
        for action in _list(statement["Action"])
    ]


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _matches(patterns: tuple[str, ...] | list[str], text: str) -> bool:
    """IAM's wildcards: `*` for any characters, `?` for one."""
    expressions = (re.escape(each).replace(r"\*", ".*").replace(r"\?", ".") for each in patterns)
    return any(re.fullmatch(each, text, re.DOTALL) for each in expressions)
