"""The callback channel: `input` (a message in), `delivery` (messages to the user's URL)."""

from channels.callback.input import CallbackInput

__all__ = ["CallbackInput"]
