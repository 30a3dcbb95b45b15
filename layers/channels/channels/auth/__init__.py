"""Authentication of requests: bearer tokens, signed tokens of issuers, key sets, shared logins."""
