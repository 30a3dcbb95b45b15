"""Lines in CloudWatch's embedded metric format; Powertools for AWS Lambda is the judge of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
    AmazonCloudWatchEMFProvider,
)

from channels.telemetry.metrics import NAMESPACE, UNITS, Metrics, to_stdout


def written(channel: str = "slack", **values: Any) -> list[dict[str, Any]]:
    lines: list[str] = []
    Metrics("prod", lines.append, lambda: 1767225600.5).write(channel, **values)
    assert not any("\n" in line for line in lines)
    return [json.loads(line) for line in lines]


def test_a_line_is_what_powertools_writes_and_counts_for_the_whole_stack_too():
    [ours] = written(Received=2, SendMilliseconds=[10.5, 20.25])
    provider = AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
    provider.add_dimension("Stack", "prod")
    provider.add_dimension("Channel", "slack")
    provider.add_metric("Received", "Count", 2)
    provider.add_metric("SendMilliseconds", "Milliseconds", 10.5)
    provider.add_metric("SendMilliseconds", "Milliseconds", 20.25)
    theirs: Any = provider.serialize_metric_set()
    [about], [their_about] = (each["_aws"]["CloudWatchMetrics"] for each in (ours, theirs))
    assert about["Namespace"] == their_about["Namespace"]
    assert about["Metrics"] == their_about["Metrics"]
    assert about["Dimensions"] == [["Stack"], *their_about["Dimensions"]]
    assert ours["_aws"]["Timestamp"] == 1767225600500
    assert (ours["Stack"], ours["Channel"]) == (theirs["Stack"], theirs["Channel"])
    assert [ours["Received"]] == theirs["Received"]
    assert ours["SendMilliseconds"] == theirs["SendMilliseconds"]


def test_nothing_happened_is_no_line():
    assert written(Received=0, SendMilliseconds=[]) == []


def test_a_metric_has_at_most_a_hundred_values_a_line():
    lines = written(Parts=250, SendMilliseconds=[float(number) for number in range(1, 251)])
    assert [len(line["SendMilliseconds"]) for line in lines] == [100, 100, 50]
    assert [line.get("Parts") for line in lines] == [250, None, None], "counted once"
    values = [value for line in lines for value in line["SendMilliseconds"]]
    assert values == [float(number) for number in range(1, 251)]
    for line in lines:
        [about] = line["_aws"]["CloudWatchMetrics"]
        assert all(each["Name"] in line for each in about["Metrics"])


def test_a_metric_that_has_no_unit_is_a_mistake():
    with pytest.raises(KeyError):
        written(Recieved=1)


def test_without_a_stack_nothing_is_written():
    lines: list[str] = []
    Metrics("", lines.append).write("slack", Received=1)
    assert lines == []


def test_it_goes_to_stdout_in_one_piece(capsys):
    to_stdout('{"a": 1}')
    assert capsys.readouterr() == ('{"a": 1}\n', "")


def test_units_are_cloudwatchs():
    assert set(UNITS.values()) <= {"Count", "Milliseconds"}
