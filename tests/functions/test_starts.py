"""What a snapshot of a started function holds: nothing that grows old."""

from __future__ import annotations

import pytest

from channels.handlers.sockets.functions import socket_handlers
from channels.handlers.webhook import webhook
from channels.wiring.services import services_of
from channels.wiring.settings import Settings
from tests.functions.channel_rows import ROWS
from tests.servers.recording_server import recording_server


def settings_of(url):
    return Settings(
        {
            "AWS_ENDPOINT_URL": url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "made-up",
            "CREDENTIALS_PATH": "/stack/credentials",
            "INBOX_QUEUE_URL": f"{url}/inbox.fifo",
            "STATE_TABLE": "state",
            "SOCKET_API": "api",
            "SOCKET_STAGE": "prod",
        }
    )


@pytest.mark.parametrize("channel", ["rest", *ROWS])
def test_a_start_reads_no_credentials_and_opens_no_connection(channel):
    with recording_server(lambda request: None) as aws:
        handler = webhook(channel, services_of(settings_of(aws.url)))
        assert (aws.connections, aws.requests) == (0, [])
        event = {"version": "2.0", "rawPath": f"/webhooks/{channel}/webhook", "body": "{}"}
        event["requestContext"] = {"http": {"method": "POST"}}
        event["headers"] = {"content-type": "application/json"}
        assert handler(event, None)["statusCode"] >= 400
        assert aws.connections > 0  # the first request does


def test_sockets_start_so_too():
    with recording_server(lambda request: None) as aws:
        assert socket_handlers(settings_of(aws.url))
        assert (aws.connections, aws.requests) == (0, [])
