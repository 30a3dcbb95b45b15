"""What a deployed stack consists of, as CloudFormation tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from samtranslator.yaml_helper import yaml_parse

from ops.stack.aws import Stack

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_FUNCTION = "AWS::Lambda::Function"


@dataclass(frozen=True)
class Deployment:
    """A deployed stack.

    `resources` maps logical ids to physical ones; `functions` is the part of them that are Lambda
    functions. `original` and `processed` are its template before and after the SAM transform.
    """

    resources: dict[str, str]
    functions: dict[str, str]
    parameters: dict[str, str]
    original: dict[str, Any]
    processed: dict[str, Any]


def describe(stack: Stack) -> Deployment:
    """Ask CloudFormation for a stack."""
    client = stack.session.client("cloudformation", endpoint_url=stack.endpoint_url)
    # DescribeStackResources would leave out what follows the first 100.
    pages = client.get_paginator("list_stack_resources").paginate(StackName=stack.name)
    resources = [each for page in pages for each in page["StackResourceSummaries"]]
    [description] = client.describe_stacks(StackName=stack.name)["Stacks"]

    def template(stage: Literal["Original", "Processed"]) -> dict[str, Any]:
        return _template(client.get_template(StackName=stack.name, TemplateStage=stage))

    return Deployment(
        resources={each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources},
        functions={
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for each in resources
            if each["ResourceType"] == _FUNCTION
        },
        parameters={
            each["ParameterKey"]: each["ParameterValue"] for each in description["Parameters"]
        },
        original=template("Original"),
        processed=template("Processed"),
    )


def function_arns(client: LambdaClient, functions: Mapping[str, str]) -> dict[str, str]:
    """The ARNs of functions by logical id."""
    return {
        name: client.get_function_configuration(FunctionName=function)["FunctionArn"]
        for name, function in functions.items()
    }


def renew_environments(client: LambdaClient, functions: Mapping[str, str]) -> None:
    """End the execution environments that are waiting for requests, as any update does.

    A running one uses the credentials that it has read for some minutes more.
    """
    for function in functions.values():
        timeout = client.get_function_configuration(FunctionName=function)["Timeout"]
        client.update_function_configuration(FunctionName=function, Timeout=timeout)


def _template(answer: Mapping[str, Any]) -> dict[str, Any]:
    """A template's body: boto3 parses JSON, and leaves YAML (as `sam deploy` uploads it) a text."""
    body = answer["TemplateBody"]
    parsed: dict[str, Any] = yaml_parse(body) if isinstance(body, str) else body
    return parsed
