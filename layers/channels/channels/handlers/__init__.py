"""What Lambda calls: one module a kind of function, each a composition of the rooms below."""
