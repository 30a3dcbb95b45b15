"""Aliases of `rasa.shared.core`."""
