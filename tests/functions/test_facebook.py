"""functions/facebook/app.py, and its webhook driven by events and by whatever else may come."""

import base64
import hashlib
import hmac
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.agents.demo import DemoAgent
from channels.errors import InboxUnavailable
from channels.services import Services
from channels.webhook import webhook

ROOT = Path(__file__).parents[2]
EVENTS = sorted((ROOT / "events" / "facebook").glob("*.json"))
SECRET = "0123456789abcdef0123456789abcdef"
CREDENTIALS = {"verify": "my-verify-token", "secret": SECRET, "page-access-token": "EAAGtoken"}

#: Messages that each event brings, where it is not one.
MESSAGES = {
    "batch": 3,
    **dict.fromkeys(
        (
            *("echo_text", "echo_image", "echo_quick_reply", "instagram_echo"),
            *("delivery", "read", "reaction", "edit", "instagram_deleted", "account_linking"),
            *("handover", "standby", "changes", "other_object", "shared_product"),
            "no_attachments",
        ),
        0,
    ),
}
OTHERS = {"unsigned", "challenge", "challenge_wrong_token", "health"}


class Inbox:
    """Remembers what was queued; refuses when told to."""

    def __init__(self):
        self.queued = []
        self.is_down = False

    def put(self, channel, messages):
        if self.is_down:
            raise InboxUnavailable("down")
        self.queued += messages


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
def handler(inbox):
    return webhook("facebook", Services(lambda section: CREDENTIALS, DemoAgent, 5.0, inbox))


def shared():
    """One handler and inbox for many examples of hypothesis."""
    inbox = Inbox()
    return webhook("facebook", Services(lambda section: CREDENTIALS, DemoAgent, 5.0, inbox)), inbox


@pytest.mark.parametrize("name", sorted({path.stem for path in EVENTS} - OTHERS))
def test_an_event_is_acknowledged_and_queued(handler, inbox, example, name):
    answer = handler(example(f"facebook/{name}"), None)
    assert (answer["statusCode"], answer["body"]) == (200, "success")
    assert len(inbox.queued) == MESSAGES.get(name, 1)


def test_the_challenge_is_echoed(handler, example):
    answer = handler(example("facebook/challenge"), None)
    assert (answer["statusCode"], answer["body"]) == (200, "1158201444")


@pytest.mark.parametrize("name", ["challenge_wrong_token", "unsigned"])
def test_who_proves_nothing_hears_403_and_nothing_else(handler, inbox, example, name):
    answer = handler(example(f"facebook/{name}"), None)
    assert answer["statusCode"] == 403
    assert json.loads(answer["body"])["message"] == "request refused"
    assert inbox.queued == []


def test_health(handler, example):
    assert handler(example("facebook/health"), None)["body"] == '{"status": "ok"}'


def test_meta_sends_again_what_could_not_be_queued(handler, inbox, example):
    inbox.is_down = True
    assert handler(example("facebook/text"), None)["statusCode"] == 503
    assert handler(example("facebook/read"), None)["statusCode"] == 200


def test_a_stack_without_credentials_says_so_in_its_log_only(example):
    handler = webhook("facebook", Services(lambda section: {}, DemoAgent, 5.0, Inbox()))
    answer = handler(example("facebook/text"), None)
    assert answer["statusCode"] == 500
    assert "secret" not in answer["body"]


def signed(event, body: bytes):
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    event["headers"]["x-hub-signature-256"] = f"sha256={digest}"
    event["body"], event["isBase64Encoded"] = base64.b64encode(body).decode(), True
    return event


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["entry", "messaging", "id", "sender", "message", "mid", "text"]), inner
        )
    ),
    max_leaves=15,
)


@given(body=st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_body_that_meta_signed_is_a_server_error(example, body):
    handler, _ = shared()
    answer = handler(signed(example("facebook/text"), body), None)
    assert answer["statusCode"] in (200, 400)
    assert "internal error" not in answer["body"]


@given(entry=JSON)
def test_no_json_object_that_meta_signed_is_refused(example, entry):
    handler, _ = shared()
    body = json.dumps({"object": "page", "entry": [entry, {"id": "1", "messaging": [entry]}]})
    assert handler(signed(example("facebook/text"), body.encode()), None)["statusCode"] == 200


@given(
    body=st.binary(max_size=200) | st.just(b'{"object": "page"}'),
    header=st.text(max_size=80) | st.binary(max_size=32).map(lambda raw: f"sha256={raw.hex()}"),
)
def test_nothing_ill_signed_is_queued(example, body, header):
    handler, inbox = shared()
    event = signed(example("facebook/text"), body)
    event["headers"]["x-hub-signature-256"] = header
    assert handler(event, None)["statusCode"] == 403
    assert inbox.queued == []


def test_the_function_serves_its_channel(lambda_handler, example):
    assert lambda_handler("facebook")(example("facebook/health"), None)["statusCode"] == 200


def test_its_start_loads_nothing_slow():
    code = "import sys, channels.facebook; print(*sys.modules)"
    loaded = subprocess.run(  # noqa: S603
        [sys.executable, "-S", "-c", code],
        cwd=ROOT / "layers" / "channels",
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    slow = {
        "requests",
        "typing",
        "dataclasses",
        "asyncio",
        "logging.config",
        "yaml",
        "jwt",
        "boto3",
    }
    assert not slow & set(loaded)
    assert "channels.platform_api" not in loaded
