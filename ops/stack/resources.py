"""The physical ids of a stack's resources, by the template's logical ids."""

from __future__ import annotations

import argparse

from ops.failure import Failure
from ops.settings import LocalSettings
from ops.stack.aws import Stack
from ops.stack.stack_file import StackFile

#: Parent of the parsers of commands that speak to a stack; `choose_stack` takes its two options.
STACK_OPTIONS = argparse.ArgumentParser(add_help=False)
STACK_OPTIONS.add_argument("--stack-name", help="stack on AWS; the local stack without it")
STACK_OPTIONS.add_argument("--region", help="AWS region of --stack-name (default: your session's)")


class Resources:
    """A stack's resources: `stack.json` lists those of the local one, CloudFormation others."""

    def __init__(self, stack: Stack) -> None:
        """Look the stack up."""
        self._stack_name = stack.name
        self._ids = _local_ids() if stack.is_local else _ids_on_aws(stack)

    def __getitem__(self, logical_id: str) -> str:
        """A resource's physical id (a queue's is its URL); Failure when the stack has it not."""
        if logical_id not in self._ids:
            raise Failure(
                f"The stack {self._stack_name} has no {logical_id}",
                "Is it a stack of this template? If it is an older one, deploy it again.",
            )
        return self._ids[logical_id]


def _local_ids() -> dict[str, str]:
    found = StackFile.read(LocalSettings.from_environment().local_dir)
    return found.resources if found else {}


def _ids_on_aws(stack: Stack) -> dict[str, str]:
    client = stack.session.client("cloudformation")
    # DescribeStackResources would leave out what follows the first 100.
    pages = client.get_paginator("list_stack_resources").paginate(StackName=stack.name)
    return {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for page in pages
        for each in page["StackResourceSummaries"]
        if "PhysicalResourceId" in each
    }
