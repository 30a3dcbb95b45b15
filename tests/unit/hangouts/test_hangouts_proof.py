"""Whose requests are taken: Google Chat's for this app, by the token they carry."""

import base64
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import PlatformUnavailable, VerificationError
from channels.wiring.registry import create_channel
from ops import ROOT
from tests.servers.recording_server import recording_server
from tests.unit.hangouts.google import (
    ADD_ON,
    CHAT,
    CHAT_KEY,
    ENDPOINT,
    GOOGLE,
    GOOGLE_KEY,
    KEY_SETS,
    PROJECT,
    VECTOR_A,
    VECTOR_B,
    VECTOR_ENDPOINT,
    add_on_token,
    endpoint_token,
    key_urls,
    project_token,
)
from tests.unit.hangouts.space import KeyValueStore, channel, request_of

OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
HOST = ENDPOINT.partition("/webhooks/")[0]
BY_PROJECT = {"project_id": PROJECT}
BY_ENDPOINT = {"audience": ENDPOINT}
BY_EITHER = {**BY_PROJECT, **BY_ENDPOINT}


def verified(token, credentials, url=HOST):
    instance = create_channel("hangouts", {**credentials, **key_urls()})
    try:
        instance.verify(request_of({}, token, url))
    except VerificationError as error:
        return error.status
    return 200


@pytest.mark.parametrize(
    ("token", "credentials"),
    [
        (VECTOR_A, BY_PROJECT),
        (VECTOR_B, {"audience": VECTOR_ENDPOINT}),
        (VECTOR_B, {"audience": VECTOR_ENDPOINT, "project_id": "999"}),
        (project_token(), BY_PROJECT),
        (project_token(), {"project_id": int(PROJECT)}),
        (project_token(), BY_EITHER),
        (endpoint_token(), BY_ENDPOINT),
        (endpoint_token(), BY_EITHER),
        (endpoint_token(), {"audience": "endpoint"}),
        (endpoint_token(iss="accounts.google.com"), BY_ENDPOINT),
        (add_on_token(), BY_PROJECT),
        (add_on_token(), BY_EITHER),
        (add_on_token(), {**BY_PROJECT, "audience": "endpoint"}),
    ],
)
def test_a_token_of_google_chats_for_this_app_is_accepted(token, credentials):
    assert verified(token, credentials) == 200


def test_clocks_may_differ():
    assert verified(project_token(exp=int(time.time()) - 30), BY_PROJECT) == 200


NOW = int(time.time())


def unsigned(**claims):
    return jwt.encode({"iss": CHAT, "aud": PROJECT, "exp": NOW + 600, **claims}, None, "none")


def signed_with_the_public_key():
    """HS256 with the public key's PEM as its secret; PyJWT itself refuses to make one."""
    public = CHAT_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    secret = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    header = {"alg": "HS256", "kid": "chat-1", "typ": "JWT"}
    claims = {"iss": CHAT, "aud": PROJECT, "exp": NOW + 600}
    parts = [
        base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=")
        for each in (header, claims)
    ]
    signature = secret.sign(b".".join(parts), public)
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


