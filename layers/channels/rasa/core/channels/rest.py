"""Alias of `rasa.core.channels.rest`."""

from channels.rest import RestInput

__all__ = ["RestInput"]
