"""Twilio's signatures: the vectors, what is refused, and Twilio's own validator as the judge."""

import hashlib
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from channels.errors import CredentialsError, VerificationError
from channels.http.request import Request
from channels.twilio.settings import SECTION
from channels.twilio.signature import SignatureVerifier
from tests.unit.twilio.account import ACCOUNT_SID, FORM, TOKEN

BASE = "https://abc123.execute-api.eu-west-1.amazonaws.com/prod"
PATH = "/webhooks/twilio/webhook"
U = f"{BASE}{PATH}"

SMS = {
    "AccountSid": ACCOUNT_SID,
    "ApiVersion": "2010-04-01",
    "Body": "Hi there \u00e9 & co",
    "From": "+15005550006",
    "FromCountry": "US",
    "MessageSid": "SM00000000000000000000000000000001",
    "NumMedia": "0",
    "NumSegments": "1",
    "SmsSid": "SM00000000000000000000000000000001",
    "SmsStatus": "received",
    "To": "+15005550010",
}
BUTTON_SID = "SM00000000000000000000000000000002"
BUTTON = {
    "AccountSid": ACCOUNT_SID,
    "ApiVersion": "2010-04-01",
    "Body": "Yes",
    "ButtonPayload": "/affirm",
    "ButtonText": "Yes",
    "From": "whatsapp:+15005550006",
    "MessageSid": BUTTON_SID,
    "SmsMessageSid": BUTTON_SID,
    "SmsSid": BUTTON_SID,
    "MessageType": "button",
    "NumMedia": "0",
    "OriginalRepliedMessageSid": "MM00000000000000000000000000000009",
    "OriginalRepliedMessageSender": "whatsapp:+14155238886",
    "ProfileName": "Ana",
    "SmsStatus": "received",
    "To": "whatsapp:+14155238886",
    "WaId": "15005550006",
    "NumSegments": "1",
    "ReferralNumMedia": "0",
}
JSON = '{"a":1,"b":"\u00e9"}'.encode()
HASH = "bodySHA256=09ad9fd2fb648cb2f62141215828ea00a62c299db05d20aa9ade2f527a301cc6"
KEYS = {"K1": "sharedsecret-1"}


def settings(text):
    return {"x-twilio-webhooks-signature-settings": text}


A = "rh8DfmPeKnSzgHdLKc1x2DKRccc="
B = "Stcbxg6grZaAo/D6FXWsF+Mzv0k="
C = "XL1ZzU7KR9OuNN+3oC82hxexDMg="
E = "+VE2LLDVboWgKf/rS85t/N+KXE8="
F = "Ai0YWQ5PYC+wDdvg+WjbflrxfS0="
G = "J5MFE/FFVmmuHph8k0Lu0dSTRTw="
H = "oOTrdDwxStKMtJhJiR7vvZelundOkkigE4nn1cLWAbM="
I = "LSmdd+tDyRdrvCHyTvAK5paqLhs="  # noqa: E741 - the reference's letter
SHA256 = "key=K1,algorithm=HMAC_SHA256"


def request(body, signature, *, query="", base=BASE, content_type=FORM, headers=None):
    if not isinstance(body, bytes):
        body = urlencode(body, doseq=True).encode()
    proof = {} if signature is None else {"x-twilio-signature": signature}
    given = {"content-type": content_type, **proof, **(headers or {})}
    return Request("POST", PATH, given, body, query, base_url=base)


def is_valid(given_request, token=TOKEN, secondary=None, keys=KEYS):
    try:
        SignatureVerifier(token, secondary, keys).verify(given_request)
    except VerificationError as error:
        assert error.status == 403
        assert token not in str(error)
        return False
    return True


ACCEPTED = {
    "A a message": request(SMS, A),
    "A with a charset": request(SMS, A, content_type=f"{FORM}; charset=UTF-8"),
    "A with fields in another order": request(dict(reversed(SMS.items())), A),
    "A with a port in our address": request(SMS, A, base=BASE.replace(".com", ".com:443")),
    "A with settings that name the old scheme": request(
        SMS, A, headers=settings("algorithm=HMAC_SHA1")
    ),
    "B a query string as it was written": request(SMS, B, query="bot=a%20b&x=1"),
    "C signed with the port": request(SMS, C),
    "E a blank field": request({**SMS, "Body": ""}, E),
    "F a JSON body": request(JSON, F, query=HASH, content_type="application/json"),
    "G a name several times": request({"A": ["2", "1", "1"], "B": "x"}, G),
    "H a shared key": request(SMS, H, headers=settings(SHA256)),
    "H with spaces": request(SMS, H, headers=settings("algorithm=hmac_sha256 , key=K1")),
    "I a button": request(BUTTON, I),
}

