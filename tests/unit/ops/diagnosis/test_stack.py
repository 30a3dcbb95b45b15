import pytest

from ops.diagnosis.stack import examine_deployment, examine_functions, examine_queues
from ops.findings import Findings
from ops.letters.queue import State
from ops.stack.queue_pairs import Depth


def of(findings):
    return [(each.level.value, each.what) for each in findings]


@pytest.mark.parametrize(
    ("status", "level"),
    [
        ("CREATE_COMPLETE", "ok"),
        ("UPDATE_COMPLETE", "ok"),
        ("UPDATE_IN_PROGRESS", "warning"),
        ("UPDATE_ROLLBACK_COMPLETE", "error"),
        ("DELETE_FAILED", "error"),
    ],
)
def test_the_deployment(status, level):
    findings = Findings("stack")
    examine_deployment(status, findings)
    assert [each.level.value for each in findings] == [level]


class Functions:
    def __init__(self, **states):
        self.states = states

    def get_function_configuration(self, *, FunctionName):
        return self.states[FunctionName]


def test_the_functions():
    findings = Findings("stack")
    client = Functions(
        good={"State": "Active", "LastUpdateStatus": "Successful"},
        idle={"State": "Inactive"},
        broken={"State": "Failed", "StateReason": "no layer"},
        busy={"State": "Active", "LastUpdateStatus": "InProgress"},
    )
    examine_functions(client, {"A": "good", "B": "idle"}, findings)
    assert of(findings) == [("ok", "2 functions ready")]
    findings = Findings("stack")
    examine_functions(client, {"A": "good", "C": "broken", "D": "busy"}, findings)
    assert of(findings) == [
        ("error", "C cannot run: no layer"),
        ("warning", "D is being updated"),
    ]


def test_the_queues():
    findings = Findings("stack")
    examine_queues(
        [
            State("inbox", Depth(3, 1, 0), 400.0, 0, None),
            State("callback", Depth(0, 0, 0), None, 2, 60.0),
        ],
        findings,
    )
    assert of(findings) == [
        ("warning", "the oldest message of the queue inbox waits for 6 min 40 s"),
        ("error", "2 messages of the queue callback given up on"),
    ]
    assert "ops redrive" in findings[1].mend
