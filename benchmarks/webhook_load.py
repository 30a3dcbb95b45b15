"""How fast webhooks acknowledge on a local stack, under 1, 8 and 32 senders.

The assistant answers at once or after five seconds. Rounds with the one and the other take turns,
so that what else the machine does hits both.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import requests

from benchmarks.local_stack import local_stack
from benchmarks.slow_agent import FAST, SLOW, slow_agent
from benchmarks.table import Options, Table
from benchmarks.turns import credentials, slack_event

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from ops.stack.stack_file import StackFile

_SENDERS = (1, 8, 32)
_AGENT_SECONDS = 5.0

#: Room for as many webhooks as there are senders, and for the workers beside them.
_CONCURRENCY = 64

#: How long a sender waits for an answer (seconds).
_PATIENCE = 120.0

#: Rounds with either assistant, by turns; the seconds until a round's turns have ended.
_ROUNDS, _END_WITHIN = 3, 30.0

type Post = Callable[[requests.Session, str, str], requests.Response]


class Round(NamedTuple):
    """Requests of some senders at once: `latencies` in seconds, `seconds` for all of them."""

    latencies: list[float]
    seconds: float
    errors: int


def run(options: Options) -> list[Table]:
    """The table of acknowledgements; every sender posts `options.runs` messages in a round."""
    rows = []
    with slow_agent(_AGENT_SECONDS) as agent:
        sections = {name: credentials(agent)[name] for name in ("rest", "callback", "slack")}
        with local_stack(sections, {"RasaUrl": agent}, _CONCURRENCY) as stack:
            for channel, post in _posts(stack).items():
                for senders in _SENDERS:
                    rows += _measure(stack, channel, post, senders, options.runs)
    columns = ["senders", "p50", "p95", "p99", "a second", "errors", "p50, 5 s to 0 s"]
    note = (
        f"Times in milliseconds from the request to its 200, {_ROUNDS} rounds with either "
        "assistant by turns. On MiniStack each request costs a turn of its one Python process: "
        "read the last column first."
    )
    return [Table("Acknowledgements on a local stack", columns, rows, [note])]


def _measure(
    stack: StackFile, channel: str, post: Post, senders: int, messages: int
) -> list[list[str]]:
    """The rows of a channel under some senders, with either assistant."""
    each = max(2, messages // max(1, senders // 4))
    queues = _Queues(stack)
    for some in (senders // 4, senders // 2, senders):
        _round(post, FAST, max(1, some), 2)  # starts the processes, not all of them at once
    rounds: dict[str, list[Round]] = {FAST: [], SLOW: []}
    for _ in range(_ROUNDS):
        for kind, seen in rounds.items():
            queues.clear()
            seen.append(_round(post, kind, senders, each))
    queues.clear()
    times = {kind: [t for one in seen for t in one.latencies] for kind, seen in rounds.items()}
    ratio = median(times[SLOW]) / median(times[FAST])
    return [
        row_of(f"{channel}, assistant {label}", senders, rounds[kind], shown)
        for kind, label, shown in ((FAST, "0 s", ""), (SLOW, "5 s", f"{ratio:.2f}"))
    ]


def row_of(name: str, senders: int, rounds: list[Round], ratio: str) -> list[str]:
    """The figures of rounds: percentiles in milliseconds, messages a second, errors."""
    latencies = [latency for each in rounds for latency in each.latencies]
    cuts = quantiles(latencies, n=100, method="inclusive")
    rate = len(latencies) / sum(each.seconds for each in rounds)
    errors = sum(each.errors for each in rounds)
    shown = [f"{1000 * cuts[number]:.0f}" for number in (49, 94, 98)]
    return [f"{name}, {senders}", *shown, f"{rate:.0f}", str(errors), ratio]


_numbers = itertools.count()


def _round(post: Post, kind: str, senders: int, messages: int) -> Round:
    """Have senders post `messages` each, one after another; each message is a user's first."""

    def send(sender: int) -> list[tuple[float, bool]]:
        seen = []
        with requests.Session() as session:
            session.trust_env = False
            for _ in range(messages):
                number = f"{next(_numbers):06}"
                start = time.perf_counter()
                try:
                    taken = post(session, kind, number).ok
                except requests.RequestException:
                    taken = False
                seen.append((time.perf_counter() - start, taken))
        return seen

    start = time.perf_counter()
    with ThreadPoolExecutor(senders) as threads:
        seen = [each for one in threads.map(send, range(senders)) for each in one]
    seconds = time.perf_counter() - start
    return Round([latency for latency, _ in seen], seconds, sum(not ok for _, ok in seen))


def _posts(stack: StackFile) -> dict[str, Post]:
    """How to post a message to each channel."""

    def slack(session: requests.Session, text: str, number: str) -> requests.Response:
        event = slack_event(text, number, f"U{number}")
        names = ("content-type", "x-slack-request-timestamp", "x-slack-signature")
        headers = {name: event["headers"][name] for name in names}
        url = f"{stack.http_url}/webhooks/slack/webhook"
        return session.post(url, event["body"], headers=headers, timeout=_PATIENCE)

    def callback(session: requests.Session, text: str, number: str) -> requests.Response:
        body: Mapping[str, Any] = {"sender": f"user-{number}", "message": text}
        url = f"{stack.http_url}/webhooks/callback/webhook"
        return session.post(url, json.dumps(body), timeout=_PATIENCE)

    return {"slack": slack, "callback": callback}


class _Queues:
    """The stack's queues, emptied between rounds so that no round works off another's turns."""

    def __init__(self, stack: StackFile) -> None:
        session = boto3.Session("test", "test", region_name="us-east-1")
        self._sqs: SQSClient = session.client("sqs", endpoint_url=stack.endpoint_url)
        self._urls = [stack.resources[name] for name in ("InboxQueue", "CallbackQueue")]

    def clear(self) -> None:
        """Drop what waits, and wait for what is being answered."""
        end = time.monotonic() + _END_WITHIN
        while any(self._left(url) for url in self._urls):
            if time.monotonic() > end:
                raise RuntimeError("the turns of a round do not end")
            for url in self._urls:
                self._sqs.purge_queue(QueueUrl=url)
            time.sleep(0.2)

    def _left(self, url: str) -> int:
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(value) for value in found.values())
