"""Alias of `rasa.core.channels.rest`."""

from channels.rest.connector import RestConnector as RestInput

__all__ = ["RestInput"]
