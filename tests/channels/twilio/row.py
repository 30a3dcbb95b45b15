"""Twilio, for the tests of all channels."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl, urlencode

from hypothesis import strategies as st

from channels.http.request import Request
from tests.functions.bodies import FORM, WRONG, Post, byte_posts, form_posts, with_headers
from tests.functions.harness import Kind, Row, queuing
from tests.unit.twilio import account

OUTCOMES: dict[str, list[str] | int] = {
    "bad_utf_8": ["\ufffd\ufffd"],
    "blank_fields_and_query": ["Hi again"],
    "empty": [],
    "health": [],
    "help": [],
    "json_body": [],
    "messaging_service": ["Hi service"],
    "mms_with_text": ["my receipts"],
    "no_signature": 403,
    "opt_in": ["Yes"],
    "opt_out": [],
    "own_number": [],
    "phone_call": [],
    "shared_key": ["Hi there"],
    "stage": ["Hi there \xe9 & co"],
    "status_delivered": [],
    "status_failed": [],
    "status_queued": [],
    "status_read": [],
    "status_sent": [],
    "status_undelivered": [],
    "text": ["Hi there \xe9 & co"],
    "text_by_get": ["Hi by GET"],
    "whatsapp_advertisement": ["I saw your ad"],
    "whatsapp_answer_to_a_message": ["that one"],
    "whatsapp_button": ["/affirm"],
    "whatsapp_contact": ["Ann"],
    "whatsapp_list": ['/inform{"day": "thursday"}'],
    "whatsapp_location": ['/locationData{"Latitude": 52.520008, "Longitude": 13.404954}'],
    "whatsapp_photo": [
        "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/MM00000000000000000000000000000024/Media/ME00000000000000000000000000000003"
    ],
    "whatsapp_photo_with_caption": ["is it this one?"],
    "whatsapp_text": ["hola \xbfqu\xe9 tal? \xa1bien!"],
    "whatsapp_voice": [
        "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/MM00000000000000000000000000000026/Media/ME00000000000000000000000000000005"
    ],
    "wrong_signature": 403,
}

KEYS = [
    *account.FIELDS,
    *("NumMedia", "MediaUrl0", "Latitude", "Longitude", "ButtonPayload", "ListId", "OptOutType"),
    *("MessageStatus", "ErrorCode", "ReferralBody", "CallSid"),
]
TWIML = "text/xml; charset=utf-8"
FIELDS = st.lists(
    st.tuples(
        st.sampled_from(KEYS) | st.text(max_size=5),
        st.text(max_size=30) | st.sampled_from(["received", "failed", "1", "STOP", "\ud83d"]),
    ),
    max_size=15,
)


def twilio_signature(event):
    """Twilio's signature, over bytes that need not be characters.

    A body that is no form, and one that has its hash in the query string, are signed by the hash.
    """
    event["headers"].pop("x-twilio-webhooks-signature-settings", None)
    request = Request.from_event(event)
    is_form = request.content_type == FORM
    if "bodySHA256" in request.query_string or (request.body and not is_form):
        event["rawQueryString"] = hash_query(request.body)
    pairs = parse_qsl(request.body, keep_blank_values=True) if is_form else []
    url = Request.from_event(event).url.encode()
    signed = url + b"".join(name + value for name, value in sorted(set(pairs)))
    digest = hmac.digest(account.TOKEN.encode(), signed, "sha1")
    event["headers"]["x-twilio-signature"] = base64.b64encode(digest).decode()


def hash_query(body):
    """The query string by which Twilio signs a body that is no form."""
    return f"bodySHA256={hashlib.sha256(body).hexdigest()}"


def is_empty_twiml(answer, queued):
    """Twilio hears nothing to say."""
    assert answer["body"] == "<Response/>"


ROW = Row(
    name="twilio",
    base="text",
    credentials=account.CREDENTIALS,
    outcomes=OUTCOMES,
    prove=twilio_signature,
    proved={
        "bytes": Kind(
            byte_posts().map(lambda post: post._replace(query=hash_query(post.body))), (200,)
        ),
        "forms": Kind(form_posts(FIELDS)),
    },
    forged={
        "headers": with_headers(
            byte_posts()
            | st.sampled_from([Post(), Post(urlencode(account.FIELDS).encode())])
            | st.sampled_from(queuing(OUTCOMES)).map(lambda name: Post(example=name)),
            x_twilio_signature=WRONG,
            x_twilio_webhooks_signature_settings=WRONG,
        )
    },
    statuses=(200, 403),
    refusals=(403,),
    content_type=TWIML,
    acknowledgement="<Response/>",
    apologises=True,
    text_path=("Body",),
    check=is_empty_twiml,
    personal={"whatsapp_list": "thursday", "whatsapp_location": "13.404954"},
    needs=("auth_token", "webhook_shared_keys"),
)
