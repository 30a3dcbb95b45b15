"""The conversation worker: takes messages from the inbox to the agent and to the platform."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import boto3

from channels.aws.queues.fifo_worker import FifoWorker
from channels.aws.state.journal import TurnJournal
from channels.telemetry.logs import add_fields
from channels.telemetry.metrics import SILENT, Metrics
from channels.turns.event_loop import EventLoop
from channels.turns.inbox_message import InboxMessage
from channels.turns.outcome import DeadLetter, RetryLater
from channels.turns.retry import INBOX
from channels.turns.runner import Limits, TurnRunner
from channels.wiring.services import services_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from channels.aws.queues.fifo_worker import Received
    from channels.turns.outcome import Outcome
    from channels.wiring.settings import Settings

logger = logging.getLogger(__name__)

#: Replaces the channel of a message that cannot be read.
UNKNOWN = "unknown"


def conversation_worker(settings: Settings) -> FifoWorker:
    """Return the Lambda handler of the inbox queue."""
    journal = TurnJournal(settings.state_table, boto3.client("dynamodb"))
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
        )
        return lambda received: handle_received(conversations, received, metrics)

    return FifoWorker(
        make, boto3.client("sqs"), settings.inbox_queue_url, settings.inbox_dead_letter_url, INBOX
    )


def handle_received(
    conversations: TurnRunner, received: Received, metrics: Metrics = SILENT
) -> Outcome:
    """Handle one message of the inbox; an unreadable message becomes a dead letter."""
    try:
        queued = InboxMessage.from_json(received.body)
    except ValueError as error:
        logger.error("unreadable message: %s", error)
        metrics.write(UNKNOWN, DeadLetters=1)
        return DeadLetter(f"unreadable: {error}")
    ids = {"message_id": queued.message.message_id, "sender_id": queued.message.sender_id}
    add_fields(channel=queued.channel, **ids)
    outcome = conversations.handle(queued, received.attempt, received.queued_at)
    if isinstance(outcome, RetryLater):
        logger.warning("%r: retry in %.0f s: %s", queued.message, outcome.delay, outcome.reason)
    return outcome
