"""Outgoing calls: platform APIs, connections, addresses. Heavy libraries are imported only here."""
