"""What a million messages cost on AWS, by channel, with every request and unit counted.

Functions run here against MiniStack with a meter between; what they call is multiplied by AWS's
prices (prices.json). Platforms', assistants' and data transfer's prices are not in it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from samtranslator.yaml_helper import yaml_parse

from benchmarks.counted_application import (
    SOCKET_ROUTES,
    Counted,
    CountedApplication,
    counted_application,
)
from benchmarks.table import Options, Table
from benchmarks.turns import TEXT, WITH_BUTTONS, User, credentials, turns
from ops import ROOT

_PRICES: dict[str, Any] = json.loads((Path(__file__).parent / "prices.json").read_text())
_MILLION = 1_000_000

#: Lambda: 1,769 MB are one processor; the template's functions have 512.
_MEMORY, _ONE_PROCESSOR = 512, 1769

#: What a call takes while a function waits, and the assistant (seconds).
_AWS_CALL, _PLATFORM_CALL, _AGENT = 0.005, 0.1, 1.0

#: Between two looks of a request that waits for its answer (channels.turns.awaited_reply; seconds).
_INTERVAL = 0.15

#: The functions that wait for the assistant; the calls that are the pollers', not a function's.
_ASKING = {"rest", "conversation"}
_POLLERS = {"ReceiveMessage", "DeleteMessage"}

#: Turns before those that are counted: a record grows with a conversation.
_UNCOUNTED = 30

#: Bytes: what CloudWatch Logs adds to each line; Lambda's START and REPORT in JSON; what its JSON
#: has besides a text; a variable of API Gateway's access log.
_LINE, _START, _REPORT, _ENVELOPE, _VARIABLE = 26, 146, 330, 190, 20

#: The channels whose turns make the same calls as Slack's: the webhook queues, the worker posts.
_AS_SLACK = "botframework, facebook, mattermost, rocketchat, telegram, webexteams"


class Turn(NamedTuple):
    """A kind of turn of a channel, and what `times` of them took."""

    channel: str
    kind: str
    times: int
    counted: Counted


class Cost(NamedTuple):
    """A turn's prices (dollars a million)."""

    api: float
    functions: float
    queues: float
    table: float
    logs: float

    @property
    def total(self) -> float:
        """All of them."""
        return sum(self)


def run(options: Options) -> list[Table]:
    """The tables of a million messages: what they take, and what that costs.

    A turn is averaged over `options.runs` of them, in a conversation that is past its beginning.
    """
    with counted_application(credentials) as application:
        counted = _count(application, options.runs)
    return [_units_table(counted), _price_table(counted)]


def _count(application: CountedApplication, times: int) -> list[Turn]:
    user = User(application)
    counted = []
    for channel, say in turns(user).items():
        if channel == "socketio":
            counted.append(Turn(channel, "a visit's opening and end", times, _visits(user, times)))
        for _ in range(_UNCOUNTED):
            say(TEXT)
        application.taken()
        for kind, text in (("a text", TEXT), ("a text with buttons", WITH_BUTTONS)):
            for _ in range(times):
                say(text)
            counted.append(Turn(channel, kind, times, application.taken()))
    return counted


def _visits(user: User, times: int) -> Counted:
    """Visits in which nothing is said; one more is open afterwards."""
    user.open_socket()
    user.close_socket()
    user.application.taken()
    for _ in range(times):
        user.open_socket()
        user.close_socket()
    counted = user.application.taken()
    user.open_socket()
    return counted


def cost_of(turn: Turn, access_log_line: int) -> Cost:
    """A million of a turn.

    `access_log_line` is what API Gateway logs of a request to the HTTP API (bytes).
    """
    counted, prices = turn.counted, _PRICES
    frames = sum(each in SOCKET_ROUTES for each in counted.events)
    requests = len(counted.events) - frames
    messages = frames + counted.requests("WebSocket")
    gigabyte_seconds = seconds_of(counted) * _MEMORY / 1024
    logged = log_bytes(counted) + requests * (access_log_line + _LINE)
    paid = Cost(
        api=requests * prices["http_api_request"] + messages * prices["websocket_message"],
        functions=len(counted.invocations) * prices["lambda_request"]
        + gigabyte_seconds * prices["lambda_gb_second_arm64"],
        queues=counted.requests("SQS") * prices["sqs_fifo_request"],
        table=counted.writes * prices["dynamodb_write_unit"]
        + counted.reads * prices["dynamodb_read_unit"],
        logs=logged / 10**9 * prices["logs_gb"],
    )
    return Cost(*(each * _MILLION / turn.times for each in paid))


