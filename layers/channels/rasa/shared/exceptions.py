"""Aliases of `rasa.shared.exceptions`."""

from channels.errors import ChannelError as RasaException
from channels.errors import CredentialsError as InvalidConfigException

__all__ = ["InvalidConfigException", "RasaException"]
