"""Who is let in: signatures, the challenge, and credentials that are missing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import CredentialsError, VerificationError
from channels.facebook import FacebookInput
from channels.http.request import Request
from channels.wiring.credentials import problems
from tests.unit.facebook.conftest import CREDENTIALS, channel, post, signed
from tests.unit.facebook.vectors import (
    ESCAPED,
    ESCAPED_SHA256,
    TEXT,
    TEXT_SHA1,
    TEXT_SHA256,
    UNESCAPED_SHA256,
)


def refused(request, facebook=None):
    with pytest.raises(VerificationError) as raised:
        (facebook or channel()).verify(request)
    return raised.value.status == 403


@pytest.mark.parametrize(
    ("body", "signature"), [(TEXT, TEXT_SHA256), (ESCAPED, ESCAPED_SHA256), (b"", signed(b""))]
)
def test_a_signature_over_the_raw_body_is_accepted(body, signature):
    channel().verify(post(body, x_hub_signature_256=signature))
    channel().verify(post(body, **{"X-Hub-Signature-256": signature}))


def test_the_signature_of_the_body_serialised_anew_is_not_that_of_the_body():
    assert refused(post(ESCAPED, x_hub_signature_256=UNESCAPED_SHA256))
    again = json.dumps(json.loads(ESCAPED), ensure_ascii=False).encode()
    assert refused(post(again, x_hub_signature_256=ESCAPED_SHA256))


@pytest.mark.parametrize(("body", "good"), [(TEXT, TEXT_SHA256), (ESCAPED, ESCAPED_SHA256)])
@pytest.mark.parametrize(
    "change",
    [
        lambda good: good[:-1] + ("0" if good[-1] != "0" else "1"),
        lambda good: "sha256=" + good[7:].upper(),
        lambda good: good.upper(),
        lambda good: good[7:],
        lambda good: "sha256=",
        lambda good: "",
        lambda good: good + " ",
        lambda good: good + "00",
        lambda good: good[:-2],
        lambda good: "sha1=" + good[7:],
        lambda good: "md5=" + good[7:39],
        lambda good: "bogus=" + good[7:],
        lambda good: "sha256=\u00e4\u00f6\U0001f600",
        lambda good: "sha256=\ud83d",
    ],
)
def test_any_other_signature_is_refused(body, good, change):
    assert refused(post(body, x_hub_signature_256=change(good)))


@pytest.mark.parametrize("body", [TEXT + b"\n", b" " + TEXT, TEXT[:-1], b""])
def test_any_other_body_is_refused(body):
    assert refused(post(body, x_hub_signature_256=TEXT_SHA256))


def test_a_request_without_the_header_is_refused():
    assert refused(post(TEXT, content_type="application/json"))


def test_an_algorithm_named_by_the_request_is_not_used():
    assert refused(post(TEXT, x_hub_signature_256=signed(TEXT, algorithm="md5")))
    assert refused(post(TEXT, x_hub_signature=signed(TEXT, algorithm="md5")))
    facebook = channel(allow_sha1=True)
    assert refused(post(TEXT, x_hub_signature=signed(TEXT, algorithm="md5")), facebook)
    assert refused(post(TEXT, x_hub_signature=TEXT_SHA256), facebook)


def test_sha_1_counts_only_where_it_is_allowed_and_nothing_better_is_there():
    request = post(TEXT, x_hub_signature=TEXT_SHA1)
    assert refused(request)
    assert refused(request, channel(allow_sha1=False))
    channel(allow_sha1=True).verify(request)
    both = post(TEXT, x_hub_signature=TEXT_SHA1, x_hub_signature_256=TEXT_SHA256[:-1] + "0")
    assert refused(both, channel(allow_sha1=True))


def test_one_of_several_apps_secrets_is_enough():
    facebook = channel(secret=["another app's secret", CREDENTIALS["secret"]])
    facebook.verify(post(TEXT, x_hub_signature_256=TEXT_SHA256))
    assert refused(post(TEXT, x_hub_signature_256=signed(TEXT, "a third")), facebook)


def test_white_space_around_a_secret_is_no_part_of_it():
    facebook = channel(secret=CREDENTIALS["secret"] + "\n")
    facebook.verify(post(TEXT, x_hub_signature_256=TEXT_SHA256))


@given(header=st.text(), body=st.binary(max_size=50))
def test_no_header_makes_it_raise_anything_else(header, body):
    assert refused(post(body, x_hub_signature_256=header, x_hub_signature=header))


def shake(query, method="GET"):
    return channel().handshake(Request(method, "/webhooks/facebook/webhook", query_string=query))


@pytest.mark.parametrize("challenge", ["1158201444", "00123", "a b", "\u00e4<b>", "9" * 40])
def test_the_challenge_comes_back_to_the_letter(challenge, example):
    event = example("challenge")
    request = Request.from_event(event)
    request.query_string = (
        "hub.mode=subscribe&hub.verify_token=my-verify-token&hub.challenge="
        + "".join(f"%{byte:02X}" for byte in challenge.encode())
    )
    response = channel().handshake(request)
    assert (response.status, response.body.decode()) == (200, challenge)
    assert response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "hub.mode=subscribe",
        "hub.mode=subscribe&hub.challenge=1",
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=",
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong",
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=%C3%A4",
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=MY-VERIFY-TOKEN",
        "hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=my-verify-token",
        "hub.challenge=1&hub.verify_token=my-verify-token",
        "hub.mode=subscribe&hub.verify_token=my-verify-token",
        "hub.mode=subscribe&hub.challenge=&hub.verify_token=my-verify-token",
    ],
)
def test_whoever_does_not_know_the_verify_token_hears_403(query):
    with pytest.raises(VerificationError) as raised:
        shake(query)
    assert raised.value.status == 403


def test_a_post_is_no_challenge():
    assert (
        shake("hub.mode=subscribe&hub.challenge=1&hub.verify_token=my-verify-token", "POST") is None
    )


def test_rasas_positional_constructor():
    facebook = FacebookInput("my-verify-token", CREDENTIALS["secret"], "EAAGtoken")
    facebook.verify(post(TEXT, x_hub_signature_256=TEXT_SHA256))


def test_no_credentials_at_all():
    with pytest.raises(CredentialsError, match="facebook"):
        FacebookInput.from_credentials({})


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"verify": None}, "verify"),
        ({"verify": " "}, "verify"),
        ({"verify": True}, "verify"),
        ({"secret": None}, "secret"),
        ({"secret": ""}, "secret"),
        ({"secret": "\n"}, "secret"),
        ({"secret": []}, "secret"),
        ({"secret": ["a", ""]}, "secret"),
        ({"secret": {"a": 1}}, "secret"),
        ({"secret": None, "allow_unsigned": "true"}, "allow_unsigned"),
        ({"secret": " ", "allow_unsigned": True}, "secret"),
        ({"page_access_token": None}, "page-access-token"),
        ({"page_access_token": ""}, "page-access-token"),
        ({"page_tokens": ["a"]}, "page_tokens"),
        ({"page_tokens": {"1": ""}}, "page_tokens"),
        ({"graph_version": "25"}, "graph_version"),
        ({"graph_version": 25.0}, "graph_version"),
        ({"graph_version": "v25/../me"}, "graph_version"),
        ({"api_base": ""}, "api_base"),
        ({"conversation_granularity": "thread"}, "conversation_granularity"),
    ],
)
def test_a_setting_that_cannot_serve_is_named_with_where_to_read_on(settings, key):
    with pytest.raises(CredentialsError, match=rf"'{key}'.*docs/channels/facebook\.md"):
        channel(**settings)
    section = {k.replace("page_access_token", "page-access-token"): v for k, v in settings.items()}
    [found] = problems({"facebook": {**CREDENTIALS, **section}})
    assert key in found.what


def test_unsigned_requests_are_let_in_only_by_the_explicit_setting():
    channel(secret=None, allow_unsigned=True).verify(post(TEXT, content_type="application/json"))
    # Where there is a secret, it counts.
    assert refused(post(TEXT, content_type="application/json"), channel(allow_unsigned=True))


def test_a_verify_token_of_digits_and_pages_by_number_as_yaml_reads_them():
    facebook = channel(verify=12345, page_access_token=None, page_tokens={1000000000001: "EAAG"})
    query = "hub.mode=subscribe&hub.challenge=7&hub.verify_token=12345"
    assert facebook.handshake(Request("GET", query_string=query)).body == b"7"
