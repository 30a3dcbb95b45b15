"""X-Ray's header on messages of a queue: one trace from the webhook to the last send.

Source: AWS, "Amazon SQS and AWS X-Ray". The attribute does not count as message size.
"""

from __future__ import annotations

from channels.telemetry.logs import current_fields, root_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def trace_attributes(invocation: str) -> dict[str, Any]:
    """The parameters of SendMessage that carry the trace of the log lines, none without one.

    `invocation` is X-Ray's header of this invocation: it is sent whole where it is of that trace,
    so that X-Ray joins the two. In a worker it is of another one.
    """
    trace_id = current_fields().get("trace_id", "")
    own = root_of(invocation) == trace_id
    header = invocation if own or not trace_id else f"Root={trace_id}"
    if not header:
        return {}
    attribute = {"DataType": "String", "StringValue": header}
    return {"MessageSystemAttributes": {"AWSTraceHeader": attribute}}
