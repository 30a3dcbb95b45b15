"""Aliases of functions on the local stack.

On AWS everything that invokes a function goes through its alias, which leads to a published version.
Here the alias leads to the function itself, through Lambda's public API: what changes a function, as
a push of credentials does, is then in effect at once.
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
            client.update_alias(
                FunctionName=function, Name=alias["Name"], FunctionVersion=_LATEST
            )
