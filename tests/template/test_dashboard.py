"""The dashboard and the alarms: nothing in them that no function counts and no resource has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from channels.telemetry.metrics import DIMENSIONS, NAMESPACE, UNITS
from ops import ROOT
from tests.functions.observed import OBSERVED, counted

#: Metrics of AWS's own that are looked at: the dimension, the resource's type, their names.
#: Sources: AWS, "Available CloudWatch metrics for Amazon SQS", "Types of metrics for Lambda
#: functions", "Metrics for HTTP APIs", "Monitor WebSocket API execution with CloudWatch metrics".
OF_AWS = {
    ("AWS/SQS", "QueueName", "AWS::SQS::Queue"): {
        "ApproximateNumberOfMessagesVisible",
        "ApproximateAgeOfOldestMessage",
    },
    ("AWS/Lambda", "FunctionName", "AWS::Serverless::Function"): {
        "Errors",
        "Throttles",
        "Duration",
    },
    ("AWS/ApiGateway", "ApiId", "AWS::Serverless::HttpApi"): {"Count", "4xx", "5xx", "Latency"},
    ("AWS/ApiGateway", "ApiId", "AWS::Serverless::WebSocketApi"): {
        "ConnectCount",
        "MessageCount",
        "ClientError",
        "ExecutionError",
        "IntegrationError",
    },
}

SEARCH = re.compile(
    r"SEARCH\('\{\"Messaging Channels\",Stack,Channel\} MetricName=\"(\w+)\" "
    r"Stack=\"\$\{AWS::StackName\}\"', 'Sum', 300\)"
)


class Metric(NamedTuple):
    """A metric that is looked at; `dimensions` are names and values, "" for all there are."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


@pytest.fixture(scope="module")
def emitted() -> set[str]:
    """The metrics that the functions print when they are driven through all they do."""
    return {name for drive in OBSERVED.values() for name in counted(drive())}


@pytest.fixture(scope="module")
def widgets(template) -> list[dict[str, Any]]:
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    return [each["properties"] for each in json.loads(body)["widgets"]]


@pytest.fixture(scope="module")
def alarms(template) -> dict[str, dict[str, Any]]:
    return {
        name: each["Properties"]
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    }


def metrics_of(widget: dict[str, Any]) -> Iterator[Metric]:
    """The metrics of a widget, its `.` and `...` spelled out (AWS, "Dashboard body structure")."""
    before: list[str] = []
    for row in widget["metrics"]:
        if isinstance(row[0], dict):
            found = SEARCH.fullmatch(row[0]["expression"])
            assert found, row[0]["expression"]
            yield Metric(NAMESPACE, found[1], (("Stack", "${AWS::StackName}"), ("Channel", "")))
            continue
        texts = [each for each in row if isinstance(each, str)]
        if texts[0] == "...":
            texts = [*before[: len(before) - len(texts[1:])], *texts[1:]]
        before = [old if new == "." else new for old, new in zip_longest(before, texts)]
        namespace, name, *dimensions = before
        yield Metric(namespace, name, tuple(zip(dimensions[::2], dimensions[1::2], strict=True)))


def zip_longest(before: list[str], texts: list[str]) -> Iterator[tuple[str, str]]:
    """Each text with the one that stood in its place in the row before."""
    for position, text in enumerate(texts):
        yield before[position] if position < len(before) else "", text


def of_alarm(alarm: dict[str, Any]) -> Metric:
    """The metric that an alarm watches."""

    def text(value: Any) -> str:
        return f"${{{'.'.join(value['Fn::GetAtt']) if 'Fn::GetAtt' in value else value['Ref']}}}"

    dimensions = alarm.get("Dimensions", [])
    named = tuple((each["Name"], text(each["Value"])) for each in dimensions)
    return Metric(alarm["Namespace"], alarm["MetricName"], named)


def assert_there_is(metric: Metric, template: dict[str, Any], emitted: set[str]) -> None:
    """Functions print it, or a resource of the template has it."""
    names = tuple(name for name, _ in metric.dimensions)
    if metric.namespace == NAMESPACE:
        assert metric.name in emitted, metric
        assert names in DIMENSIONS, metric
        assert dict(metric.dimensions)["Stack"] == "${AWS::StackName}", metric
        return
    if not names:  # of the whole account
        assert any(metric.namespace == key[0] and metric.name in OF_AWS[key] for key in OF_AWS)
        return
    [(name, value)] = metric.dimensions
    resource = value.removeprefix("${").removesuffix("}").removesuffix(".QueueName")
    kind = template["Resources"][resource]["Type"]
    assert metric.name in OF_AWS[metric.namespace, name, kind], metric


def test_functions_print_every_metric_there_is(emitted):
    assert emitted == set(UNITS)


def test_what_the_dashboard_shows_is_there(template, widgets, emitted):
    shown = [metric for widget in widgets for metric in metrics_of(widget)]
    assert len(shown) > 60
    for metric in shown:
        assert_there_is(metric, template, emitted)
    assert {each.name for each in shown if each.namespace == NAMESPACE} == set(UNITS)


def test_what_alarms_watch_is_there(template, alarms, emitted):
    for alarm in alarms.values():
        assert_there_is(of_alarm(alarm), template, emitted)
    watched = {alarm["MetricName"] for alarm in alarms.values()}
    assert {"Refused", "AgentMilliseconds", "5xx", "Errors", "Throttles"} <= watched


@pytest.mark.parametrize("name", ["Errors", "Throttles", "Duration"])
def test_every_function_is_on_the_dashboard(widgets, functions, name):
    shown = {
        value
        for widget in widgets
        for metric in metrics_of(widget)
        for _, value in metric.dimensions
        if metric.name == name and metric.namespace == "AWS/Lambda"
    }
    assert shown == {f"${{{function}}}" for function in functions}


def test_widgets_fit_their_grid(template, widgets):
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    places = [(each["x"], each["y"]) for each in json.loads(body)["widgets"]]
    assert len(set(places)) == len(places)
    assert all(x in (0, 8, 16) and y % 6 == 0 for x, y in places)
    assert all(widget["title"] and widget["region"] == "${AWS::Region}" for widget in widgets)


def test_every_alarm_leads_to_the_mend(alarms):
    assert (ROOT / "docs" / "operating.md").is_file()
    for name, alarm in alarms.items():
        assert "(docs/operating.md)" in alarm["AlarmDescription"], name


def test_metrics_get_through_at_every_log_level(template):
    level = template["Globals"]["Function"]["LoggingConfig"]["ApplicationLogLevel"]
    assert level == {"Fn::If": ["LogsDebug", "DEBUG", "INFO"]}
    assert template["Conditions"]["LogsDebug"] == {"Fn::Equals": [{"Ref": "LogLevel"}, "DEBUG"]}
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["STACK_NAME"] == {"Ref": "AWS::StackName"}
    assert variables["LOG_LEVEL"] == {"Ref": "LogLevel"}


def test_traces_are_off_unless_asked_for(template):
    assert template["Globals"]["Function"]["Tracing"] == {"Ref": "Tracing"}
    parameter = template["Parameters"]["Tracing"]
    assert (parameter["Default"], parameter["AllowedValues"]) == (
        "Disabled",
        ["Disabled", "Active"],
    )
