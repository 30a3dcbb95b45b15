"""The least that a webhook of Slack can do, and the hand-over to a FIFO queue by boto3."""

import hmac
import json
import os
import time

import boto3

SECRET = os.environ["SLACK_SIGNING_SECRET"].encode()
QUEUE = os.environ["INBOX_QUEUE_URL"]
MAX_AGE = 300  # seconds

sqs = boto3.client("sqs")


def is_signed(event):
    """Whether Slack made the request, not long ago."""
    headers = event["headers"]
    timestamp = headers["x-slack-request-timestamp"]
    signed = f"v0:{timestamp}:{event['body']}".encode()
    expected = f"v0={hmac.digest(SECRET, signed, 'sha256').hex()}"
    is_fresh = abs(time.time() - int(timestamp)) <= MAX_AGE
    return is_fresh and hmac.compare_digest(expected, headers["x-slack-signature"])


def handler(event, context):
    """Answer an event of an HTTP API."""
    if not is_signed(event):
        return {"statusCode": 403}
    body = json.loads(event["body"])
    sqs.send_message(
        QueueUrl=QUEUE,
        MessageBody=json.dumps(body["event"]),
        MessageGroupId=body["event"]["user"],
        MessageDeduplicationId=body["event_id"],
    )
    return {"statusCode": 200}
