import io
import json

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
)
from rich.console import Console

from ops.failure import Failure, aws_failure
from ops.output import Output


def shown(as_json=False):
    text = io.StringIO()
    return text, Output(as_json, Console(file=text, width=60, highlight=False, soft_wrap=True))


def test_text_is_no_markup():
    text, output = shown()
    output.say("[red]x[/red]")
    output.warn("[b]")
    output.table(["a"], [["[i]y[/i]"]])
    output.failure(Failure("[u]cause", "[s]mend", ["[dim]line"]))
    for part in ("[red]x[/red]", "[b]", "[i]y[/i]", "[u]cause", "[s]mend", "[dim]line"):
        assert part in text.getvalue()


def test_people_get_no_json(capsys):
    _, output = shown()
    output.result({"a": 1})
    assert capsys.readouterr().out == ""


def test_scripts_get_json_alone_on_stdout(capsys):
    output = Output(as_json=True)
    with output.step("Building"):
        output.say("said")
    output.table(["a"], [["row"]])
    output.result({"é": 1})
    captured = capsys.readouterr()
    assert captured.out == '{"é": 1}\n'
    assert "Building" in captured.err
    assert "row" not in captured.err


def test_a_failure_is_json_for_scripts_too(capsys):
    Output(as_json=True).failure(Failure("cause", "mend", ["line"]))
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"error": "cause", "mend": "mend", "details": ["line"]}
    assert "error: cause" in captured.err


def test_a_failure_is_on_stderr_for_people(capsys):
    Output().failure(Failure("cause", "mend", ["line"]))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "    line\nerror: cause\n  mend\n"


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (NoCredentialsError(), "AWS_PROFILE"),
        (NoRegionError(), "--region"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:4566"), "make up"),
        (ClientError({"Error": {"Code": "AccessDenied"}}, "PutParameter"), "AWS identity"),
    ],
)
def test_an_aws_error_says_what_mends_it(error, mend):
    failure = aws_failure(error)
    assert failure.cause == str(error)
    assert mend in failure.mend
