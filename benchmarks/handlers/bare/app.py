"""The least that a webhook of Slack can do: check the signature and its age, read, say 200."""

import hmac
import json
import os
import time

SECRET = os.environ["SLACK_SIGNING_SECRET"].encode()
MAX_AGE = 300  # seconds


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
    message = json.loads(event["body"])["event"]
    return {"statusCode": 200 if message["text"] else 400}