MUTATIONS = {
    "nothing": (None, BY_EITHER),
    "an empty token": ("", BY_EITHER),
    "no token": ("abc", BY_EITHER),
    "another project's": (project_token(aud="999"), BY_EITHER),
    "another project's vector": (VECTOR_A, {"project_id": "999"}),
    "for no one": (project_token(aud=None), BY_EITHER),
    "for a project, none is set": (project_token(), BY_ENDPOINT),
    "of an evil issuer": (project_token(iss="evil"), BY_EITHER),
    "of an evil issuer with Google's key": (endpoint_token(iss="evil"), BY_EITHER),
    "of no issuer": (project_token(iss=None), BY_EITHER),
    "expired": (project_token(exp=NOW - 90), BY_EITHER),
    "that never expires": (project_token(exp=None), BY_EITHER),
    "expired, for the endpoint": (endpoint_token(exp=NOW - 90), BY_EITHER),
    "of another key": (project_token(OTHER_KEY), BY_EITHER),
    "of a key unknown": (project_token(key_id="chat-2"), BY_EITHER),
    "of the other kind's key": (project_token(GOOGLE_KEY, "google-1"), BY_EITHER),
    "of the endpoint's kind by the project's key": (endpoint_token(CHAT_KEY, "chat-1"), BY_EITHER),
    "a changed signature": (f"{VECTOR_A[:-4]}AAAA", BY_EITHER),
    "alg none": (unsigned(), BY_EITHER),
    "HS256 keyed with the public key": (signed_with_the_public_key(), BY_EITHER),
    "of another service account": (endpoint_token(email="evil@evil.example.com"), BY_EITHER),
    "of another project's add-on": (add_on_token(email=ADD_ON.replace(PROJECT, "999")), BY_EITHER),
    "of no e-mail": (endpoint_token(email=None), BY_EITHER),
    "of an odd e-mail": (endpoint_token(email=[CHAT]), BY_EITHER),
    "of an e-mail not verified": (endpoint_token(email_verified=False), BY_EITHER),
    "of an e-mail verified in words": (endpoint_token(email_verified="true"), BY_EITHER),
    "of an e-mail nothing is said of": (endpoint_token(email_verified=None), BY_EITHER),
    "for another endpoint": (endpoint_token(aud="https://example.com/"), BY_EITHER),
    "for another endpoint, derived": (
        endpoint_token(aud=VECTOR_ENDPOINT),
        {"audience": "endpoint"},
    ),
    "for the endpoint with a slash": (endpoint_token(aud=f"{ENDPOINT}/"), BY_EITHER),
    "an add-on's for another endpoint": (add_on_token(aud=VECTOR_ENDPOINT), BY_PROJECT),
    "an add-on's, no project is set": (add_on_token(), BY_ENDPOINT),
    "anybody's app with our endpoint": (endpoint_token(), BY_PROJECT),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_token_that_is_not_google_chats_for_this_app_is_a_401(name):
    token, credentials = MUTATIONS[name]
    assert verified(token, credentials) == 401


def test_the_endpoint_is_the_public_address_without_its_query():
    instance = channel()
    asked = request_of({}, add_on_token(aud="https://bot.example.com/webhooks/hangouts/webhook"))
    asked.base_url = "https://bot.example.com"
    asked.query_string = "a=b"
    instance.verify(asked)


def test_deeply_nested_claims_are_refused():
    nested = base64.urlsafe_b64encode(b"[" * 9000).decode()
    header = VECTOR_A.partition(".")[0]
    assert verified(f"{header}.{nested}.AAAA", BY_EITHER) == 401


@given(st.text() | st.text(alphabet="eyJ.AQ-_", max_size=80))
def test_any_text_is_refused_and_nothing_else_is_raised(text):
    assert verified(text, BY_EITHER) == 401


def test_without_a_secret_everybody_is_let_in_only_when_it_is_said_so():
    unsafe = create_channel("hangouts", {"allow_unsigned": True})
    unsafe.verify(request_of({}, None))
    assert verified(None, {**BY_PROJECT, "allow_unsigned": True}) == 401


def keys_answer(status, content):
    return lambda recorded: (status, content, {})


@pytest.mark.parametrize(
    "answer",
    [
        keys_answer(500, b"{}"),
        keys_answer(200, b"<html>"),
        keys_answer(200, b"[]"),
        keys_answer(302, b""),
        lambda recorded: None,
    ],
)
def test_keys_that_cannot_be_had_say_nothing_against_the_token(answer):
    with recording_server(answer) as server:
        instance = channel(chat_keys_url=server.url)
        with pytest.raises(PlatformUnavailable):
            instance.verify(request_of({}))


def test_keys_are_fetched_once_for_all_instances():
    memory = KeyValueStore()
    with recording_server(keys_answer(200, json.dumps(KEY_SETS["/chat"]).encode())) as server:
        for _ in range(2):
            instance = channel(chat_keys_url=server.url)
            instance.memory = memory
            for _ in range(3):
                instance.verify(request_of({}))
        assert len(server.requests) == 1


def test_the_example_events_carry_tokens_of_their_kind():
    for path in sorted((ROOT / "events" / "hangouts").glob("add_on_*.json")):
        token = json.loads(path.read_text(encoding="utf-8"))["headers"]["authorization"]
        assert verified(token.partition(" ")[2], BY_PROJECT) == 200
        assert (
            jwt.decode(token.partition(" ")[2], options={"verify_signature": False})["iss"]
            == GOOGLE
        )
