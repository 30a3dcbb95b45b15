"""Log lines of a Lambda: standard logging, which Lambda writes as JSON (LoggingConfig).

Each line bears what it is about as fields of its own (`FIELDS`), whoever writes it: they belong to
the thread that handles a request or a message, and to the event loop that works for it.
"""

from __future__ import annotations

import logging
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

#: Loggers of users' own channels and agents: of their modules, and Sanic's.
_OF_CONNECTORS = ("addons", "sanic.root")

#: The fields of log lines, each where it is known. `requestId` is Lambda's own name: its runtime
#: writes that one itself.
FIELDS = (
    "requestId",
    "trace_id",
    "delivery_id",
    "channel",
    "message_id",
    "sender_id",
    "connection_id",
)

#: Headers by which a sender names a delivery, the same in each attempt at it: Twilio, "Webhook
#: connection overrides"; Standard Webhooks; what clients of REST send.
_DELIVERY_HEADERS = ("i-twilio-idempotency-token", "webhook-id", "x-request-id")

#: Ids are short; what a stranger sends in place of one is cut to this many characters.
_LONGEST = 256


class _Fields(threading.local):
    def __init__(self) -> None:
        self.values: dict[str, str] = {}


_fields = _Fields()


class _Invocation:
    """Where X-Ray's header of the invocation is read."""

    trace: Callable[[], str] = staticmethod(lambda: "")


def begin_fields(context: Any, trace: str = "", **fields: str) -> None:
    """Let the log lines of this thread bear these fields from now on, and none of before.

    `context` is Lambda's, or None; `trace` is X-Ray's header of what is worked on, that of the
    invocation unless given. Empty fields are left out; names are those of `FIELDS`.
    """
    _fields.values = {}
    request_id = str(getattr(context, "aws_request_id", ""))
    trace_id = root_of(trace or _Invocation.trace())
    add_fields(requestId=request_id, trace_id=trace_id, **fields)


def begin_request(event: Any, context: Any, channel: str = "") -> None:
    """`begin_fields` for an event of an HTTP API; whatever it is, nothing is raised."""
    sent = event.get("headers") if isinstance(event, dict) else None
    headers = sent if isinstance(sent, dict) else {}
    lower = {str(name).lower(): str(value) for name, value in headers.items()}
    ids = [lower[name] for name in _DELIVERY_HEADERS if name in lower]
    trace = _Invocation.trace() or lower.get("x-amzn-trace-id", "")
    begin_fields(context, trace, channel=channel, delivery_id=ids[0] if ids else "")


def root_of(trace: str) -> str:
    """The trace's id in X-Ray's header `Root=1-...;Parent=...;Sampled=0`."""
    parts = (part.strip().partition("=") for part in trace.split(";"))
    return next((value for name, _, value in parts if name == "Root"), "")


def add_fields(**fields: str) -> None:
    """Let the log lines of this thread bear these fields too; empty ones are left out."""
    known = {name: value[:_LONGEST] for name, value in fields.items() if value}
    _fields.values = {**_fields.values, **known}


def current_fields() -> Mapping[str, str]:
    """The fields that a log line of this thread bears now."""
    return _fields.values


def carry_fields(fields: Mapping[str, str]) -> None:
    """Let the log lines of this thread bear the `current_fields` of another one."""
    _fields.values = dict(fields)


def _bear_fields(record: logging.LogRecord) -> bool:
    """A handler's filter: what the caller of the logger has set itself stays."""
    for name, value in _fields.values.items():
        record.__dict__.setdefault(name, value)
    return True


class _TextFormatter(logging.Formatter):
    """Fields behind the text, in Python's quotes: an id cannot begin a line of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        fields = [f"{name}={record.__dict__[name]!r}" for name in FIELDS if name in record.__dict__]
        return " ".join([super().formatMessage(record), *fields])


def start_logging(level: str, trace: Callable[[], str] = _Invocation.trace) -> None:
    """Let this package and users' own modules log from `level` on, to stderr where nobody listens.

    Libraries log from `level` on too, but not below INFO. Lambda's runtime has a handler of its
    own; MiniStack's has none. `trace()` gives X-Ray's header of the invocation, "" without one.
    """
    _Invocation.trace = staticmethod(trace)
    root = logging.getLogger()
    if not root.handlers:
        to_stderr = logging.StreamHandler()
        to_stderr.setFormatter(_TextFormatter("%(levelname)s %(name)s: %(message)s"))
        root.addHandler(to_stderr)
    for handler in root.handlers:
        handler.addFilter(_bear_fields)
    # Not below INFO: at DEBUG libraries log whole requests, botocore what was said and tokens. And
    # Lambda's own level is not above it, or metrics would not get through (metrics.py).
    lowest = max(logging.INFO, logging.getLevelNamesMapping()[level])
    root.setLevel(max(root.level, lowest))
    for logger in ("channels", *_OF_CONNECTORS):
        logging.getLogger(logger).setLevel(level)
