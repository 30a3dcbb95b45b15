import json
from datetime import UTC, datetime, timedelta

import pytest

from ops.__main__ import main
from ops.letters import queue
from ops.output import Output
from ops.stack.queue_pairs import Depth, depth, oldest_ages
from tests.unit.ops.moto_stack import moto_stack, queued


@pytest.fixture
def chat():
    with moto_stack() as found:
        yield found


class Metrics:
    """CloudWatch, with the age of the oldest message by queue name."""

    def __init__(self, ages):
        self.ages = ages

    def get_metric_data(self, **query):
        results = []
        for each in query["MetricDataQueries"]:
            metric = each["MetricStat"]["Metric"]
            assert metric["MetricName"] == "ApproximateAgeOfOldestMessage"
            age = self.ages.get(metric["Dimensions"][0]["Value"])
            results.append({"Id": each["Id"], "Values": [] if age is None else [age]})
        return {"MetricDataResults": results}


def states(chat, capsys, metrics=None):
    status = queue.show(chat.stack, chat.resources, metrics, Output(as_json=True))
    document = json.loads(capsys.readouterr().out)
    return status, document, {each.pop("queue"): each for each in document["queues"]}


def test_empty_queues(chat, capsys):
    status, document, found = states(chat, capsys, Metrics({}))
    assert status == 0
    assert (document["stack_name"], document["dead_letters"]) == ("chat", 0)
    empty = {
        "waiting": 0,
        "in_flight": 0,
        "delayed": 0,
        "oldest_seconds": None,
        "dead_letters": 0,
        "oldest_dead_letter_seconds": None,
    }
    assert found == {"inbox": empty, "callback": empty}


def test_what_waits_and_what_is_in_flight(chat, capsys):
    inbox = chat.pair().source
    for number in range(3):
        chat.send(inbox, queued(f"Ev{number}").to_json(), f"slack:s{number}")
    chat.sqs.receive_message(QueueUrl=inbox, MaxNumberOfMessages=1)
    assert depth(chat.sqs, inbox) == Depth(waiting=2, in_flight=1, delayed=0)
    status, _, found = states(chat, capsys, Metrics({"InboxQueue.fifo": 12.0}))
    assert status == 0
    assert found["inbox"]["waiting"] == 2
    assert found["inbox"]["in_flight"] == 1
    assert found["inbox"]["oldest_seconds"] == 12.0
    assert found["callback"]["oldest_seconds"] is None


@pytest.mark.parametrize("name", ["inbox", "callback"])
def test_dead_letters_are_the_exit_status(chat, capsys, name):
    for number in range(2):
        chat.send(chat.pair(name).dead_letters, "x", f"g{number}")
    chat.sqs.receive_message(QueueUrl=chat.pair(name).dead_letters, MaxNumberOfMessages=1)
    status, document, found = states(chat, capsys)
    assert status == 1
    assert document["dead_letters"] == 2
    assert found[name]["dead_letters"] == 2


def shown(chat, capsys, metrics):
    queue.show(chat.stack, chat.resources, metrics, Output())
    return capsys.readouterr().out


def test_an_age_that_is_not_known_is_no_zero(chat, capsys):
    chat.send(chat.pair().source, "x", "g")
    local = shown(chat, capsys, None)
    assert "not known of a local stack" in local
    [inbox] = [line for line in local.splitlines() if line.startswith("inbox")]
    assert "not known" in inbox
    on_aws = shown(chat, capsys, Metrics({"InboxQueue.fifo": 125.0}))
    assert "2 min 5 s" in on_aws
    assert "local" not in on_aws


def test_people_are_told_what_to_do_with_dead_letters(chat, capsys):
    assert "redrive" not in shown(chat, capsys, None)
    chat.bury(queued("Ev1"))
    said = shown(chat, capsys, Metrics({"InboxDeadLetterQueue.fifo": 7200.0}))
    assert "1 message given up on" in said
    assert "ops redrive --dry-run" in said
    assert "2 h" in said


@pytest.mark.parametrize("words", [["queue"], ["redrive"], ["trace", "Ev1"]])
def test_without_a_local_stack_a_name_is_needed(monkeypatch, tmp_path, capsys, words):
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path))
    assert main([*words, "--json"]) == 1
    assert "--stack-name" in json.loads(capsys.readouterr().out)["mend"]


def test_the_newest_figure_of_cloudwatch_counts(chat):
    now = datetime.now(UTC)
    cloudwatch = chat.stack.session.client("cloudwatch")
    for minutes, age in ((40, 9.0), (6, 300.0), (3, 420.0)):
        figure = {
            "MetricName": "ApproximateAgeOfOldestMessage",
            "Dimensions": [{"Name": "QueueName", "Value": "InboxQueue.fifo"}],
            "Value": age,
            "Timestamp": now - timedelta(minutes=minutes),
        }
        cloudwatch.put_metric_data(Namespace="AWS/SQS", MetricData=[figure])
    pair = chat.pair()
    assert oldest_ages(cloudwatch, [pair.source, pair.dead_letters], now) == {pair.source: 420.0}
    assert oldest_ages(cloudwatch, [pair.source], now + timedelta(hours=1)) == {}
