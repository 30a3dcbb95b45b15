"""python-telegram-bot as its documentation has it behind a webhook of one's own.

Its `initialize` asks the Bot API who the bot is, at BOT_API here.
"""

import asyncio
import hmac
import json
import os

from telegram import Update
from telegram.ext import Application, MessageHandler, filters

SECRET = os.environ["TELEGRAM_SECRET_TOKEN"]


async def on_message(update, context):
    """Hear a message."""


application = (
    Application.builder()
    .token("4242:made-up")
    .base_url(os.environ["BOT_API"])
    .updater(None)
    .build()
)
application.add_handler(MessageHandler(filters.TEXT, on_message))
loop = asyncio.new_event_loop()
loop.run_until_complete(application.initialize())


def handler(event, context):
    """Answer an event of an HTTP API."""
    if not hmac.compare_digest(event["headers"]["x-telegram-bot-api-secret-token"], SECRET):
        return {"statusCode": 403}
    update = Update.de_json(json.loads(event["body"]), application.bot)
    loop.run_until_complete(application.process_update(update))
    return {"statusCode": 200}
