"""Log lines of a Lambda: standard logging, which Lambda writes as JSON (LoggingConfig)."""

from __future__ import annotations

import logging


def start_logging(level: str) -> None:
    """Let this package log from `level` on; where nobody takes log lines, they go to stderr.

    Lambda's runtime has a handler of its own; MiniStack's has none.
    """
    if not logging.getLogger().handlers:
        logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("channels").setLevel(level)
