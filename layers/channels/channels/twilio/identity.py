"""Which message a request brings and who wrote it, out of reach of who recorded the request.

Twilio signs the address and, behind it, names and values of the fields in the order of the names,
with nothing between them. Who has recorded a request can cut that text anew, and the signature
still fits:

    From=+15005550006  FromZip=94103  MessageSid=SM07...
    From=+15005550006  FromZip=94103MessageSidSM07...              a message without an id
    From=+15005550006FromZip94103     MessageSid=SM07...           another sender

What cannot be changed is the text itself. So id and sender are looked for in it, wherever its
fields are cut, and a request counts only if it holds one of each and the fields agree. That also
refuses who writes such fields into a message, to have them cut out afterwards.

The text does not show where a sender ends that is no number (`sip:Bob@example.com`, `My Shop`).
No name that follows can become a part of it, but what follows a capital in it can be cut off.
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

#: twilio.com/docs/api/errors/90001: the letters' case is free.
_SID = rb"((?:SM|MM)[0-9a-fA-F]{32})"

#: The name that comes late in the text, behind what users write; and, where it is not sent, the
#: other one. A message that is answered is named too (`OriginalRepliedMessageSid`).
_MESSAGE_SIDS = (
    re.compile(rb"SmsMessageSid=?" + _SID),
    re.compile(rb"(?<!OriginalReplied)MessageSid=?" + _SID),
)

_FIRST_MESSAGE_SID = re.compile(rb"(?<!Sms)(?<!OriginalReplied)MessageSid=?" + _SID)

#: The name that comes early in the text, before what callers say and before other calls' ids
#: (`DialCallSid`, `ParentCallSid`); in a query string the names may have any order.
_CALL_SID = re.compile(rb"CallSid(CA[0-9a-fA-F]{32})")
_CALL_SID_IN_A_QUERY = re.compile(rb"[?&]CallSid=(CA[0-9a-fA-F]{32})")

#: A number, or WhatsApp's id of a user without one (`US.1349...`), with a channel before it
#: (`whatsapp:`) or without. It ends where the next name begins: a later one than `From`, and no
#: later one than `SmsMessageSid` or `To`, one of which has to follow.
_NUMBER = re.compile(
    rb"(?<!Forwarded)From=?"
    rb"((?:[a-z]+(?::|%3A))?(?:\+|%2B|[A-Z]{2}\.(?:ENT\.)?)?[0-9]{3,})(?=[&F-T]|\Z)"
)

#: Names that may follow the sender's in the text, of which some come on WhatsApp and RCS alone.
_FOLLOWING = (
    rb"From(?:City|Country|State|Zip)|Media(?:ContentType|Url)\d|Message(?:Sid|Type)|ParentCallSid"
    rb"|QueueTime|SequenceNumber|Sip(?:CallId|Domain|Header|Source|Username)|SpeechResult"
    rb"|Stir(?:Passport|Verstat)|Timestamp|Language[a-z]{2,3}-|To[a-z]*[+:]"
)
_OF_CHANNELS = rb"InteractiveData|Label|Latitude|Longitude|List(?:Description|Id|Title)"
_AFTER_NUMBERS = re.compile(_FOLLOWING)
_AFTER_ADDRESSES = re.compile(_FOLLOWING + b"|" + _OF_CHANNELS)
_LONGEST_NAME = 24

#: Who calls by these has no such fields.
_VOICE = ("client:", "sip:", "sips:")


def check_message(request: Request, fields: Mapping[str, str]) -> None:
    """Raise VerificationError unless a message's id and sender are the only ones it can have."""
    signed = signed_text(request)
    known = next((sids for each in _MESSAGE_SIDS if (sids := set(each.findall(signed)))), set())
    given = {fields[name].encode() for name in ("MessageSid", "SmsMessageSid") if name in fields}
    is_hidden = "MessageSid" not in fields and _FIRST_MESSAGE_SID.search(signed)
    if is_hidden or not given or given != known:
        raise _cut_anew("no MessageSid of Twilio's, or more than one")
    _check_sender(signed, fields)
    _check_names(request)


def check_call(request: Request, fields: Mapping[str, str]) -> None:
    """Raise VerificationError unless a call's id and caller are the only ones it can have.

    A request that is about no call, and has nothing of one, is none of ours to refuse.
    """
    signed = signed_text(request)
    first = _CALL_SID.search(signed)
    known = {*_CALL_SID_IN_A_QUERY.findall(signed), *([first[1]] if first else [])}
    sid = fields.get("CallSid", "").encode()
    if not (sid or known):
        return
    if known != {sid}:
        raise _cut_anew("no CallSid of Twilio's, or more than one")
    if "From" in fields and "To" not in fields:
        raise _cut_anew("nobody who is called")
    _check_sender(signed, fields)
    _check_names(request)


def _check_sender(signed: bytes, fields: Mapping[str, str]) -> None:
    """The sender is the text's one number; else what `From` says, if it runs into no other name."""
    sender = fields.get("From", "")
    numbers = {unquote_to_bytes(each).decode("latin-1") for each in _NUMBER.findall(signed)}
    if ":" in sender and "+" not in sender and all(map(sender.startswith, numbers)):
        numbers = set()  # `client:550e8400`, `whatsapp:US.13aB`: more than a number
    is_hidden = "From" not in fields and b"From" in signed
    if is_hidden or (numbers and numbers != {sender}) or _runs_on(signed, sender):
        raise _cut_anew("no sender, or more than one")


def _runs_on(signed: bytes, sender: str) -> bool:
    """Whether a sender has the beginning of another name at its end, or a whole one in it."""
    is_channels = ":" in sender and not sender.startswith(_VOICE)
    names = _AFTER_ADDRESSES if is_channels else _AFTER_NUMBERS
    given = sender.encode()
    for found in re.finditer(b"From" + re.escape(given), signed):
        text = signed[found.end() - len(given) : found.end() + _LONGEST_NAME]
        if any(name.start() < len(given) for name in names.finditer(text)):
            return True
    return False


def _check_names(request: Request) -> None:
    """Twilio sends a name once, and none that may be the address's end (`?turn=1`, `2Z=`)."""
    if has_form(request):
        for name, values in request.form.items():
            if len(values) > 1 or not (name[:1].isascii() and name[:1].isalpha()):
                raise _cut_anew("a field that is sent twice, or whose name is none")


def _cut_anew(finding: str) -> VerificationError:
    return VerificationError(
        f"{finding}: Twilio sends no such request; its fields were cut anew to send it again", 403
    )
