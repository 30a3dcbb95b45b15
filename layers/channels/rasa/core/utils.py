"""Aliases of `rasa.core.utils`, which many connectors import."""

from channels.http.request import bool_arg

__all__ = ["bool_arg"]
