"""Aliases of functions on the local stack.

On AWS everything that invokes a function goes through its alias, which leads to a published
version. Here the alias leads to the function itself, through Lambda's public API: what changes a
function, as a push of credentials does, is then in effect at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_LATEST = "$LATEST"


def lead_to_functions(client: LambdaClient, functions: Iterable[str]) -> None:
    """Have every alias of these functions (names or ARNs) lead to the function itself."""
    for function in functions:
        for alias in client.list_aliases(FunctionName=function)["Aliases"]:
            name = alias["Name"]
            client.update_alias(FunctionName=function, Name=name, FunctionVersion=_LATEST)
            _copy_invoke_config(client, function, name)


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
