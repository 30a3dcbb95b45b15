"""`ops trace`: a message's way through the stack."""
