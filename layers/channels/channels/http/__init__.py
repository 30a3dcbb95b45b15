"""Incoming requests: request, response, routes, redaction. Lean: every cold start loads it."""
