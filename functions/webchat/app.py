"""The Lambda of the chat page: /webchat, and the script that embeds it into other sites."""

from pathlib import Path

from channels.settings import Settings
from channels.webchat import Webchat

handler = Webchat(Path(__file__).parent / "static", Settings.from_environment())