REFUSED = {
    "no signature": request(SMS, None),
    "an empty signature": request(SMS, ""),
    "a signature that is no ASCII": request(SMS, "\u00e9" * 28),
    "A another body": request({**SMS, "Body": "Hi"}, A),
    "A one field more": request({**SMS, "X": "1"}, A),
    "A one field less": request({key: SMS[key] for key in SMS if key != "To"}, A),
    "A with the case of a letter changed": request(SMS, A.swapcase()),
    "B as a+b": request(SMS, B, query="bot=a+b&x=1"),
    "B as a b": request(SMS, B, query="bot=a b&x=1"),
    "B in another order": request(SMS, B, query="x=1&bot=a%20b"),
    "B without the query": request(SMS, B),
    "C at another port": request(SMS, C, base=BASE.replace(".com", ".com:8443")),
    "D without the stage": request(SMS, A, base=BASE.removesuffix("/prod")),
    "D at another host": request(SMS, A, base="https://example.com/prod"),
    "D by http": request(SMS, A, base=BASE.replace("https", "http")),
    "E without the blank field": request({key: SMS[key] for key in SMS if key != "Body"}, E),
    "F one space more": request(JSON + b" ", F, query=HASH, content_type="application/json"),
    "F another hash": request(
        JSON + b" ",
        F,
        query=f"bodySHA256={hashlib.sha256(JSON + b' ').hexdigest()}",
        content_type="application/json",
    ),
    "F without the hash": request(JSON, F, content_type="application/json"),
    "F without the body": request(b"", F, query=HASH, content_type="application/json"),
    "F as a form": request(JSON, F, query=HASH),
    "G one value another": request({"A": ["2", "1", "3"], "B": "x"}, G),
    "H without the settings": request(SMS, H),
    "H of a key we do not have": request(
        SMS, H, headers=settings("key=K2,algorithm=HMAC_SHA256")
    ),
    "H by an algorithm we do not know": request(
        SMS, H, headers=settings("key=K1,algorithm=HMAC_SHA512")
    ),
    "H by the old algorithm": request(SMS, H, headers=settings("key=K1,algorithm=HMAC_SHA1")),
    "A by the new algorithm": request(SMS, A, headers=settings("algorithm=HMAC_SHA256")),
    "A with a key's settings": request(SMS, A, headers=settings("key=K1")),
}  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_twilio_signed_is_accepted(name):
    assert is_valid(ACCEPTED[name])


@pytest.mark.parametrize("name", REFUSED)
def test_what_twilio_did_not_sign_is_refused(name):
    assert not is_valid(REFUSED[name])


def test_another_accounts_signature_is_refused():
    assert not is_valid(request(SMS, A), token="f" * 32)


@pytest.mark.parametrize("tokens", [(TOKEN, "f" * 32), ("f" * 32, TOKEN)])
def test_while_tokens_rotate_both_count(tokens):
    assert is_valid(request(SMS, A), *tokens)


def test_shared_keys_do_without_an_auth_token():
    verifier = SignatureVerifier(None, None, KEYS)
    verifier.verify(ACCEPTED["H a shared key"])
    with pytest.raises(VerificationError):
        verifier.verify(ACCEPTED["A a message"])
    with pytest.raises(VerificationError):
        verifier.verify(request(SMS, A, headers=settings("algorithm=HMAC_SHA256")))


def test_a_get_is_signed_by_its_address_alone():
    query = urlencode(SMS)
    signature = RequestValidator(TOKEN).compute_signature(f"{U}?{query}", {})
    headers = {"x-twilio-signature": signature}
    assert is_valid(Request("GET", PATH, headers, b"", query, base_url=BASE))
    assert not is_valid(Request("GET", PATH, headers, b"", f"{query}1", base_url=BASE))
    assert not is_valid(Request("GET", PATH, headers, b"more", query, base_url=BASE))


def test_the_error_says_which_address_was_expected_and_no_query():
    with pytest.raises(VerificationError, match=r"below https://abc123.*prod: .*PublicBaseUrl"):
        SignatureVerifier(TOKEN).verify(request(SMS, "x" * 28, query="token=made-up"))


