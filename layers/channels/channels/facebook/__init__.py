"""The Messenger and Instagram channel: `input`, `output`, and their parts."""

from channels.facebook.input import FacebookInput

__all__ = ["FacebookInput"]
