"""functions/slack: its events, and whatever else may come, signed and not."""

import base64
import copy
import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import InboxUnavailable
from channels.queued import QueuedMessage
from channels.request import Request
from channels.services import Services
from channels.slack.signature import SignatureVerifier
from channels.webhook import webhook
from tests.unit.slack.workspace import FORM, NOW, SECRET, channel

EXAMPLES = {
    "message_im": ["a <b> & x.io"],
    "charset": ["a <b> & x.io"],
    "retry": ["a <b> & x.io"],
    "app_mention": ["hi"],
    "app_mention_twin": [],
    "thread_reply": [],
    "own_message": [],
    "file_share": ["https://files.slack.com/files-pri/T0/F0001/a.png"],
    "message_changed": [],
    "assistant_thread_started": [],
    "agent_session_stopped": [],
    "app_rate_limited": [],
    "block_actions": ["/affirm"],
    "block_actions_several": ["ham, corn", "2026-01-02"],
    "block_suggestion": [],
    "slash_command": ["what is up?"],
    "shortcut": ["/ask_bot"],
    "message_shortcut": ['/ask_about{"message": "hello"}'],
    "view_submission": ['/form{"a_name": "Ann"}'],
    "url_verification": [],
    "ssl_check": [],
    "health": [],
}


class Inbox:
    """Keeps what is queued; refuses when told to."""

    def __init__(self, is_down=False):
        self.queued, self.is_down = [], is_down

    def put(self, name, messages):
        if self.is_down:
            raise InboxUnavailable("down")
        for message in messages:
            QueuedMessage(name, message, NOW).to_json()
        self.queued += messages


def no_agent():
    raise AssertionError("the agent is not asked before Slack has its answer")


def handler_of(inbox, **settings):
    """The webhook with a clock that stands at the examples' time."""
    return webhook(channel(**settings), Services(lambda name: {}, no_agent, inbox=inbox))


def posted(example, body, content_type="application/json", *, is_signed=True):
    """An event of a body in bytes."""
    event = copy.deepcopy(example("slack/message_im"))
    timestamp = str(int(NOW))
    signature = SignatureVerifier(SECRET if is_signed else "x").sign(body, timestamp)
    event["headers"] |= {
        "content-type": content_type,
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signature,
    }
    return {**event, "body": base64.b64encode(body).decode(), "isBase64Encoded": True}


@pytest.mark.parametrize(("name", "texts"), EXAMPLES.items(), ids=EXAMPLES)
def test_events(example, name, texts):
    inbox = Inbox()
    answer = handler_of(inbox)(example(f"slack/{name}"), None)
    assert answer["statusCode"] == 200
    assert [message.text for message in inbox.queued] == texts


def test_every_event_is_shown_here():
    from ops import ROOT

    names = {path.stem for path in (ROOT / "events" / "slack").glob("*.json")}
    assert names == set(EXAMPLES) | {"malformed"}


def test_a_malformed_event_is_400_and_not_queued(example):
    inbox = Inbox()
    answer = handler_of(inbox)(example("slack/malformed"), None)
    assert (answer["statusCode"], inbox.queued) == (400, [])


def test_the_answers_slack_reads(example):
    handler = handler_of(Inbox())
    assert handler(example("slack/message_im"), None)["body"] == ""
    assert handler(example("slack/block_suggestion"), None)["body"] == '{"options": []}'
    challenge = handler(example("slack/url_verification"), None)["body"]
    assert challenge == "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"


def test_what_slack_sends_again_has_one_id(example):
    inbox = Inbox()
    handler = handler_of(inbox, slack_channel="C0GENERAL")
    for name in ("message_im", "retry", "app_mention_twin", "app_mention", "app_mention_twin"):
        handler(example(f"slack/{name}"), None)
    assert len(inbox.queued) == 5
    assert len({message.message_id for message in inbox.queued}) == 2


@pytest.mark.parametrize("name", [name for name, texts in EXAMPLES.items() if texts])
def test_no_200_while_the_inbox_refuses(example, name):
    answer = handler_of(Inbox(is_down=True))(example(f"slack/{name}"), None)
    assert answer["statusCode"] == 503


def test_the_lambda_itself(lambda_handler, example):
    handler = lambda_handler("slack")
    assert handler(example("slack/health"), None)["body"] == '{"status": "ok"}'
    answer = handler(example("slack/message_im"), None)
    assert answer["statusCode"] == 500, "there are no credentials here"
    assert "not set up" in answer["body"]


