"""What is let in: the Bot Connector's token, of the activity's service URL, for this bot."""

import json
import time

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.botframework.tokens import fetch_keys, same_service
from channels.errors import PlatformUnavailable, VerificationError
from channels.http.request import Request
from channels.wiring.registry import create_channel
from tests.servers.recording_server import recording_server
from tests.unit.botframework.bot import (
    CREDENTIALS,
    KEYS,
    OTHER_PRIVATE_KEY,
    SERVICE_URL,
    VECTOR_KEY,
    KeyValueStore,
    activity,
    channel,
    event,
    public,
    remembered_keys,
    request,
    request_of,
    token,
)

ACTIVITY = activity("text")


def verified(given, instance=None):
    try:
        (instance or channel()).verify(given)
    except VerificationError as error:
        return error.status
    return 200


def hmac_token():
    """Signed with the public key as if it were a secret."""
    modulus = public(OTHER_PRIVATE_KEY, "ours")["n"]
    claims = jwt.decode(token(), options={"verify_signature": False})
    return jwt.encode(claims, modulus, algorithm="HS256", headers={"kid": "ours"})


def unsigned_token():
    claims = jwt.decode(token(), options={"verify_signature": False})
    return jwt.encode(claims, None, algorithm="none", headers={"kid": "ours"})


# The matrix that was run against Microsoft's own validator.
@pytest.mark.parametrize(
    ("given", "changes", "status"),
    [
        pytest.param(token(), {}, 200, id="good"),
        pytest.param(token(aud="other"), {}, 403, id="for another bot"),
        pytest.param(token(iss="https://evil.example.com"), {}, 403, id="of another issuer"),
        pytest.param(token(iss=None), {}, 403, id="of no issuer"),
        pytest.param(token(serviceurl="https://e.example.com/"), {}, 403, id="other service URL"),
        pytest.param(token(serviceurl=None), {}, 403, id="no service URL"),
        pytest.param(token(serviceurl=""), {"serviceUrl": ""}, 403, id="empty service URLs"),
        pytest.param(token(), {"serviceUrl": SERVICE_URL.rstrip("/")}, 200, id="without slash"),
        pytest.param(
            token(serviceurl=None, serviceUrl=SERVICE_URL), {}, 200, id="as documentation spells it"
        ),
        pytest.param(token(), {"channelId": "slack"}, 403, id="a channel without endorsement"),
        pytest.param(token(), {"channelId": None}, 403, id="no channel"),
        pytest.param(token(key_id="empty"), {"channelId": "slack"}, 200, id="empty endorsements"),
        pytest.param(token(key_id="unendorsed"), {}, 200, id="key without endorsements"),
        pytest.param(token(algorithm="RS384"), {}, 403, id="RS384"),
        pytest.param(hmac_token(), {}, 403, id="HS256"),
        pytest.param(unsigned_token(), {}, 403, id="alg none"),
        pytest.param(token(OTHER_PRIVATE_KEY), {}, 403, id="another key"),
        pytest.param(token()[:-6] + "AAAAAA", {}, 403, id="tampered signature"),
        pytest.param("a.b.c", {}, 403, id="no JWT"),
        pytest.param("", {}, 401, id="no header"),
    ],
)
def test_the_matrix(given, changes, status):
    document = {key: value for key, value in {**ACTIVITY, **changes}.items() if value is not None}
    assert verified(request_of(document, given)) == status


@pytest.mark.parametrize(
    ("claim", "seconds", "status"),
    [("exp", -600, 403), ("exp", -240, 200), ("nbf", 240, 200), ("nbf", 600, 403)],
)
def test_clocks_may_differ_by_five_minutes(claim, seconds, status):
    bearer = token(**{claim: int(time.time()) + seconds})
    assert verified(request_of(ACTIVITY, bearer)) == status


@pytest.mark.parametrize(
    ("tenant", "name"),
    [
        ("https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/", "emulator 3.1"),
        ("https://login.microsoftonline.com/f8cdef31-a31e-4b4a-93e4-5f571e91255a/v2.0", "3.2"),
        ("https://login.microsoftonline.com/99999999-8888-7777-6666-555555555555/v2.0", "own"),
    ],
)
def test_tokens_of_the_emulator_and_of_other_bots_prove_no_service_url(tenant, name):
    bearer = token(iss=tenant, serviceurl=None, azp=CREDENTIALS["app_id"], ver="2.0")
    assert verified(request_of(ACTIVITY, bearer)) == 403, name


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 200),
        ({"channelId": "webchat"}, 200),
        ({"channelId": "slack"}, 403),
        ({"serviceUrl": "https://attacker.example.com/"}, 403),
        ({"serviceUrl": "https://smba.trafficmanager.net/emea/../evil/"}, 403),
        ({"serviceUrl": "https://smba.trafficmanager.net.example.com/emea/"}, 403),
        ({"serviceUrl": 5}, 403),
    ],
)
def test_the_vector(changes, status):
    bearer = event("text")["headers"]["authorization"].removeprefix("Bearer ")
    assert verified(request_of({**ACTIVITY, **changes}, bearer)) == status


def test_the_vector_is_for_one_bot():
    other = channel(app_id="another-bot")
    assert verified(request("text"), other) == 403


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("text", 200),
        ("base64", 200),
        ("card_execute", 200),
        ("no_token", 401),
        ("tampered_token", 403),
        ("other_service_url", 403),
        ("other_channel", 403),
    ],
)
def test_events(name, status):
    assert verified(request(name)) == status


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer ", "abc", "\u00e9"])
def test_without_a_bearer_token_it_is_401(header):
    assert verified(Request("POST", "/", {"authorization": header}, b"{}")) == 401


