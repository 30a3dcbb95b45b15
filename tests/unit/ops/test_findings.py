import io
import json

import pytest
from rich.console import Console

from ops.findings import Findings, documents, exit_status, show
from ops.output import Output


def made(*levels):
    findings = Findings("slack")
    for level in levels:
        if level == "ok":
            findings.ok("fine")
        else:
            getattr(findings, {"warning": "warn"}.get(level, level))("a fault", "a mend")
    return findings


@pytest.mark.parametrize(
    ("levels", "status"),
    [
        ((), 0),
        (("ok", "warning"), 0),
        (("ok", "unknown"), 2),
        (("unknown", "error", "ok"), 1),
    ],
)
def test_the_exit_status(levels, status):
    assert exit_status(made(*levels)) == status


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        (("ok",), "Everything that was checked works."),
        (("error", "error", "unknown"), "2 errors, 1 not checked"),
        (("warning", "ok"), "1 warning"),
    ],
)
def test_what_people_read(levels, told):
    target = io.StringIO()
    show(made(*levels), Output(console=Console(file=target, width=200)))
    lines = target.getvalue().splitlines()
    assert lines[-1].strip() == told
    assert sum("-> a mend" in line for line in lines) == sum(each != "ok" for each in levels)


def test_what_scripts_read():
    assert json.loads(json.dumps(documents(made("error")))) == [
        {"level": "error", "subject": "slack", "what": "a fault", "mend": "a mend"}
    ]
