"""The conversation worker: takes messages from the inbox to the agent and to the platform."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from channels.aws.queues.fifo_worker import FifoWorker, visibility_timeout
from channels.aws.state.journal import TurnJournal
from channels.telemetry.logs import add_fields
from channels.telemetry.metrics import SILENT, Metrics
from channels.turns.event_loop import EventLoop
from channels.turns.inbox_message import InboxMessage
from channels.turns.limits import Limits
from channels.turns.outcome import DeadLetter, RetryLater
from channels.turns.retry import INBOX
from channels.turns.runner import TurnRunner
from channels.turns.steady_journal import SteadyJournal
from channels.wiring.services import services_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from channels.aws.queues.fifo_worker import Received
    from channels.turns.outcome import Outcome
    from channels.wiring.settings import Settings

logger = logging.getLogger(__name__)

#: A call of AWS is over after 12 seconds, come what may: two fit into the Lambda's 90 beside the
#: agent's 60. The SDK's own limits are minutes.
_CLIENT = Config(
    connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3}
)

#: What the journal takes beside the agent's turn (seconds).
_JOURNAL = 10.0

#: In place of the channel of a message that cannot be read.
UNKNOWN = "unknown"


def conversation_worker(settings: Settings) -> FifoWorker:
    """The Lambda handler of the inbox queue."""
    sqs = boto3.client("sqs", config=_CLIENT)
    # One for all threads: they know together what it refused.
    journal = SteadyJournal(
        TurnJournal(settings.state_table, boto3.client("dynamodb", config=_CLIENT))
    )
    metrics = Metrics(settings.stack_name)

    def make() -> Callable[[Received], Outcome]:
        # Agents and connectors keep clients that are bound to their event loop: one set per thread.
        services = services_of(settings)
        conversations = TurnRunner(
            journal,
            lambda: services.agent,
            services.channels,
            EventLoop().run,
            time.time,
            limits=Limits(turn=settings.agent_timeout),
            apology=settings.apology,
            metrics=metrics,
            visibility_timeout=lambda: visibility_timeout(sqs, settings.inbox_queue_url),
        )
        return lambda received: handle_received(conversations, received, metrics)

    return FifoWorker(
        make,
        sqs,
        settings.inbox_queue_url,
        settings.inbox_dead_letter_url,
        INBOX,
        room=settings.agent_timeout + _JOURNAL,
    )


def handle_received(
    conversations: TurnRunner, received: Received, metrics: Metrics = SILENT
) -> Outcome:
    """Handle one message of the inbox; an unreadable message becomes a dead letter."""
    try:
        queued = InboxMessage.from_json(received.body)
    except ValueError as error:
        logger.error("unreadable: %s", error)
        return DeadLetter(f"unreadable: {error}", lambda: metrics.write(UNKNOWN, DeadLetters=1))
    ids = {"message_id": queued.message.message_id, "sender_id": queued.message.sender_id}
    add_fields(channel=queued.channel, **ids)
    outcome = conversations.handle(
        queued,
        received.attempt,
        received.first_received_at,
        sqs_id=received.sqs_id,
        seconds_left=received.seconds_left,
    )
    if isinstance(outcome, RetryLater):
        logger.warning("%r: retry in %.0f s: %s", queued.message, outcome.delay, outcome.reason)
    return outcome