KEYS = [
    *("type", "event", "user", "id", "text", "ts", "thread_ts", "channel", "channel_type", "team"),
    *("team_id", "files", "subtype", "message", "previous_message", "edited", "authorizations"),
    *("actions", "action_id", "value", "selected_option", "selected_options", "container", "view"),
    *("callback_id", "state", "values", "response_urls", "private_metadata", "challenge", "hash"),
]
KINDS = [
    *("event_callback", "url_verification", "app_rate_limited", "message", "app_mention", "im"),
    *("block_actions", "interactive_message", "view_submission", "shortcut", "message_action"),
    *("block_suggestion", "button", "datepicker", "checkboxes", "message_changed", "file_share"),
]
VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(KINDS)
)
JSON = st.recursive(
    VALUES,
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS), children, max_size=8)
    ),
    max_leaves=25,
)


def assert_civil(answer):
    json.dumps(answer)
    assert answer["statusCode"] in (200, 400)
    assert "Traceback" not in answer["body"]


@given(
    body=st.binary(max_size=300), content_type=st.sampled_from(["application/json", FORM, "", "x"])
)
def test_signed_bytes_never_fail(example, body, content_type):
    assert_civil(handler_of(Inbox())(posted(example, body, content_type), None))


@given(document=JSON, edits=st.booleans())
def test_signed_json_never_fails(example, document, edits):
    handler = handler_of(Inbox(), edits=edits, conversation_granularity="thread")
    assert_civil(handler(posted(example, json.dumps(document).encode()), None))


@given(
    payload=JSON, kind=st.sampled_from(KINDS), granularity=st.sampled_from(["sender", "team:user"])
)
def test_signed_forms_never_fail(example, payload, kind, granularity):
    document = (
        {"type": kind, "user": {"id": "U1"}, **payload} if isinstance(payload, dict) else payload
    )
    body = urlencode({"payload": json.dumps(document)}).encode()
    handler = handler_of(Inbox(), conversation_granularity=granularity)
    assert_civil(handler(posted(example, body, FORM), None))


def nodes(document, path=()):
    """Paths of all values in a JSON document."""
    yield path
    children = enumerate(document) if isinstance(document, list) else ()
    for key, child in document.items() if isinstance(document, dict) else children:
        yield from nodes(child, (*path, key))


def changed(document, path, value):
    """The document with another value at a path."""
    if not path:
        return value
    copied = copy.copy(document)
    copied[path[0]] = changed(document[path[0]], path[1:], value)
    return copied


@given(
    name=st.sampled_from([name for name, texts in EXAMPLES.items() if texts]),
    data=st.data(),
)
def test_one_wrong_value_anywhere_never_fails(example, name, data):
    request = Request.from_event(example(f"slack/{name}"))
    is_form = request.content_type == FORM
    if is_form and "payload" not in request.form:
        return
    document = json.loads(request.form.get("payload")) if is_form else request.json
    path = data.draw(st.sampled_from(sorted(nodes(document), key=str)))
    document = changed(document, path, data.draw(JSON))
    body = json.dumps(document)
    body = urlencode({"payload": body}) if is_form else body
    event = posted(example, body.encode(), FORM if is_form else "application/json")
    assert_civil(handler_of(Inbox(), edits=True, use_threads=True)(event, None))


@given(
    fields=st.dictionaries(
        st.sampled_from(["command", "text", "user_id", "channel_id", "team_id", "trigger_id"]),
        st.text(),
    )
)
def test_signed_commands_never_fail(example, fields):
    body = urlencode(fields, errors="replace").encode()
    assert_civil(handler_of(Inbox())(posted(example, body, FORM), None))


@given(
    name=st.sampled_from([name for name, texts in EXAMPLES.items() if texts]),
    headers=st.fixed_dictionaries(
        {},
        optional={
            "x-slack-signature": st.text() | st.just("v0=" + "0" * 64),
            "x-slack-request-timestamp": st.text() | st.integers().map(str),
            "content-type": st.text(),
        },
    ),
)
def test_what_is_not_signed_is_never_queued(example, name, headers):
    event = copy.deepcopy(example(f"slack/{name}"))
    event["headers"] |= {"x-slack-signature": "v0=1", **headers}
    inbox = Inbox()
    answer = handler_of(inbox)(event, None)
    assert answer["statusCode"] == 401
    assert inbox.queued == []


@given(document=JSON)
def test_what_another_secret_signed_is_never_queued(example, document):
    event = posted(example, json.dumps(document).encode(), is_signed=False)
    inbox = Inbox()
    assert handler_of(inbox)(event, None)["statusCode"] == 401
    assert inbox.queued == []
