import pytest

from benchmarks.costs import Turn, cost_of, log_bytes, seconds_of
from benchmarks.counted_application import Counted
from benchmarks.meter import Call
from benchmarks.webhook_load import Round, row_of

SLACK = Counted(
    calls=[
        Call("SQS", "SendMessage", 1),
        Call("SQS", "ReceiveMessage", 1),
        Call("DynamoDB", "UpdateItem", 2),
        Call("DynamoDB", "GetItem", 1),
        Call("platform", "POST", 1),
        Call("SQS", "DeleteMessage", 1),
    ],
    events=["slack"],
    invocations=["slack", "conversation"],
    processor={"slack": 0.001, "conversation": 0.009},
    log_lines=["queued", "done"],
)


def test_units_are_reads_or_writes():
    assert (SLACK.writes, SLACK.reads) == (2, 1)
    assert SLACK.requests("SQS") == 3


def test_a_function_runs_for_its_processor_time_its_calls_and_the_assistant():
    # 10 ms on 512 of 1,769 MB; three calls of 5 ms, a platform's 100 ms, a second of the assistant
    assert seconds_of(SLACK) == pytest.approx(0.010 * 1769 / 512 + 0.015 + 0.1 + 1.0)


def test_a_million_turns_cost_what_their_parts_do():
    cost = cost_of(Turn("slack", "a text", 1, SLACK), access_log_line=400)
    assert cost.api == pytest.approx(1.00)
    assert cost.queues == pytest.approx(1.50)
    assert cost.table == pytest.approx(2 * 0.625 + 0.125)
    assert cost.functions == pytest.approx(2 * 0.20 + seconds_of(SLACK) * 0.5 * 13.3334)
    assert cost.logs == pytest.approx((log_bytes(SLACK) + 426) * 0.0005)
    assert cost.total == pytest.approx(sum(cost))


def test_an_average_of_two_turns_is_one_turn():
    twice = Counted(
        SLACK.calls * 2,
        SLACK.events * 2,
        SLACK.invocations * 2,
        {name: 2 * each for name, each in SLACK.processor.items()},
        SLACK.log_lines * 2,
    )
    once, average = (Turn("slack", "a text", n + 1, c) for n, c in enumerate((SLACK, twice)))
    assert cost_of(average, 400) == pytest.approx(cost_of(once, 400))


def test_frames_in_and_out_are_messages_of_the_websocket_api():
    counted = Counted(calls=[Call("WebSocket", "POST", 2)], events=["default", "default"])
    assert cost_of(Turn("socketio", "a text", 1, counted), 400).api == pytest.approx(4.00)


def test_a_round_s_figures():
    rounds = [Round([0.010] * 99, 1.0, 0), Round([0.110], 1.0, 1)]
    assert row_of("slack", 8, rounds, "1.00") == ["slack, 8", "10", "10", "11", "50", "1", "1.00"]
