"""Import aliases for connectors written for Rasa; they contain no logic of ours."""
