"""Aliases of `rasa.utils.endpoints`."""

from channels.http.request import bool_arg

__all__ = ["bool_arg"]
