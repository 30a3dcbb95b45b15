"""One request about a call: what the caller did, and the state of the call.

Between two requests, the only state Twilio keeps for us is the URL that it is told to call next. So
that URL carries the state of the call, and Twilio signs it with the rest of the request:

    turn   number of the caller's next message; with `wait`, of the message whose reply is awaited
    from   first turn whose reply is part of what the caller heard last, or is to hear next
    late   that reply is still owed: it was not ready in time
    wait   how often the caller was asked to hold on; the caller has said nothing new
    skip   how many verbs of a very long reply were already spoken
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

from channels.errors import PayloadError
from channels.twilio.fields import fields_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from channels.http.request import Request

#: Values of CallStatus that mean there is nobody left to speak to
#: (twilio.com/docs/voice/twiml#callstatus-values).
ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})

#: What a request about a call may be besides a caller's message: a call that is over (also without
#: a CallStatus), silence, and a caller who holds for a reply.
NOT_MESSAGES = ENDED | {"no CallStatus", "silence", "hold"}

#: Values of CallStatus while the caller may say something.
_LIVE = frozenset({"queued", "initiated", "ringing", "in-progress"})

#: Placeholders for a number that the caller withheld. The digits spell the reason on a keypad:
#: ANONYMOUS, RESTRICTED (also as Twilio spells it), BLOCKED, UNKNOWN, UNAVAILABLE.
_WITHHELD = frozenset(
    {"+266696687", "+7378742833", "+7378742883", "+2562533", "+8656696", "+86282452253"}
    | {"anonymous", "restricted", "blocked", "unknown", "unavailable"}
)

#: Fields that say nothing about the caller, or that nobody else may see.
_NOT_METADATA = frozenset({"AccountSid", "ApiVersion", "CallToken", "SpeechResult"})

#: Most replies that can be owed at a time: older ones are dropped if the caller keeps talking to a
#: bot that does not reply.
_MOST_OWED = 20

_SID = re.compile(r"CA[0-9a-fA-F]{32}")
_NUMBER = re.compile(r"[0-9]{1,6}")


class Call:
    """What a request says; `sid` is empty if the request is not about a call.

    `fields` are Twilio's, as sent; `place` is the query of the URL, `address` the URL without it.
    """

    def __init__(self, fields: dict[str, str], place: dict[str, str], address: str) -> None:
        self.fields = fields
        sid = fields.get("CallSid", "")
        self.sid = sid if _SID.fullmatch(sid) else ""
        self.status = fields.get("CallStatus", "")
        self.digits = fields.get("Digits", "").strip()
        self.speech = fields.get("SpeechResult", "").strip()
        self.is_begun = "turn" in place
        self.turn = max(1, _number(place, "turn"))
        self.late = "late" in place
        self.holds = _number(place, "wait")
        self.skip = _number(place, "skip")
        self._waits = bool(_NUMBER.fullmatch(place.get("wait", "")))
        self._first = _number(place, "from")
        self._address = address

    @property
    def is_over(self) -> bool:
        """Whether nobody listens: a status callback, or a Gather that ended because of a hang-up.

        Callbacks about recordings and the like come without a CallStatus, and count as over too.
        """
        return self.status in ENDED or (bool(self.sid) and not self.status)

    @property
    def is_live(self) -> bool:
        """Whether the caller may say something."""
        return self.status in _LIVE

    @property
    def is_waiting(self) -> bool:
        """Whether the caller is holding for the reply to an earlier message."""
        return self._waits and self.is_begun

    @property
    def is_silent(self) -> bool:
        """Whether the caller was prompted and said nothing."""
        return self.is_begun and not self.is_waiting and not (self.digits or self.speech)

    @property
    def kind(self) -> str:
        """What the request is if it is not the caller's message, "" if it is."""
        if not self.is_live:
            return self.status or "no CallStatus"
        if self.is_waiting:
            return "hold"
        return "silence" if self.is_silent else ""

    @property
    def first_unheard(self) -> int:
        """The first turn whose reply the caller is to hear next."""
        if self.is_waiting or self.late:
            return self._first_until(self.turn)
        return self.turn

    @property
    def first_heard(self) -> int:
        """The first turn whose reply was part of what the caller heard last."""
        return self._first_until(self.turn - 1)

    def _first_until(self, last: int) -> int:
        first = self._first if 0 < self._first <= last else last
        return max(first, last - _MOST_OWED)

    @property
    def caller(self) -> str:
        """The caller's number or address; empty if withheld."""
        caller = self.fields.get("From", "").strip()
        return "" if caller.lower() in _WITHHELD else caller

    @property
    def metadata(self) -> dict[str, object]:
        """Twilio's fields by name, plus `confidence` (0 to 1) and `language` of the speech."""
        metadata: dict[str, object] = {
            name: value for name, value in self.fields.items() if _is_metadata(name)
        }
        confidence = _fraction(self.fields.get("Confidence", ""))
        if confidence is not None:
            metadata["confidence"] = confidence
        if self.fields.get("Language"):
            metadata["language"] = self.fields.get("Language")
        return metadata

    def message_id(self, turn: int | None = None) -> str:
        """Return the id of the caller's message in a turn, the same if Twilio sends it again."""
        return f"{self.sid}:{self.turn if turn is None else turn}"

    def url(
        self,
        turn: int,
        first: int | None = None,
        *,
        late: bool = False,
        wait: int | None = None,
        skip: int = 0,
    ) -> str:
        """Return the absolute URL for Twilio to call next, at the address of this request."""
        default = turn - 1 if wait is None else turn
        first = default if first is None else first
        place = {"turn": turn}
        if late or first != default:
            place["from"] = first
        if late:
            place["late"] = 1
        if wait is not None:
            place["wait"] = wait
        if skip:
            place["skip"] = skip
        return f"{self._address}?{urlencode(place)}"


def read_call(request: Request) -> Call:
    """Read the call of a request; never raises, whatever the request contains."""
    try:
        place = {name: values[0] for name, values in request.args.items()}
    except PayloadError:
        place = {}
    return Call(fields_of(request), place, request.url.partition("?")[0])


def _number(parameters: dict[str, str], name: str) -> int:
    text = parameters.get(name, "")
    return int(text) if _NUMBER.fullmatch(text) else 0


def _is_metadata(name: str) -> bool:
    """Whether a field is passed on: Twilio's begin with a capital, ours do not."""
    return name[:1].isupper() and name not in _NOT_METADATA


def _fraction(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None
