"""JWTs that a platform signs with its private key."""

import base64
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from channels.auth.issued_token import bearer_token, issued_claims
from channels.auth.key_set import KeySet
from channels.errors import PlatformUnavailable, VerificationError
from channels.http.request import Request

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ISSUERS = ("https://issuer.example.com", "issuer.example.com")


def public(key, key_id="k1"):
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {**jwk, "kid": key_id}


KEYS = KeySet("test", lambda: {"keys": [public(KEY), {"kid": "odd", "kty": "RSA"}]}, lambda: None)


def token(key=KEY, algorithm="RS256", header=None, **claims):
    claims = {"iss": ISSUERS[0], "aud": "app", "exp": int(time.time()) + 3600, **claims}
    given = {name: value for name, value in claims.items() if value is not None}
    headers = {"kid": "k1"} if header is None else header
    return jwt.encode(given, key, algorithm=algorithm, headers=headers)


def claims_of(given):
    return issued_claims(given, KEYS, ISSUERS, ["app"], leeway=300)


@pytest.mark.parametrize("issuer", ISSUERS)
def test_a_token_of_the_issuer_for_us_is_accepted(issuer):
    claims, key = claims_of(token(iss=issuer, email="a@example.com"))
    assert claims["email"] == "a@example.com"
    assert key["kid"] == "k1"


@pytest.mark.parametrize("seconds", [-290, 60])
def test_clocks_may_differ(seconds):
    now = int(time.time())
    assert claims_of(token(exp=now + seconds, nbf=now + seconds - 60))


def unsigned():
    return jwt.encode({"iss": ISSUERS[0], "aud": "app"}, None, algorithm="none")


def signed_with_the_public_key():
    pem = jwt.algorithms.RSAAlgorithm.from_jwk(json.dumps(public(KEY)))
    secret = base64.b64encode(str(pem.public_numbers().n).encode())
    return token(secret, "HS256")


@pytest.mark.parametrize(
    "given",
    [
        token(aud="other"),
        token(aud=None),
        token(iss="https://evil.example.com"),
        token(iss=None),
        token(exp=int(time.time()) - 400),
        token(exp=None),
        token(nbf=int(time.time()) + 3600),
        token(OTHER_KEY),
        token(header={"kid": "unknown"}),
        token(header={"kid": "odd"}),
        token(header={}),
        token(algorithm="RS384"),
        signed_with_the_public_key(),
        unsigned(),
        token()[:-8] + "AAAAAAAA",
        "",
        "a.b",
        "a.b.c",
        "é.é.é",
    ],
)
def test_any_other_token_is_refused(given):
    with pytest.raises(VerificationError):
        claims_of(given)


@given(st.text())
def test_any_text_is_refused_and_nothing_else_is_raised(text):
    with pytest.raises(VerificationError):
        claims_of(text)


def test_keys_that_cannot_be_had_say_nothing_against_the_token():
    def down():
        raise PlatformUnavailable("down")

    keys = KeySet("test", down, lambda: None)
    with pytest.raises(PlatformUnavailable):
        issued_claims(token(), keys, ISSUERS, ["app"], leeway=0)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "abc"])
def test_without_a_bearer_token_it_is_401(header):
    headers = {} if header is None else {"Authorization": header}
    with pytest.raises(VerificationError) as refused:
        bearer_token(Request(headers=headers))
    assert refused.value.status == 401


@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc", " Bearer  abc "])
def test_the_bearer_token_is_found(header):
    assert bearer_token(Request(headers={"Authorization": header})) == "abc"
