"""Aliases of `rasa.core.utils`, which many connectors import."""

from channels.request import bool_arg

__all__ = ["bool_arg"]
