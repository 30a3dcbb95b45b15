"""Bearer tokens and JWTs."""

import time

import jwt
import pytest

from channels.auth.bearer import JwtVerifier, decode_bearer_token, decode_jwt, equal
from channels.errors import CredentialsError

KEY = "k" * 32


def token(claims, key=KEY, algorithm="HS256"):
    return jwt.encode(claims, key, algorithm=algorithm)


@pytest.mark.parametrize("prefix", ["", "Bearer "])
def test_decode_jwt_takes_a_token_with_and_without_bearer(prefix):
    assert decode_jwt(prefix + token({"user": "a"}), KEY, "HS256") == {"user": "a"}


def test_decode_jwt_raises_where_decode_bearer_token_gives_none():
    forged = token({"user": "a"}, key="x" * 32)
    with pytest.raises(jwt.InvalidSignatureError):
        decode_jwt(forged, KEY, "HS256")
    assert decode_bearer_token(forged, KEY, "HS256") is None
    assert decode_bearer_token("rubbish", KEY, "HS256") is None
    assert decode_bearer_token(token({"user": "a"}), KEY, "HS256") == {"user": "a"}


def test_a_bad_signature_is_logged_in_rasas_words_and_without_the_token(caplog):
    forged = token({"user": "a"}, key="x" * 32)
    decode_bearer_token(forged, KEY, "HS256")
    assert "JWT public key invalid." in caplog.text
    assert forged not in caplog.text


def test_verifier_accepts_a_token_that_expires():
    claims = {"sub": "a", "exp": int(time.time()) + 60}
    assert JwtVerifier(KEY).claims(token(claims)) == claims


@pytest.mark.parametrize(
    "forged",
    [
        token({"sub": "a"}),
        token({"sub": "a", "exp": 1}),
        token({"sub": "a", "exp": "soon"}),
        token({"sub": "a", "exp": 4102444800}, key="x" * 32),
        token({"sub": "a", "exp": 4102444800}, key="k" * 64, algorithm="HS512"),
        jwt.encode({"sub": "a", "exp": 4102444800}, "", algorithm="none"),
        "",
        "a.b.c",
        "\udcff.\u00e9.x",
    ],
    ids=["no exp", "expired", "bad exp", "key", "algorithm", "none", "empty", "junk", "not ASCII"],
)
def test_verifier_refuses(forged):
    assert JwtVerifier(KEY).claims(forged) is None


@pytest.mark.parametrize(
    ("key", "method"),
    [(KEY, "HS1"), (KEY, "none"), (KEY, "RS256"), (KEY, "")],
)
def test_verifier_refuses_settings_that_cannot_serve(key, method):
    with pytest.raises(CredentialsError, match="jwt_"):
        JwtVerifier(key, method)


@pytest.mark.parametrize(
    ("given", "expected", "same"),
    [
        ("a", "a", True),
        ("a", "b", False),
        (None, "a", False),
        ("é", "é", True),
        ("\udcff", "a", False),
    ],
)
def test_equal_takes_any_characters(given, expected, same):
    assert equal(given, expected) is same
