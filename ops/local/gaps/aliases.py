"""Aliases of functions on the local stack.

On AWS everything that invokes a function goes through its alias, which leads to a published
version. Here the alias leads to the function itself, through Lambda's public API: what changes a
function, as a push of credentials does, is then in effect at once. WebSocket routes lead past the
alias: MiniStack keeps environments of its own for it, which an update of the function does not end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client
    from mypy_boto3_lambda import LambdaClient

_LATEST = "$LATEST"

#: What an integration's URI ends in that leads to an alias: function, alias.
_ALIASED = re.compile(r"(:function:[^:/]+):[^:/]+(/invocations)$")


def lead_to_functions(client: LambdaClient, functions: Iterable[str]) -> None:
    """Have every alias of these functions (names or ARNs) lead to the function itself."""
    for function in functions:
        for alias in client.list_aliases(FunctionName=function)["Aliases"]:
            name = alias["Name"]
            client.update_alias(FunctionName=function, Name=name, FunctionVersion=_LATEST)
            _copy_invoke_config(client, function, name)


def lead_integrations_to_functions(client: ApiGatewayV2Client, api_id: str) -> None:
    """Have the integrations of an API that lead to aliases lead to their functions."""
    for integration in client.get_integrations(ApiId=api_id)["Items"]:
        uri = _ALIASED.sub(r"\1\2", integration["IntegrationUri"])
        if uri != integration["IntegrationUri"]:
            client.update_integration(
                ApiId=api_id, IntegrationId=integration["IntegrationId"], IntegrationUri=uri
            )


def _copy_invoke_config(client: LambdaClient, function: str, alias: str) -> None:
    """Give a function its alias's settings of asynchronous calls: MiniStack reads no others."""
    configs = client.list_function_event_invoke_configs(FunctionName=function)
    for each in configs["FunctionEventInvokeConfigs"]:
        if each["FunctionArn"].endswith(f":{alias}"):
            client.put_function_event_invoke_config(
                FunctionName=function,
                MaximumRetryAttempts=each["MaximumRetryAttempts"],
                MaximumEventAgeInSeconds=each["MaximumEventAgeInSeconds"],
            )
