"""Log lines of a Lambda: standard logging, which Lambda writes as JSON (LoggingConfig).

Each line carries the ids it is about as separate fields (`FIELDS`), whichever module writes it. The
fields belong to the thread that handles a request or a message, and to the event loop that works
for that thread.
"""

from __future__ import annotations

import logging
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

#: Loggers of users' own channels and agents: those of their modules, and Sanic's.
_OF_CONNECTORS = ("addons", "sanic.root")

#: The fields of log lines, each if it is known. `requestId` is Lambda's own name: its runtime
#: writes that field itself.
FIELDS = (
    "requestId",
    "trace_id",
    "delivery_id",
    "channel",
    "message_id",
    "sender_id",
    "connection_id",
)

#: Headers with which a sender identifies a delivery, the same in each attempt: Twilio, "Webhook
#: connection overrides"; Standard Webhooks; those that REST clients send.
_DELIVERY_HEADERS = ("i-twilio-idempotency-token", "webhook-id", "x-request-id")

#: Ids are short; anything longer that a stranger sends is cut to this many characters.
_LONGEST = 256


class _Fields(threading.local):
    def __init__(self) -> None:
        self.values: dict[str, str] = {}


_fields = _Fields()


class _Invocation:
    """Where X-Ray's header of the invocation is read from."""

    trace: Callable[[], str] = staticmethod(lambda: "")


def begin_fields(context: Any, trace: str = "", **fields: str) -> None:
    """Set the fields of this thread's log lines, replacing all earlier ones.

    `context` is Lambda's, or None. `trace` is X-Ray's header of the work, by default that of the
    invocation. Empty fields are left out; names are those of `FIELDS`.
    """
    _fields.values = {}
    request_id = str(getattr(context, "aws_request_id", ""))
    trace_id = root_of(trace or _Invocation.trace())
    add_fields(requestId=request_id, trace_id=trace_id, **fields)


def begin_request(event: Any, context: Any, channel: str = "") -> None:
    """Do what `begin_fields` does for an HTTP API event; never raises, whatever the event is."""
    sent = event.get("headers") if isinstance(event, dict) else None
    headers = sent if isinstance(sent, dict) else {}
    lower = {str(name).lower(): str(value) for name, value in headers.items()}
    ids = [lower[name] for name in _DELIVERY_HEADERS if name in lower]
    trace = _Invocation.trace() or lower.get("x-amzn-trace-id", "")
    begin_fields(context, trace, channel=channel, delivery_id=ids[0] if ids else "")


def root_of(trace: str) -> str:
    """Return the trace id in X-Ray's header `Root=1-...;Parent=...;Sampled=0`."""
    parts = (part.strip().partition("=") for part in trace.split(";"))
    return next((value for name, _, value in parts if name == "Root"), "")


def add_fields(**fields: str) -> None:
    """Add fields to this thread's log lines; empty ones are left out."""
    known = {name: value[:_LONGEST] for name, value in fields.items() if value}
    _fields.values = {**_fields.values, **known}


def current_fields() -> Mapping[str, str]:
    """Return the current fields of this thread's log lines."""
    return _fields.values


def carry_fields(fields: Mapping[str, str]) -> None:
    """Give this thread's log lines the `current_fields` of another thread."""
    _fields.values = dict(fields)


def _bear_fields(record: logging.LogRecord) -> bool:
    """Add the fields to a record, as a handler's filter.

    Fields set by the caller take precedence.
    """
    for name, value in _fields.values.items():
        record.__dict__.setdefault(name, value)
    return True


class _TextFormatter(logging.Formatter):
    """Appends the fields to the text, quoted as in Python: an id cannot start a line of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        fields = [f"{name}={record.__dict__[name]!r}" for name in FIELDS if name in record.__dict__]
        return " ".join([super().formatMessage(record), *fields])


def start_logging(level: str, trace: Callable[[], str] = _Invocation.trace) -> None:
    """Log this package and users' modules from `level` on, to stderr if there is no handler.

    Libraries log from `level` on too, but not below INFO. Lambda's runtime has its own handler,
    MiniStack's has none. `trace()` returns X-Ray's header of the invocation, "" if there is none.
    """
    _Invocation.trace = staticmethod(trace)
    root = logging.getLogger()
    if not root.handlers:
        to_stderr = logging.StreamHandler()
        to_stderr.setFormatter(_TextFormatter("%(levelname)s %(name)s: %(message)s"))
        root.addHandler(to_stderr)
    for handler in root.handlers:
        handler.addFilter(_bear_fields)
    # Not below INFO: at DEBUG, libraries log whole requests, and botocore logs message texts and
    # tokens. Lambda's own level must not be above INFO, or metrics would be dropped (metrics.py).
    lowest = max(logging.INFO, logging.getLevelNamesMapping()[level])
    root.setLevel(max(root.level, lowest))
    for logger in ("channels", *_OF_CONNECTORS):
        logging.getLogger(logger).setLevel(level)