@given(text=st.text())
def test_any_text_for_a_token_is_refused_and_nothing_else_is_raised(text):
    given = Request("POST", "/", {"authorization": f"Bearer {text}"}, b"{}")
    assert verified(given, CHANNEL) in (401, 403)


CHANNEL = channel()


@given(st.text(max_size=40), st.text(max_size=40))
def test_service_urls_are_one_only_by_their_slashes_at_the_end(one, other):
    assert same_service(one, other) == (one != "" and one.rstrip("/") == other.rstrip("/"))
    assert not same_service("", other)


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"5", b"null", b"\xff"])
def test_a_well_proved_body_that_is_no_activity_passes_and_says_nothing(body):
    given = request_of(body)
    assert verified(given) == 200
    assert channel().parse(given) == []


def test_the_log_of_a_refusal_holds_no_token():
    with pytest.raises(VerificationError) as refused:
        channel().verify(request_of(ACTIVITY, token(aud="other")))
    assert token().split(".")[2] not in str(refused.value)
    assert "." not in str(refused.value).split(":")[-1]


LOCAL = create_channel("botframework", {"allow_unsigned": True})


@pytest.mark.parametrize(
    ("ip", "status"),
    [
        ("127.0.0.1", 200),
        ("127.1.2.3", 200),
        ("::1", 200),
        ("203.0.113.9", 403),
        ("10.0.0.7", 403),
        ("", 403),
        ("127.0.0.1.example.com", 403),
        ("1127.0.0.1", 403),
    ],
)
def test_without_an_app_id_only_this_machine_is_let_in(ip, status):
    given = Request("POST", "/", {"x-forwarded-for": "127.0.0.1"}, json.dumps(ACTIVITY).encode())
    given.ip = ip
    assert verified(given, LOCAL) == status


def test_with_an_app_id_a_token_is_asked_for_whatever_else_is_set():
    instance = channel(allow_unsigned=True)
    given = request_of(ACTIVITY, "")
    given.ip = "127.0.0.1"
    assert verified(given, instance) == 401


class Microsoft:
    """Publishes keys; `fetched` counts."""

    def __init__(self, keys=KEYS):
        self.keys = keys
        self.url = ""
        self.fetched = []

    def __call__(self, recorded):
        self.fetched.append(recorded.path)
        if recorded.path == "/metadata":
            return 200, json.dumps({"jwks_uri": f"{self.url}/keys"}).encode(), {}
        return 200, json.dumps({"keys": self.keys}).encode(), {}


def test_the_keys_are_fetched_with_the_first_request_and_shared():
    microsoft = Microsoft()
    with recording_server(microsoft) as server:
        microsoft.url = server.url
        url = f"{server.url}/metadata"
        one = create_channel("botframework", {**CREDENTIALS, "openid_metadata_url": url})
        one.memory = memory = KeyValueStore()
        assert microsoft.fetched == [], "no network in the constructor"
        assert [verified(request("text"), one) for _ in range(2)] == [200, 200]
        other = create_channel("botframework", {**CREDENTIALS, "openid_metadata_url": url})
        other.memory = memory
        assert verified(request("text"), other) == 200
    assert microsoft.fetched == ["/metadata", "/keys"]
    assert list(memory) == list(remembered_keys(url=url))


def test_a_rotated_key_is_fetched_and_an_unknown_one_refused():
    microsoft = Microsoft()
    with recording_server(microsoft) as server:
        microsoft.url = server.url
        url = f"{server.url}/metadata"
        instance = create_channel("botframework", {**CREDENTIALS, "openid_metadata_url": url})
        kept = {"keys": [VECTOR_KEY], "fetched": time.time() - 60}
        instance.memory = KeyValueStore({f"keys:{url}": json.dumps(kept)})
        assert verified(request("text"), instance) == 200
        assert microsoft.fetched == []
        assert verified(request_of(ACTIVITY), instance) == 200
        assert verified(request_of(ACTIVITY, token(key_id="unknown")), instance) == 403
    assert microsoft.fetched == ["/metadata", "/keys"]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        (500, b"", {}),
        (302, b"", {"location": "http://127.0.0.1:9/"}),
        (200, b"not json", {}),
        (200, b"[]", {}),
        (200, b"{}", {}),
        (200, b'{"jwks_uri": 5}', {}),
        (200, b'{"jwks_uri": "ftp://x"}', {}),
        (200, b'{"jwks_uri": "http://[bad"}', {}),
    ],
)
def test_keys_that_cannot_be_had_say_nothing_against_the_token(answer):
    with recording_server(lambda recorded: answer) as server:
        url = f"{server.url}/metadata"
        instance = create_channel("botframework", {**CREDENTIALS, "openid_metadata_url": url})
        with pytest.raises(PlatformUnavailable):
            instance.verify(request("text"))


def test_odd_keys_are_left_out():
    microsoft = Microsoft([None, 5, {"kid": "k1"}])
    with recording_server(microsoft) as server:
        microsoft.url = server.url
        assert fetch_keys(f"{server.url}/metadata") == {"keys": [{"kid": "k1"}]}
        for odd in (7, [], [None], None):
            microsoft.keys = odd
            with pytest.raises(PlatformUnavailable):
                fetch_keys(f"{server.url}/metadata")
