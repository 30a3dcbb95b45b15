"""The callback worker: delivers messages from the callback queue to the user's URL."""

from __future__ import annotations

import logging
import random
import time
from typing import TYPE_CHECKING

import boto3

from channels.aws.parameter_store import ParameterStore
from channels.aws.queues.fifo_worker import FifoWorker
from channels.callback.delivery import CHANNEL, CallbackDelivery, read_target
from channels.errors import CredentialsError
from channels.telemetry.logs import add_fields, start_logging
from channels.telemetry.metrics import SILENT, Metrics
from channels.turns.outcome import DeadLetter
from channels.turns.retry import CALLBACK

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.aws.queues.fifo_worker import Received
    from channels.turns.outcome import Outcome
    from channels.wiring.settings import Settings

logger = logging.getLogger(__name__)


def callback_worker(settings: Settings) -> FifoWorker:
    """Return the Lambda handler of the callback queue."""
    start_logging(settings.log_level, settings.trace)
    metrics = Metrics(settings.stack_name)
    return FifoWorker(
        lambda: CallbackHandler(ParameterStore.from_settings(settings), metrics=metrics),
        boto3.client("sqs"),
        settings.callback_queue_url,
        settings.callback_dead_letter_url,
        CALLBACK,
    )


class CallbackHandler:
    """Handles messages of the callback queue with the current settings; one instance per thread."""

    def __init__(
        self,
        credentials: Callable[[str], dict[str, Any]],
        now: Callable[[], float] = time.time,
        metrics: Metrics = SILENT,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Take `credentials(name)`, which returns the same object until it changes.

        `now()` is in seconds since 1970.
        """
        self._credentials = credentials
        self._now = now
        self._metrics = metrics
        self._chance = chance
        self._delivery: CallbackDelivery | None = None
        self._made_of: dict[str, Any] | None = None

    def __call__(self, received: Received) -> Outcome:
        """Deliver one message; wait for usable settings as long as for a receiver that is down."""
        add_fields(channel=CHANNEL)
        try:
            delivery = self._current()
        except CredentialsError as error:
            logger.error("callback: attempt %d: %s", received.attempt, error)
            waited = self._now() - received.first_received_at
            outcome = CALLBACK.after(
                "the settings of the callback channel are invalid",
                received.attempt,
                waited,
                self._chance(),
            )
            if isinstance(outcome, DeadLetter):
                return DeadLetter(
                    outcome.reason, lambda: self._metrics.write(CHANNEL, DeadLetters=1)
                )
            self._metrics.write(CHANNEL, Retries=1)
            return outcome
        return delivery.deliver(received.body, received.attempt, received.first_received_at)

    def _current(self) -> CallbackDelivery:
        section = self._credentials("callback")
        if self._delivery is None or section is not self._made_of:
            latest = CallbackDelivery(
                read_target(section), now=self._now, metrics=self._metrics, chance=self._chance
            )
            self.close()
            self._delivery, self._made_of = latest, section
        return self._delivery

    def close(self) -> None:
        """Close the idle connections."""
        if self._delivery is not None:
            self._delivery.close()
