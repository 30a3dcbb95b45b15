"""Refuses recorded requests whose fields were split anew.

Twilio signs the URL followed by the names and values of the fields, sorted by name, with nothing
between them. Somebody who has recorded a request can split that text into other fields, and the
signature still matches:

    Body=hi   From=+15005550006   MessageSid=SM07...
    Body=hiFrom+15005550006MessageSidSM07...              neither sender nor id
    Body=hi   From=+15005550006MessageSidSM07...          another sender

So the first fields that come with a signature are kept, and other fields with the same signature
are refused. Twilio sends a request again with the same fields.
"""

from __future__ import annotations

import hashlib
import json
import logging

from channels.errors import PlatformUnavailable, VerificationError
from channels.twilio.fields import has_form

TYPE_CHECKING = False
if TYPE_CHECKING:
    from channels.channel import KeyValueStore
    from channels.http.request import Request

logger = logging.getLogger(__name__)

#: As long as the turn journal tells messages apart by their ids (seconds).
LIFETIME = 36 * 3600.0


def refuse_altered(request: Request, memory: KeyValueStore | None) -> None:
    """Raise VerificationError if `request`'s signature first came with other fields.

    Call it once the signature is verified. Nothing is refused without `memory` (`sam local`), or
    while it is unavailable: no message is lost because this cannot be checked.
    """
    if memory is None:
        return
    form = sorted(request.form.items()) if has_form(request) else []
    fields = json.dumps([request.method, request.query_string, form])
    content = hashlib.sha256(fields.encode()).hexdigest()
    try:
        first = memory.claim(f"signed:{request.headers['x-twilio-signature']}", content, LIFETIME)
    except PlatformUnavailable as error:
        logger.error("cannot tell whether Twilio's request is a recorded one: %s", error)
        return
    if first != content:
        raise VerificationError(
            "not from Twilio, but a recorded request whose fields were split anew", 403
        )
