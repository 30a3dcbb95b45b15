"""The REST channel in front of a Rasa server, beside the Rasa server asked directly."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from statistics import median

import urllib3

from benchmarks.starts import Failed, interleaved
from benchmarks.table import Options, Table
from channels.agents.rasa import RasaAgent
from channels.clients.http_pool import HttpPool
from channels.handlers.webhook import webhook
from channels.wiring.services import Services
from tests.servers.rasa_script import Wait
from tests.servers.rasa_server import RasaServer

#: How long the stand-in for Rasa takes to answer (seconds). A server's own work on a short message
#: is tens of milliseconds; 0 shows what the way to it costs by itself.
_DELAYS = (0.0, 0.02, 0.1)
_ASKED = 20  # times in one sample
_BODY = {"sender": "me", "message": "hi"}
_EVENT = {
    "rawPath": "/webhooks/rest/webhook",
    "rawQueryString": "",
    "requestContext": {"http": {"method": "POST"}},
    "body": json.dumps(_BODY),
}


def run(options: Options) -> list[Table]:
    """One table: half of the questions are answered within that time."""
    rows = [_row(delay, max(3, options.runs // 3)) for delay in _DELAYS]
    columns = ("Rasa takes", "asked directly, p50 ms", "through the channel, p50 ms", "ratio")
    return [Table("REST, kept connections on both ways", columns, rows)]


def _row(delay: float, runs: int) -> tuple[str, ...]:
    with (
        RasaServer({"hi": [Wait(delay), {"text": "Hey!"}]}) as server,
        urllib3.PoolManager() as pool,
    ):
        connections = HttpPool()
        agent = RasaAgent(server.url, timeout=5.0, connections=connections)
        handler = webhook("rest", Services(lambda name: {}, lambda: agent))

        def directly() -> None:
            url = f"{server.url}/webhooks/rest/webhook"
            _check(pool.request("POST", url, json=_BODY).json())

        def through() -> None:
            _check(json.loads(handler(_EVENT, None)["body"]))

        samples = interleaved(
            {"directly": lambda: _p50(directly), "through": lambda: _p50(through)}, runs
        )
        connections.close()
    p50 = {name: median(each) for name, each in samples.items()}
    return (
        f"{delay * 1e3:.0f} ms",
        f"{p50['directly'] * 1e3:.2f}",
        f"{p50['through'] * 1e3:.2f}",
        f"{p50['through'] / p50['directly']:.2f}",
    )


def _check(messages: list[dict[str, str]]) -> None:
    if [message["text"] for message in messages] != ["Hey!"]:
        raise Failed(f"not Rasa's answer: {messages}")


def _p50(ask: Callable[[], None]) -> float:
    taken = []
    for _ in range(_ASKED):
        started = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - started)
    return median(taken)
