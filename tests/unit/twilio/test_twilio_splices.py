"""A recorded request is not a new message, however its fields are split: nothing marks them."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from channels.errors import PlatformUnavailable, VerificationError
from channels.http.request import Request
from channels.twilio.replays import LIFETIME
from tests.unit.twilio.account import (
    BASE_URL,
    TOKEN,
    USER,
    WHATSAPP_USER,
    channel,
    request,
)
from tests.unit.twilio.splices import (
    KeyValueStore,
    is_signed,
    posted,
    signed_text,
    spliced,
    taken,
)

ADDRESS = f"{BASE_URL}/webhooks/twilio/webhook"
SID = "SM0000000000000000000000000000000f"
OTHER = "SM" + "e" * 32


def sent(name, **changes):
    return {**dict(parse_qsl(request(name).body.decode(), True)), **changes}


TEXT = sent("text", MessageSid=SID, SmsMessageSid=SID, SmsSid=SID)
PLACE = sent("whatsapp_location", OriginalRepliedMessageSid=OTHER)

#: A text whose author wants it to be split: fields in the order in which they are signed.
FORGED = f"From+15550000666LabelMessageSid{OTHER}SmsMessageSid{OTHER}SmsStatusreceivedZ"

#: Recorded requests: the fields, and who wrote them; None if they are not a message.
RECORDED = {
    "a text": (TEXT, USER),
    "a text without the older names of the id": (
        {name: TEXT[name] for name in TEXT if name not in ("SmsMessageSid", "SmsSid")},
        USER,
    ),
    "an answer on WhatsApp": (sent("whatsapp_answer_to_a_message"), WHATSAPP_USER),
    "a place": (PLACE, WHATSAPP_USER),
    "a photo": (sent("whatsapp_photo"), WHATSAPP_USER),
    "a user without a number": (
        sent("whatsapp_text", From="whatsapp:US.13491208655302741918"),
        "whatsapp:US.13491208655302741918",
    ),
    "a short code": ({**TEXT, "From": "40404"}, "40404"),
    "a name": ({**TEXT, "From": "Bank", "FromCity": ""}, "Bank"),
    "a text made for it": ({**TEXT, "Body": f"x{FORGED}"}, USER),
    "a query made for it": (
        {**TEXT, "Body": f"x&From=40404&MessageSid={OTHER}&SmsMessageSid={OTHER}&Body=hi&Z="},
        USER,
    ),
    "a link": ({**TEXT, "Body": "https://example.com/?priceFrom=500&MessageSid=1&To=9"}, USER),
    "STOP": (sent("opt_out"), None),
    "a delivery report": (sent("status_undelivered"), None),
    "a call": (sent("phone_call"), None),
}


def recorded(fields, address=ADDRESS):
    """The request as Twilio sends it."""
    signature = RequestValidator(TOKEN).compute_signature(address, fields)
    return posted(sorted(fields.items()), address, signature)


def said(messages):
    return [(each.sender_id, each.message_id, each.text) for each in messages]


@pytest.mark.parametrize("name", RECORDED)
@settings(max_examples=50)
@given(data=st.data())
def test_after_the_recorded_request_nothing_else_has_its_signature(name, data):
    fields, sender = RECORDED[name]
    address = data.draw(st.sampled_from([ADDRESS, f"{ADDRESS}?bot=1"]))
    original = recorded(fields, address)
    instance = channel()
    instance.memory = KeyValueStore()
    heard = taken(instance, original)
    assert [each.sender_id for each in heard] == ([sender] if sender else [])
    asked = data.draw(spliced(fields, address))
    assert is_signed(asked), "Twilio's own library sees no difference"
    again = said(taken(instance, asked))
    assert again in ([], said(heard))
    assert said(taken(instance, original)) == said(heard), "sent again by Twilio"


def split(fields, pairs, address=ADDRESS):
    """The request of signed fields that is split into these pairs."""
    assert "".join(name + value for name, value in pairs) == signed_text(fields)
    signature = RequestValidator(TOKEN).compute_signature(address, fields)
    asked = posted(pairs, address, signature)
    assert is_signed(asked)
    return asked


def keeping(fields, *names):
    """Pairs of these names, all others being the ends of the values before them."""
    pairs = []
    for name, value in sorted(fields.items()):
        if name in names:
            pairs.append((name, value))
        else:
            pairs[-1] = (pairs[-1][0], pairs[-1][1] + name + value)
    return pairs


def after(fields, asked, address=ADDRESS):
    """The messages of `asked` once these fields have come."""
    instance = channel()
    instance.memory = KeyValueStore()
    taken(instance, recorded(fields, address))
    return taken(instance, asked)


def test_the_id_cannot_be_hidden_in_its_neighbours_value():
    assert after(TEXT, split(TEXT, keeping(TEXT, "AccountSid", "Body", "From", "FromZip"))) == []


def test_the_sender_cannot_grow_by_what_follows():
    names = [name for name in TEXT if name not in ("FromCity", "FromCountry")]
    assert after(TEXT, split(TEXT, keeping(TEXT, *names))) == []


def test_the_sender_cannot_be_a_name_that_follows():
    """`FromCity` is `From` and `City` to whoever splits there."""
    fields, _ = RECORDED["a name"]
    pairs = [
        (name, value) for name, value in sorted(fields.items()) if name not in ("From", "FromCity")
    ]
    at = [name for name, _ in pairs].index("Body")
    pairs[at] = ("Body", f"{fields['Body']}FromBank")
    pairs.insert(at + 1, ("From", "City"))
    assert after(fields, split(fields, pairs)) == []


def test_the_text_cannot_grow_by_its_neighbour():
    fields = {**TEXT, "Body": "Hi", "Brand": "Acme"}
    names = [name for name in fields if name != "Brand"]
    assert after(fields, split(fields, keeping(fields, *names))) == []


def test_whoever_writes_fields_forges_no_message():
    fields, _ = RECORDED["a text made for it"]
    before, _, rest = signed_text(fields).partition(FORGED)
    pairs = [
        ("AccountSid", before.removeprefix("AccountSid").removesuffix("Bodyx")),
        ("Body", "x"),
        ("From", "+15550000666"),
        ("Label", ""),
        ("MessageSid", OTHER),
        ("SmsMessageSid", OTHER),
        ("SmsStatus", "received"),
        ("Z", rest),
    ]
    asked = split(fields, pairs)
    assert said(taken(channel(), asked)) == [("+15550000666", OTHER, "x")], "what is refused here"
    assert after(fields, asked) == []


def test_whoever_writes_a_query_forges_no_message_by_the_other_method():
    fields, _ = RECORDED["a query made for it"]
    address = f"{ADDRESS}?bot=1"
    signature = RequestValidator(TOKEN).compute_signature(address, fields)
    headers = {"x-twilio-signature": signature}
    query = f"bot=1{signed_text(fields)}"
    asked = Request("GET", "/webhooks/twilio/webhook", headers, b"", query, base_url=BASE_URL)
    assert [sender for sender, _, _ in said(taken(channel(), asked))] == ["40404"]
    assert after(fields, asked, address) == []


def test_a_refusal_is_told_to_the_operator_without_what_was_written():
    instance = channel()
    instance.memory = KeyValueStore()
    instance.verify(recorded(TEXT))
    with pytest.raises(VerificationError, match="split anew") as refused:
        instance.verify(split(TEXT, keeping(TEXT, "AccountSid", "Body", "From", "FromZip")))
    assert refused.value.status == 403
    assert "Hi there" not in str(refused.value)
    assert USER not in str(refused.value)


def test_a_signature_is_known_for_as_long_as_an_id():
    instance = channel()
    instance.memory = KeyValueStore()
    taken(instance, recorded(TEXT))
    assert instance.memory.lifetimes == {LIFETIME}


def test_what_is_not_signed_is_not_remembered():
    instance = channel()
    instance.memory = KeyValueStore()
    asked = posted(sorted(TEXT.items()), ADDRESS, "AAAA")
    with pytest.raises(VerificationError, match="wrong X-Twilio-Signature"):
        instance.verify(asked)
    assert instance.memory == {}


class DownStore:
    def claim(self, key, value, seconds):
        raise PlatformUnavailable("the state table: throttled")


def test_no_message_is_lost_while_the_table_is_down(caplog):
    instance = channel()
    instance.memory = DownStore()
    assert [each.sender_id for each in taken(instance, recorded(TEXT))] == [USER]
    assert "the state table: throttled" in caplog.text


def test_a_get_whose_address_becomes_fields_forges_no_message():
    """A text sent by GET is letters in the address; as fields they may be names."""
    body = f"xFrom40404MessageSid{OTHER}SmsMessageSid{OTHER}SmsStatusreceivedZ"
    query = f"bot=1&{urlencode({**TEXT, 'Body': body})}"
    signature = RequestValidator(TOKEN).compute_signature(f"{ADDRESS}?{query}", {})
    headers = {"x-twilio-signature": signature}
    original = Request("GET", "/webhooks/twilio/webhook", headers, b"", query, base_url=BASE_URL)
    before, _, rest = query.partition(body)
    pairs = [
        ("Body", "=x"),
        ("From", "40404"),
        ("MessageSid", OTHER),
        ("SmsMessageSid", OTHER),
        ("SmsStatus", "received"),
        ("Z", rest),
    ]
    asked = posted(pairs, f"{ADDRESS}?{before.removesuffix('Body=')}", signature)
    assert is_signed(asked)
    instance = channel()
    instance.memory = KeyValueStore()
    assert [each.sender_id for each in taken(instance, original)] == [USER]
    assert taken(instance, asked) == []
