"""A recorded request with its fields split anew, which keeps the signature.

Twilio signs names and values in the order of the names, one after the other: the boundaries
between them can move without a new signature.
"""

import re
from itertools import pairwise
from urllib.parse import parse_qs, urlencode

from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from channels.errors import VerificationError
from channels.http.request import Request
from tests.unit.twilio.account import FORM, TOKEN

#: Names, and beginnings and ends of names, where a cut does most harm.
# fmt: off
NAMES = [
    "AccountSid", "ApiVersion", "Body", "CallSid", "CallStatus", "Called", "Caller", "Digits",
    "Direction", "Forwarded", "ForwardedFrom", "From", "FromCity", "FromCountry", "FromZip",
    "Label", "Latitude", "Longitude", "MediaUrl0", "Message", "MessageSid", "MessageType",
    "NumMedia", "OptOutType", "OriginalReplied", "ParentCallSid", "ProfileName", "Sid", "Sms",
    "SmsMessageSid", "SmsSid", "SmsStatus", "SpeechResult", "To", "ToCity", "WaId", "Z",
    "msg",
]
# fmt: on


def signed_text(fields):
    """What is signed behind the address."""
    return "".join(name + value for name, value in sorted(fields.items()))


def in_order(pairs):
    """Pairs that are signed in this order: one that comes too early ends the value before it."""
    ordered = [pairs[0]]
    for pair in pairs[1:]:
        name, value = ordered[-1]
        if pair > (name, value):
            ordered.append(pair)
        else:
            ordered[-1] = (name, value + "".join(pair))
    return ordered


@st.composite
def cut_anew(draw, signed):
    """Pairs of names and values that spell a signed text."""
    edges = {edge for name in NAMES for found in re.finditer(name, signed) for edge in found.span()}
    anywhere = st.integers(0, len(signed) - 1)
    places = st.sampled_from(sorted(edges)) | anywhere if edges else anywhere
    starts = sorted({0, *draw(st.lists(places, max_size=24))} - {len(signed)})
    pairs = []
    for start, end in pairwise([*starts, len(signed)]):
        known = [len(each) for each in NAMES if signed.startswith(each, start)]
        lengths = [each for each in known if start + each <= end] or [min(9, end - start)]
        length = draw(st.sampled_from(lengths) | st.integers(1, min(20, end - start)))
        pairs.append((signed[start : start + length], signed[start + length : end]))
    return in_order(pairs)


@st.composite
def run_together(draw, fields):
    """The fields as they were sent, but that some end the value before them, or half their name."""
    first, *others = sorted(fields.items())
    pairs = [first]
    for name, value in others:
        before, so_far = pairs[-1]
        halves = [at for at in range(1, len(name)) if name[at].isupper()]
        at = draw(st.sampled_from([0, 0, 0, len(name), *halves]))
        if at == len(name):
            pairs[-1] = (before, so_far + name + value)
        else:
            pairs[-1] = (before, so_far + name[:at])
            pairs.append((name[at:], value))
    return in_order(pairs)


@st.composite
def spliced(draw, fields, address):
    """POST requests that have the signature of these fields at this address.

    The boundary between the address's query string and the fields may move too, either way.
    """
    url, mark, query = address.partition("?")
    whole = query + signed_text(fields)
    pairs = draw(run_together(fields) | st.none())
    start = len(query)
    if mark and pairs is None:
        ascii_part = len(re.match(r"[\w+:.&=-]*", whole)[0])
        start = draw(st.just(start) | st.integers(1, ascii_part - 1))
    if pairs is None:
        pairs = draw(cut_anew(whole[start:]))
    signature = RequestValidator(TOKEN).compute_signature(address, fields)
    return posted(pairs, url + mark + whole[:start], signature)


def posted(pairs, address, signature):
    """The request by POST of these pairs, to an address with its query string."""
    url, _, query = address.partition("?")
    base, webhooks, below = url.partition("/webhooks/")
    headers = {"content-type": FORM, "x-twilio-signature": signature}
    body = urlencode(pairs).encode()
    return Request("POST", webhooks + below, headers, body, query, base_url=base)


class Fields(dict):
    """Fields as Twilio's library takes names that are sent twice."""

    def getlist(self, name):
        return self[name]


def is_signed(request):
    """Whether Twilio's own library accepts a request."""
    fields = Fields(parse_qs(request.body.decode(), keep_blank_values=True))
    signature = request.headers["x-twilio-signature"]
    return RequestValidator(TOKEN).validate(request.url, fields, signature)


class KeyValueStore(dict):
    """Remembers for ever; `lifetimes` tells for how long it was asked to (seconds)."""

    def __init__(self):
        super().__init__()
        self.lifetimes = set()

    def claim(self, key, value, seconds):
        self.lifetimes.add(seconds)
        return self.setdefault(key, value)


def taken(instance, asked):
    """The messages that a channel takes from a request, none if it refuses the request."""
    try:
        instance.verify(asked)
        return instance.parse(asked)
    except VerificationError as error:
        assert error.status == 403
        return []
