"""Requests in: request, response, routes, redaction. Lean: part of every cold start."""
