"""The Lambda of the conversations API: proactive messages of the bot."""

from channels.handlers.conversations_api import conversations_api
from channels.wiring.settings import Settings

handler = conversations_api(Settings.from_environment())
