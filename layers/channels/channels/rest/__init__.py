"""The REST channel: `input`, and `connector` for connectors that derive from Rasa's."""

from channels.rest.input import RestInput

__all__ = ["RestInput"]
