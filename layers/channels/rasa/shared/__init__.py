"""Aliases of `rasa.shared`."""
