"""The least that a webhook of Telegram can do: check the secret token, read, say 200."""

import hmac
import json
import os

SECRET = os.environ["TELEGRAM_SECRET_TOKEN"]


def handler(event, context):
    """Answer an event of an HTTP API."""
    if not hmac.compare_digest(event["headers"]["x-telegram-bot-api-secret-token"], SECRET):
        return {"statusCode": 403}
    message = json.loads(event["body"])["message"]
    return {"statusCode": 200 if message["text"] else 400}