@pytest.mark.parametrize(
    ("credentials", "error"),
    [
        ({}, "'auth_token' is needed"),
        ({"auth_token": " "}, "'auth_token' is needed"),
        ({"allow_unsigned": "true"}, "'allow_unsigned' must be true or false"),
        ({"auth_token": 12345}, "'auth_token' must be a text"),
        ({"secondary_auth_token": ["a"]}, "'secondary_auth_token' must be a text"),
        ({"webhook_shared_keys": "a"}, "'webhook_shared_keys' must be a mapping"),
        ({"webhook_shared_keys": {"K1": None}}, "'webhook_shared_keys' is empty"),
        ({"webhook_shared_keys": {"K1": 1}}, "'K1' must be a text"),
    ],
)
def test_settings_that_cannot_serve_are_named(credentials, error):
    with pytest.raises(CredentialsError, match=error) as raised:
        SignatureVerifier.from_section(SECTION.of(credentials))
    assert "docs/channels/twilio.md" in str(raised.value)


@pytest.mark.parametrize(
    "credentials",
    [
        {"auth_token": f" {TOKEN} "},
        {"auth_token": TOKEN, "allow_unsigned": True},
        {"auth_token": "f" * 32, "secondary_auth_token": TOKEN},
        {"secondary_auth_token": TOKEN},
    ],
)
def test_settings_with_the_token_check_signatures(credentials):
    verifier = SignatureVerifier.from_section(SECTION.of(credentials))
    verifier.verify(request(SMS, A))
    with pytest.raises(VerificationError):
        verifier.verify(request(SMS, None))


def test_only_who_says_so_does_without_signatures():
    given = {"allow_unsigned": True}
    assert SignatureVerifier.from_section(SECTION.of(given)) is None


NAMES = st.text(min_size=1, max_size=6)
FIELDS = st.dictionaries(NAMES, st.lists(st.text(max_size=8), min_size=1, max_size=3), max_size=6)
QUERIES = st.lists(st.tuples(NAMES, st.text(max_size=5)), max_size=3).map(
    lambda pairs: "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
)
HOSTS = st.sampled_from(["h.example.com", "h.example.com:443", "h.example.com:8443"])


class Values(dict):
    """Fields as Twilio's validator takes repeated ones."""

    def getlist(self, name):
        return self[name]


@given(
    fields=FIELDS,
    query=QUERIES,
    host=HOSTS,
    stage=st.sampled_from(["", "/prod"]),
    algorithm=st.sampled_from(["HMAC_SHA1", "HMAC_SHA256"]),
    change=st.sampled_from(["nothing", "a field", "the query", "the host", "a character"]),
)
def test_twilios_validator_agrees(fields, query, host, stage, algorithm, change):
    signed = f"https://{host}{stage}{PATH}" + (f"?{query}" if query else "")
    validator = RequestValidator(TOKEN)
    signature = validator.compute_signature(signed, Values(fields), algorithm)
    if change == "a field":
        fields = {**fields, "Body": ["another"]}
    if change == "the query":
        query = f"{query}&y=1"
    if change == "the host":
        host = "g.example.com"
    if change == "a character":
        signature = signature[:-2] + "A="
    base = f"https://{host}{stage}"
    headers = settings(f"algorithm={algorithm}")
    asked = request(fields, signature, query=query, base=base, headers=headers)
    theirs = validator.validate(asked.url, Values(fields), signature, algorithm)
    assert is_valid(asked) == theirs


@given(body=st.text(max_size=50), said=st.none() | st.text(max_size=50), algorithm=st.booleans())
def test_twilios_validator_agrees_on_bodies_that_are_no_form(body, said, algorithm):
    raw = body.encode()
    digest = hashlib.sha256(raw if said is None else said.encode()).hexdigest()
    query = f"bodySHA256={digest}&x=1"
    validator = RequestValidator(TOKEN)
    signature = validator.compute_signature(f"{U}?{query}", {})
    asked = request(raw, signature, query=query, content_type="application/json")
    assert is_valid(asked) == validator.validate(f"{U}?{query}", body, signature)


@given(
    body=st.binary(max_size=100),
    content_type=st.sampled_from([FORM, "application/json", "", "text/plain"]),
    query=st.text(max_size=60),
    signature=st.text(max_size=40),
    scheme=st.text(max_size=60) | st.sampled_from([SHA256, "key=,algorithm=", "key=K1,"]),
)
def test_nothing_unsigned_passes_and_nothing_crashes(body, content_type, query, signature, scheme):
    headers = settings(scheme)
    asked = request(body, signature, query=query, content_type=content_type, headers=headers)
    assert not is_valid(asked)


@given(body=st.binary(max_size=200))
def test_a_form_of_any_bytes_can_be_checked(body):
    empty = RequestValidator(TOKEN).compute_signature(U, {})
    names_nothing = not body.replace(b"&", b"").replace(b"=", b"")
    assert is_valid(request(body, empty)) == names_nothing
