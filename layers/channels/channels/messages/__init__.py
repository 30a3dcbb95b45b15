"""What any message is made of: text, buttons, attachments, payloads, fields."""
