"""Twilio Voice, for the tests of all channels."""

from __future__ import annotations

from urllib.parse import urlencode

from hypothesis import strategies as st

from tests.channels.twilio.row import TWIML, twilio_signature
from tests.functions.bodies import WRONG, Post, byte_posts, form_posts, with_headers
from tests.functions.harness import Kind, Row
from tests.unit.twilio_voice import phone

OUTCOMES: dict[str, list[str] | int] = {
    "busy": [],
    "call_made_by_api": ["hello"],
    "canceled": [],
    "completed": [],
    "digit": ["2"],
    "digits": ["20417#"],
    "failed": [],
    "health": [],
    "hold": [],
    "hung_up_while_speaking": [],
    "json": [],
    "last_hold": [],
    "no_answer": [],
    "no_call_sid": [],
    "number_withheld": ["hello"],
    "odd_place": ["hello"],
    "ringing": ["hello"],
    "ringing_base64": ["hello"],
    "ringing_behind_a_stage": ["hello"],
    "ringing_by_get": ["hello"],
    "silence": [],
    "silence_after_a_late_answer": [],
    "silence_without_fields": [],
    "sip_caller": ["hello"],
    "speech": ["I am tr\xe8s sad & co"],
    "speech_after_a_late_answer": ["are you there"],
    "unsigned": 403,
    "wrong_signature": 403,
}

QUERIES = st.text(max_size=40) | st.dictionaries(
    st.sampled_from(["turn", "from", "late", "wait", "skip", "x"]),
    st.sampled_from(["0", "1", "2", "7", "999999", "-1", "x", ""]) | st.text(max_size=5),
).map(urlencode)
FIELDS = st.dictionaries(
    st.sampled_from([*phone.CALL, "SpeechResult", "Digits", "Confidence", "Language"]) | st.text(),
    st.text() | st.sampled_from(["ringing", "in-progress", "completed", phone.CALL_SID, "1"]),
    max_size=8,
)


def stays_on_the_line(answer, heard):
    """The caller can go on, or the call is over anyway."""
    tags = phone.twiml(answer).tags
    assert tags == [] or tags[-1] in ("Gather", "Redirect")


ROW = Row(
    name="twilio_voice",
    base="ringing",
    credentials={**phone.CREDENTIALS, "initial_prompt": "hello"},
    outcomes=OUTCOMES,
    prove=twilio_signature,
    proved={
        "bytes": Kind(byte_posts(), (200,)),
        "forms": Kind(
            st.builds(
                lambda post, query: post._replace(query=query),
                form_posts(FIELDS),
                QUERIES.filter(str.isascii),
            )
        ),
    },
    forged={
        "signature": with_headers(form_posts(FIELDS) | st.just(Post()), x_twilio_signature=WRONG)
    },
    statuses=(200, 403),
    refusals=(403,),
    content_type=TWIML,
    asks_the_agent=True,
    check=stays_on_the_line,
    personal={"speech": "sad"},
    needs=("auth_token",),
)
