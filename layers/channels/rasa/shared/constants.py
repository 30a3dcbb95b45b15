"""Rasa's constants that connectors use."""

INTENT_MESSAGE_PREFIX = "/"
DOCS_BASE_URL = "https://rasa.com/docs/rasa"
