"""The callback channel: a message in (`input`), replies to the user's URL (`delivery`)."""

from channels.callback.input import CallbackInput

__all__ = ["CallbackInput"]
