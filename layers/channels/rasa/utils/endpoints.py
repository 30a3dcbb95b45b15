"""Aliases of `rasa.utils.endpoints`."""

from channels.request import bool_arg

__all__ = ["bool_arg"]
