"""Aliases of `rasa.core`."""
