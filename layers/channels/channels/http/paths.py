"""Paths of webhooks: the channel, and the route below it."""

from __future__ import annotations


def split_path(path: str) -> tuple[str, str]:
    """Split a path into channel and route, ignoring any stage or mapping before `/webhooks/`.

    `/prod/webhooks/myio/webhook/` becomes ("myio", "webhook").
    """
    _, found, below = path.partition("/webhooks/")
    name, _, route = below.partition("/") if found else ("", "", path)
    return name, route.strip("/")
