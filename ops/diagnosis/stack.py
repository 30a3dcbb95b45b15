"""The stack itself: its deployment, its functions, its queues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ops.findings import Findings
from ops.letters.queue import State
from ops.wording import count, duration

#: A message that waits longer than this in a queue deserves attention (seconds).
_SLOW = 300.0

_REDRIVE = "`python -m ops redrive --dry-run` tells why, `python -m ops redrive` brings them back."


class Functions(Protocol):
    """The one call of Lambda's client that is used here."""

    def get_function_configuration(self, *, FunctionName: str) -> Any:
        """The configuration of a function."""
        ...


def examine_deployment(status: str, findings: Findings) -> None:
    """What CloudFormation says of the stack (`StackStatus`)."""
    if status.endswith("_IN_PROGRESS"):
        findings.warn(f"CloudFormation is at work: {status}", "Wait, and run it again.")
    elif "ROLLBACK" in status or "FAILED" in status or "DELETE" in status:
        findings.error(
            f"the last deployment failed: {status}",
            "`sam deploy` again; CloudFormation's events of the stack tell the cause.",
        )
    else:
        findings.ok(f"deployed: {status}")


def examine_functions(client: Functions, functions: Mapping[str, str], findings: Findings) -> None:
    """Whether all functions (logical id -> name) may be called."""
    bad = 0
    for logical_id, name in functions.items():
        found = client.get_function_configuration(FunctionName=name)
        state, update = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
        if state == "Failed" or update == "Failed":
            bad += 1
            reason = found.get("StateReason") or found.get("LastUpdateStatusReason") or "no reason"
            findings.error(f"{logical_id} cannot run: {reason}", "Deploy the stack again.")
        elif state == "Pending" or update == "InProgress":
            bad += 1
            findings.warn(f"{logical_id} is being updated", "Wait, and run it again.")
    if not bad:
        findings.ok(f"{count(len(functions), 'function')} ready")


def examine_queues(states: Sequence[State], findings: Findings) -> None:
    """What waits too long, and what was given up on."""
    for state in states:
        if state.dead_letters:
            findings.error(
                f"{count(state.dead_letters, 'message')} of the queue {state.name} given up on",
                _REDRIVE,
            )
        if state.oldest is not None and state.oldest > _SLOW and state.depth.total:
            findings.warn(
                f"the oldest message of the queue {state.name} waits for {duration(state.oldest)}",
                "Is the agent slow or down? ConversationConcurrency says how many work at once.",
            )
        elif not state.dead_letters:
            findings.ok(f"queue {state.name}: {count(state.depth.total, 'message')}")
