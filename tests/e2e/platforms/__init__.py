"""Conversations on all platforms, and the operator's commands."""
