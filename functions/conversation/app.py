"""The Lambda of the inbox: asks the agent and sends its replies, conversation by conversation."""

from channels.handlers.worker import conversation_worker
from channels.wiring.settings import Settings

handler = conversation_worker(Settings.from_environment())
