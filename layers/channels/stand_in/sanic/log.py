"""Sanic's loggers."""

import logging

from sanic.missing import missing_from

__all__ = ["error_logger", "logger"]

logger = logging.getLogger("sanic.root")
error_logger = logging.getLogger("sanic.error")

__getattr__ = missing_from("sanic.log")
