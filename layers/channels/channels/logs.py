"""Log lines of a Lambda: standard logging, which Lambda writes as JSON (LoggingConfig)."""

from __future__ import annotations

import logging

#: Loggers of users' own channels and agents: of their modules, and Sanic's.
_OF_CONNECTORS = ("addons", "sanic.root")


def start_logging(level: str) -> None:
    """Let this package and users' own modules log from `level` on, to stderr where nobody listens.

    Lambda's runtime has a handler of its own; MiniStack's has none.
    """
    if not logging.getLogger().handlers:
        logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    for logger in ("channels", *_OF_CONNECTORS):
        logging.getLogger(logger).setLevel(level)
