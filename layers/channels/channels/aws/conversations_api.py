"""The conversations API's handler, wired to AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3

from channels.aws.parameter_store import ParameterStore
from channels.aws.queues.inbox import Inbox
from channels.aws.state.conversation_records import ConversationRecords
from channels.handlers.conversations_api import ConversationsApi
from channels.telemetry.logs import start_logging
from channels.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from channels.wiring.settings import Settings


def conversations_api(settings: Settings) -> ConversationsApi:
    """The Lambda handler of a Lambda's settings."""
    start_logging(settings.log_level, settings.trace)
    return ConversationsApi(
        ParameterStore.from_settings(settings),
        ConversationRecords(settings.state_table, boto3.client("dynamodb")),
        Inbox.from_settings(settings),
        metrics=Metrics(settings.stack_name),
    )
