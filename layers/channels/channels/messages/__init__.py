"""The parts of a message: text, buttons, attachments, payloads, fields."""
