"""Checks the id and the sender of a request, which a replayed request could otherwise change.

Twilio signs the URL followed by the names and values of the fields, sorted by name, with nothing
between them. Somebody who has recorded a request can split that text into other fields, and the
signature still matches:

    From=+15005550006  FromZip=94103  MessageSid=SM07...
    From=+15005550006  FromZip=94103MessageSidSM07...              a message without an id
    From=+15005550006FromZip94103     MessageSid=SM07...           another sender

The signed text itself cannot be changed. So id and sender are searched for in that text, however
it is split into fields, and a request is accepted only if the text has exactly one of each and the
fields agree. This also refuses a user who writes such fields into a message to split it later.

The text does not show where a sender that is not a number ends (`sip:Bob@example.com`, `My Shop`).
No field name that follows can become part of the sender, but the sender can be cut at a capital.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from channels.errors import VerificationError
from channels.twilio.fields import has_form
from channels.twilio.signature import signed_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from channels.http.request import Request

#: In either case (twilio.com/docs/api/errors/90001).
_SID = rb"((?:SM|MM)[0-9a-fA-F]{32})"

#: First the name that sorts late, after what users write; if it is not sent, the other name. The
#: message that a user replies to is named too (`OriginalRepliedMessageSid`), and does not count.
_MESSAGE_SIDS = (
    re.compile(rb"SmsMessageSid=?" + _SID),
    re.compile(rb"(?<!OriginalReplied)MessageSid=?" + _SID),
)

_FIRST_MESSAGE_SID = re.compile(rb"(?<!Sms)(?<!OriginalReplied)MessageSid=?" + _SID)

#: This name sorts early, before what callers say and before the ids of other calls (`DialCallSid`,
#: `ParentCallSid`). In a query string the names may have any order.
_CALL_SID = re.compile(rb"CallSid(CA[0-9a-fA-F]{32})")
_CALL_SID_IN_A_QUERY = re.compile(rb"[?&]CallSid=(CA[0-9a-fA-F]{32})")

#: A number, or WhatsApp's id of a user without one (`US.1349...`), with or without a channel prefix
#: (`whatsapp:`). It ends where the next name begins. That name sorts after `From`, and not after
#: `SmsMessageSid` or `To`, one of which has to follow.
_NUMBER = re.compile(
    rb"(?<!Forwarded)From=?"
    rb"((?:[a-z]+(?::|%3A))?(?:\+|%2B|[A-Z]{2}\.(?:ENT\.)?)?[0-9]{3,})(?=[&F-T]|\Z)"
)

#: Names that may follow the sender in the text; some occur only on WhatsApp and RCS.
_FOLLOWING = (
    rb"From(?:City|Country|State|Zip)|Media(?:ContentType|Url)\d|Message(?:Sid|Type)|ParentCallSid"
    rb"|QueueTime|SequenceNumber|Sip(?:CallId|Domain|Header|Source|Username)|SpeechResult"
    rb"|Stir(?:Passport|Verstat)|Timestamp|Language[a-z]{2,3}-|To[a-z]*[+:]"
)
_OF_CHANNELS = rb"InteractiveData|Label|Latitude|Longitude|List(?:Description|Id|Title)"
_AFTER_NUMBERS = re.compile(_FOLLOWING)
_AFTER_ADDRESSES = re.compile(_FOLLOWING + b"|" + _OF_CHANNELS)
_LONGEST_NAME = 24

#: Senders of calls, whose requests have none of the fields of WhatsApp and RCS.
_VOICE = ("client:", "sip:", "sips:")


def check_message(request: Request, fields: Mapping[str, str]) -> None:
    """Raise VerificationError if the signed text could hold another message id or sender."""
    signed = signed_text(request)
    known = next((sids for each in _MESSAGE_SIDS if (sids := set(each.findall(signed)))), set())
    given = {fields[name].encode() for name in ("MessageSid", "SmsMessageSid") if name in fields}
    is_hidden = "MessageSid" not in fields and _FIRST_MESSAGE_SID.search(signed)
    if is_hidden or not given or given != known:
        raise _cut_anew("no valid MessageSid, or more than one")
    _check_sender(signed, fields)
    _check_names(request)


def check_call(request: Request, fields: Mapping[str, str]) -> None:
    """Raise VerificationError if the signed text could hold another call id or caller.

    A request without any CallSid is not about a call and is accepted.
    """
    signed = signed_text(request)
    first = _CALL_SID.search(signed)
    known = {*_CALL_SID_IN_A_QUERY.findall(signed), *([first[1]] if first else [])}
    sid = fields.get("CallSid", "").encode()
    if not (sid or known):
        return
    if known != {sid}:
        raise _cut_anew("no valid CallSid, or more than one")
    if "From" in fields and "To" not in fields:
        raise _cut_anew("From without To")
    _check_sender(signed, fields)
    _check_names(request)


def _check_sender(signed: bytes, fields: Mapping[str, str]) -> None:
    """Check that the sender is the text's only number, or a `From` that contains no other name."""
    sender = fields.get("From", "")
    numbers = {unquote_to_bytes(each).decode("latin-1") for each in _NUMBER.findall(signed)}
    if ":" in sender and "+" not in sender and all(map(sender.startswith, numbers)):
        numbers = set()  # `client:550e8400`, `whatsapp:US.13aB`: more than a number
    is_hidden = "From" not in fields and b"From" in signed
    if is_hidden or (numbers and numbers != {sender}) or _runs_on(signed, sender):
        raise _cut_anew("no sender, or more than one")


def _runs_on(signed: bytes, sender: str) -> bool:
    """Whether a sender ends with the start of another name, or contains a whole one."""
    is_channels = ":" in sender and not sender.startswith(_VOICE)
    names = _AFTER_ADDRESSES if is_channels else _AFTER_NUMBERS
    given = sender.encode()
    for found in re.finditer(b"From" + re.escape(given), signed):
        text = signed[found.end() - len(given) : found.end() + _LONGEST_NAME]
        if any(name.start() < len(given) for name in names.finditer(text)):
            return True
    return False


def _check_names(request: Request) -> None:
    """Refuse what Twilio never sends: a name twice, or one that may end the URL (`2Z=`)."""
    if has_form(request):
        for name, values in request.form.items():
            if len(values) > 1 or not (name[:1].isascii() and name[:1].isalpha()):
                raise _cut_anew("a field sent twice, or with an invalid name")


def _cut_anew(finding: str) -> VerificationError:
    return VerificationError(
        f"{finding}: not from Twilio, but a recorded request whose fields were split anew", 403
    )
