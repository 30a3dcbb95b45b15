"""Paths of webhooks: which channel, and what follows it."""

from __future__ import annotations


def split_path(path: str) -> tuple[str, str]:
    """A path's channel and what follows it, whatever stage or mapping stands before.

    `/prod/webhooks/myio/webhook/` is ("myio", "webhook").
    """
    _, found, below = path.partition("/webhooks/")
    name, _, route = below.partition("/") if found else ("", "", path)
    return name, route.strip("/")
