"""The Lambda of the callback queue: delivers the bot's messages to the user's URL."""

from channels.handlers.callback_worker import callback_worker
from channels.wiring.settings import Settings

handler = callback_worker(Settings.from_environment())
