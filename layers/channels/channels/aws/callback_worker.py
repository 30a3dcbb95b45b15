"""The callback worker: takes messages out of the callback queue to the user's URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3

from channels.aws.fifo_worker import FifoWorker
from channels.aws.secrets import ParameterStore
from channels.callback_delivery import CallbackDelivery
from channels.logs import start_logging

if TYPE_CHECKING:
    from collections.abc import Callable

    from channels.aws.fifo_worker import Received
    from channels.outcome import Outcome
    from channels.settings import Settings


def callback_worker(settings: Settings) -> FifoWorker:
    """The Lambda handler of the callback queue."""
    start_logging(settings.log_level)

    def make() -> Callable[[Received], Outcome]:
        credentials = ParameterStore.from_settings(settings)
        delivery: CallbackDelivery | None = None
        made_of: dict[str, object] | None = None

        def handle(received: Received) -> Outcome:
            nonlocal delivery, made_of
            section = credentials("callback")
            if delivery is None or section is not made_of:
                delivery, made_of = CallbackDelivery.from_credentials(section), section
            return delivery.deliver(received.body, received.attempt, received.queued_at)

        return handle

    return FifoWorker(
        make,
        boto3.client("sqs"),
        settings.callback_queue_url,
        settings.callback_dead_letter_url,
    )
