"""Aliases of `rasa.utils`."""
