"""Import aliases, so that connectors written for Rasa find its names; no logic lives here."""
