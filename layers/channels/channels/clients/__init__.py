"""Calls out: platforms' APIs, connections, addresses; heavy libraries are imported only here."""
