"""The Lambda of the chat page: /webchat, and the script that embeds it into other sites."""

from pathlib import Path

from channels.handlers.webchat import Webchat
from channels.wiring.settings import Settings

handler = Webchat(Path(__file__).parent / "static", Settings.from_environment())
