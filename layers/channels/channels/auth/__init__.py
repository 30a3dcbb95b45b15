"""Who sent a request: bearer tokens, tokens that issuers sign, key sets, shared logins."""
