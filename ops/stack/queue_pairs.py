"""The stack's FIFO queues, each with the queue of its dead letters, and what they hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ops.stack.resources import Resources

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_LOGICAL_IDS = {
    "inbox": ("InboxQueue", "InboxDeadLetterQueue"),
    "callback": ("CallbackQueue", "CallbackDeadLetterQueue"),
}

#: The pairs: what users say to the worker, and what the callback channel delivers.
NAMES = tuple(_LOGICAL_IDS)

#: CloudWatch gets a queue's figures each minute, some minutes late.
_PERIOD = 60  # seconds
_LATE = timedelta(minutes=15)


class Metrics(Protocol):
    """The one call of CloudWatch's client that is used here."""

    def get_metric_data(self, **query: Any) -> Any:
        """Values of metrics over a time."""
        ...


class QueuePair(NamedTuple):
    """The URLs of a queue and of its dead-letter queue."""

    name: str
    source: str
    dead_letters: str


class Depth(NamedTuple):
    """Messages of a queue, as SQS counts them (approximately): `waiting` may be taken now."""

    waiting: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        """All messages that the queue holds."""
        return sum(self)


def queue_pair(resources: Resources, name: str) -> QueuePair:
    """The pair `name`, one of NAMES; Failure when the stack has it not."""
    source, dead_letters = _LOGICAL_IDS[name]
    return QueuePair(name, resources[source], resources[dead_letters])


def depth(sqs: SQSClient, url: str) -> Depth:
    """How many messages a queue holds."""
    answer = sqs.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=[
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ],
    )
    found = answer["Attributes"]
    return Depth(
        waiting=int(found["ApproximateNumberOfMessages"]),
        in_flight=int(found["ApproximateNumberOfMessagesNotVisible"]),
        delayed=int(found["ApproximateNumberOfMessagesDelayed"]),
    )


def visibility_timeout(sqs: SQSClient, url: str) -> float:
    """After how long a message comes back whose worker died (seconds)."""
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    return float(answer["Attributes"]["VisibilityTimeout"])


def oldest_ages(
    cloudwatch: Metrics, urls: Iterable[str], now: datetime | None = None
) -> dict[str, float]:
    """The age of the oldest message (seconds) of each queue that CloudWatch knows one of.

    Figures of the last quarter of an hour count, the newest first: CloudWatch has none of a queue
    that was idle for hours.
    """
    end = now or datetime.now(UTC)
    queries = {f"q{number}": url for number, url in enumerate(urls)}
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[_age_query(each, url) for each, url in queries.items()],
        StartTime=end - _LATE,
        EndTime=end,
        ScanBy="TimestampDescending",
    )
    return {
        queries[each["Id"]]: float(each["Values"][0])
        for each in answer["MetricDataResults"]
        if each["Values"]
    }


def _age_query(query_id: str, url: str) -> dict[str, Any]:
    name = url.rsplit("/", 1)[-1]
    metric = {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Dimensions": [{"Name": "QueueName", "Value": name}],
    }
    return {
        "Id": query_id,
        "MetricStat": {"Metric": metric, "Period": _PERIOD, "Stat": "Maximum"},
    }
