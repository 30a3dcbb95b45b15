"""Agents behind the whole stack."""
