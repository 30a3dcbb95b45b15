"""X-Ray's header on queued messages: one trace from the webhook to the last send.

Source: AWS, "Amazon SQS and AWS X-Ray". The attribute does not count towards the message size.
"""

from __future__ import annotations

from channels.telemetry.logs import current_fields, root_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def trace_attributes(invocation: str) -> dict[str, Any]:
    """Return the SendMessage parameters that carry the log lines' trace, {} if there is none.

    `invocation` is X-Ray's header of this invocation. It is sent whole if it belongs to that trace,
    so that X-Ray joins the two; in a worker it belongs to a different trace.
    """
    trace_id = current_fields().get("trace_id", "")
    own = root_of(invocation) == trace_id
    header = invocation if own or not trace_id else f"Root={trace_id}"
    if not header:
        return {}
    attribute = {"DataType": "String", "StringValue": header}
    return {"MessageSystemAttributes": {"AWSTraceHeader": attribute}}
