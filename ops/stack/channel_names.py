"""The names a stack's channels may have in the turn journal."""

from __future__ import annotations

from channels.wiring.registry import BUILT_IN, NOT_CHANNELS, custom_section
from ops.stack.aws import Stack


def channel_names(stack: Stack) -> list[str]:
    """The built-in channels and those of the stack's credentials, custom ones by their route.

    Reads the names of SSM parameters only, which needs no right to decrypt them.
    """
    client = stack.session.client("ssm", endpoint_url=stack.endpoint_url)
    path = f"/{stack.name}/credentials"
    pages = client.get_paginator("get_parameters_by_path").paginate(
        Path=path, Recursive=True, WithDecryption=False
    )
    sections = {
        parameter["Name"].removeprefix(f"{path}/").removeprefix(custom_section(""))
        for page in pages
        for parameter in page["Parameters"]
    }
    return sorted({*BUILT_IN, *sections} - {*NOT_CHANNELS})