def seconds_of(counted: Counted) -> float:
    """How long the functions run: their processor time, and what they wait for."""
    processor = sum(counted.processor.values()) * _ONE_PROCESSOR / _MEMORY
    calls = [each for each in counted.calls if each.operation not in _POLLERS]
    platform = sum(each.service == "platform" for each in calls)
    waits = (len(calls) - platform) * _AWS_CALL + platform * _PLATFORM_CALL
    return processor + waits + _AGENT * sum(each in _ASKING for each in counted.invocations)


def log_bytes(counted: Counted) -> int:
    """What CloudWatch Logs takes of the functions' lines and of Lambda's own."""
    lines = sum(len(line.encode()) + _ENVELOPE + _LINE for line in counted.log_lines)
    return lines + len(counted.invocations) * (_START + _REPORT + 2 * _LINE)


def _access_log_line() -> int:
    """The template's line of a request, its variables in place (bytes)."""
    template = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))
    line = template["Resources"]["HttpApi"]["Properties"]["AccessLogSettings"]["Format"]
    return len(re.sub(r"\$context\.[\w.]+", "x" * _VARIABLE, line))


def _units_table(counted: list[Turn]) -> Table:
    columns = ["turn", "API", "functions", "SQS", "writes", "reads", "Lambda ms", "log bytes"]
    rows = []
    for turn in counted:
        each = turn.counted
        figures = (
            len(each.events) + each.requests("WebSocket"),
            len(each.invocations),
            each.requests("SQS"),
            each.writes,
            each.reads,
            seconds_of(each) * 1000,
            log_bytes(each),
        )
        rows.append([_name(turn), *(f"{figure / turn.times:,.4g}" for figure in figures)])
    operations = Counter(
        f"{call.service} {call.operation}" for call in _of("slack", counted).counted.calls
    )
    times = _of("slack", counted).times
    listed = ", ".join(f"{name} {count / times:g}" for name, count in sorted(operations.items()))
    note = f"A text on Slack: {listed}. The same calls: {_AS_SLACK}; twilio: one PutItem more."
    return Table("What a turn takes", columns, rows, [note])


def _price_table(counted: list[Turn]) -> Table:
    line = _access_log_line()
    rows = []
    for turn in counted:
        cost = cost_of(turn, line)
        rows.append([_name(turn), *(f"{each:,.2f}" for each in (*cost, cost.total))])
    columns = ["a million of", "API", "Lambda", "SQS", "DynamoDB", "Logs", "all"]
    title = f"Dollars a million, {_PRICES['region']}, prices of {_PRICES['as_of']}"
    waiting = _AGENT / _INTERVAL
    functions = _AGENT * _MEMORY / 1024 * _PRICES["lambda_gb_second_arm64"]
    more = _MILLION * (
        functions + waiting * _PRICES["dynamodb_read_unit"] + _PRICES["dynamodb_write_unit"]
    )
    notes = [
        f"Taken for granted: {_MEMORY} MB on arm64, {_AGENT:g} s until the assistant has answered, "
        f"{_AWS_CALL * 1000:g} ms for a call to AWS, {_PLATFORM_CALL * 1000:g} ms for one to a "
        "platform; a processor as fast as this machine's. No free tier, no data transfer.",
        f"hangouts and twilio_voice: {more:,.2f} more than Slack, for requests that wait for "
        "the answer.",
        "Sockets besides: "
        f"{_PRICES['websocket_connection_minute'] * _MILLION * 60:,.2f} for a million hours of "
        "open connections.",
    ]
    return Table(title, columns, rows, notes)


def _of(channel: str, counted: list[Turn]) -> Turn:
    return next(turn for turn in counted if turn.channel == channel)


def _name(turn: Turn) -> str:
    return f"{turn.channel}: {turn.kind}"
