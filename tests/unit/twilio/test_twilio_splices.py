"""A recorded request is no new message, wherever its fields are cut: the signature has no marks."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from channels.errors import VerificationError
from channels.http.request import Request
from tests.unit.twilio.account import (
    BASE_URL,
    TOKEN,
    USER,
    WHATSAPP_USER,
    channel,
    request,
)
from tests.unit.twilio.splices import is_signed, posted, signed_text, spliced

ADDRESS = f"{BASE_URL}/webhooks/twilio/webhook"
SID = "SM0000000000000000000000000000000f"
OTHER = "SM" + "e" * 32


def sent(name, **changes):
    return {**dict(parse_qsl(request(name).body.decode(), True)), **changes}


TEXT = sent("text", MessageSid=SID, SmsMessageSid=SID, SmsSid=SID)
PLACE = sent("whatsapp_location", OriginalRepliedMessageSid=OTHER)
WITHOUT_A_NUMBER = "whatsapp:US.13491208655302741918"

#: What somebody writes who wants it to be cut: fields in the order in which they are signed.
FORGED = f"From+15550000666LabelMessageSid{OTHER}SmsMessageSid{OTHER}SmsStatusreceivedZ"

#: What was recorded: the fields, and who wrote them; None for what is no message.
RECORDED = {
    "a text": (TEXT, USER),
    "a text without the older names of the id": (
        {name: TEXT[name] for name in TEXT if name not in ("SmsMessageSid", "SmsSid")},
        USER,
    ),
    "an answer on WhatsApp": (sent("whatsapp_answer_to_a_message"), WHATSAPP_USER),
    "a place": (PLACE, WHATSAPP_USER),
    "a photo": (sent("whatsapp_photo"), WHATSAPP_USER),
    "a user without a number": (sent("whatsapp_text", From=WITHOUT_A_NUMBER), WITHOUT_A_NUMBER),
    "a short code": ({**TEXT, "From": "40404"}, "40404"),
    "a text made for it": ({**TEXT, "Body": f"x{FORGED}"}, USER),
    "a query made for it": (
        {**TEXT, "Body": f"x&From=40404&MessageSid={OTHER}&SmsMessageSid={OTHER}&Body=hi&Z="},
        USER,
    ),
    "a place's name made for it": ({**PLACE, "Label": f"x{FORGED}"}, WHATSAPP_USER),
    "STOP": (sent("opt_out"), USER),
    "a delivery report": (sent("status_undelivered"), None),
    "a call": (sent("phone_call"), None),
}


def taken(asked):
    """The messages that a request brings, none when it is refused."""
    instance = channel()
    try:
        instance.verify(asked)
        return instance.parse(asked)
    except VerificationError as error:
        assert error.status == 403
        return []


@pytest.mark.parametrize("name", RECORDED)
@settings(max_examples=50)
@given(data=st.data())
def test_a_request_cut_anew_is_refused_or_the_same_message(name, data):
    fields, sender = RECORDED[name]
    address = data.draw(st.sampled_from([ADDRESS, f"{ADDRESS}?bot=1"]))
    asked = data.draw(spliced(fields, address))
    assert is_signed(asked), "Twilio's own library sees no difference"
    for each in taken(asked):
        assert (each.sender_id, each.message_id) == (sender, fields["MessageSid"])


def cut(fields, pairs, address=ADDRESS):
    """The request of signed fields that is cut into these pairs."""
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


def test_a_request_as_twilio_sends_it_is_taken():
    assert [each.message_id for each in taken(cut(TEXT, sorted(TEXT.items())))] == [SID]


def test_a_text_that_grows_by_its_neighbour_is_the_same_message():
    """What is left to who recorded a request: it counts once, under the id that was taken."""
    fields = {**TEXT, "Body": "Hi", "Brand": "Acme"}
    names = [name for name in fields if name != "Brand"]
    [heard] = taken(cut(fields, keeping(fields, *names)))
    assert (heard.text, heard.message_id, heard.sender_id) == ("HiBrandAcme", SID, USER)


def test_the_id_cannot_be_hidden_in_its_neighbours_value():
    assert taken(cut(TEXT, keeping(TEXT, "AccountSid", "Body", "From", "FromZip"))) == []


def test_the_sender_cannot_grow_by_what_follows():
    names = [name for name in TEXT if name not in ("FromCity", "FromCountry")]
    assert taken(cut(TEXT, keeping(TEXT, *names))) == []


@pytest.mark.parametrize("sender", [WITHOUT_A_NUMBER, "whatsapp:US.aB3xYz", "whatsapp:US.13aB"])
def test_a_sender_without_a_number_cannot_grow_by_half_a_name(sender):
    """`MessageSid` is `Message` and `Sid` to who cuts there."""
    fields = sent("whatsapp_text", From=sender)
    names = ("AccountSid", "Body", "From", "SmsMessageSid", "SmsSid", "SmsStatus", "To")
    pairs = dict(keeping(fields, *names))
    pairs["Sid"] = pairs["From"].removeprefix(f"{sender}MessageSid")
    pairs["From"] = f"{sender}Message"
    assert taken(cut(fields, sorted(pairs.items()))) == []


def test_a_message_that_is_answered_lends_its_id_to_no_other():
    """`OriginalRepliedMessageSid` is `OriginalReplied` and `MessageSid` to who cuts there."""
    names = ("AccountSid", "Address", "Body", "From", "Label", "Latitude", "Longitude")
    *pairs, (name, value) = keeping(PLACE, *names)
    before, found, after = value.partition(f"MessageSid{OTHER}")
    assert found and after.startswith("ProfileName")
    pairs += [(name, before), ("MessageSid", OTHER), ("P", after[1:])]
    assert taken(cut(PLACE, pairs)) == []


def test_who_writes_fields_forges_no_message():
    fields, _ = RECORDED["a text made for it"]
    before, _, after = signed_text(fields).partition(FORGED)
    pairs = [
        ("AccountSid", before.removeprefix("AccountSid").removesuffix("Bodyx")),
        ("Body", "x"),
        ("From", "+15550000666"),
        ("Label", ""),
        ("MessageSid", OTHER),
        ("SmsMessageSid", OTHER),
        ("SmsStatus", "received"),
        ("Z", after),
    ]
    assert taken(cut(fields, pairs)) == []


def test_who_writes_a_query_forges_no_message_by_the_other_method():
    fields, _ = RECORDED["a query made for it"]
    address = f"{ADDRESS}?bot=1"
    signature = RequestValidator(TOKEN).compute_signature(address, fields)
    headers = {"x-twilio-signature": signature}
    query = f"bot=1{signed_text(fields)}"
    asked = Request("GET", "/webhooks/twilio/webhook", headers, b"", query, base_url=BASE_URL)
    assert asked.args.get("From") == "40404"
    channel().verify(asked)
    assert taken(asked) == []


def test_a_get_whose_address_becomes_fields_forges_no_message():
    """A text by GET is letters in the address; as fields they may be names."""
    body = f"xFrom40404MessageSid{OTHER}SmsMessageSid{OTHER}SmsStatusreceivedZ"
    query = f"bot=1&{urlencode({**TEXT, 'Body': body})}"
    signature = RequestValidator(TOKEN).compute_signature(f"{ADDRESS}?{query}", {})
    before, _, after = query.partition(body)
    pairs = [
        ("Body", "=x"),
        ("From", "40404"),
        ("MessageSid", OTHER),
        ("SmsMessageSid", OTHER),
        ("SmsStatus", "received"),
        ("Z", after),
    ]
    asked = posted(pairs, f"{ADDRESS}?{before.removesuffix('Body=')}", signature)
    assert is_signed(asked)
    assert taken(asked) == []


def test_a_refusal_is_told_to_the_operator_without_what_was_written():
    asked = cut(TEXT, keeping(TEXT, "AccountSid", "Body", "From", "FromZip"))
    with pytest.raises(VerificationError, match="MessageSid") as refused:
        channel().parse(asked)
    assert "Hi there" not in str(refused.value)
    assert USER not in str(refused.value)
