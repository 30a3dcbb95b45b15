"""functions/mattermost: its events, and whatever else may come, proved and not."""

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
from channels.webhook import webhook
from tests.unit.mattermost.server import (
    CHANNEL,
    COMMAND_TOKEN,
    FORM,
    HOOK_TOKEN,
    SIGNER,
    TEAM,
    USER,
    channel,
)

EXAMPLES = {
    "webhook": ["book a table"],
    "webhook_form": ["book a table"],
    "webhook_without_trigger_word": ["book a table"],
    "webhook_with_files": ["@bot"],
    "webhook_files_only": [""],
    "own_post": ["Which day?"],
    "slash_command": ["what is up?"],
    "slash_command_get": ["what is up?"],
    "slash_command_without_text": ["/ask"],
    "slash_command_malformed": [],
    "button": ["/affirm"],
    "menu": ["/blue"],
    "dialog": ['/book_table{"name": "Ana", "people": "4"}'],
    "dialog_cancelled": [],
    "health": [],
}
REFUSED = {
    "no_token",
    "wrong_token",
    "slash_command_wrong_token",
    "button_of_rasa",
    "button_forged",
    "button_of_another_channel",
    "dialog_forged",
    "malformed",
}
HEARD = [name for name, texts in EXAMPLES.items() if texts]


class Inbox:
    """Keeps what is queued; refuses when told to."""

    def __init__(self, is_down=False):
        self.queued, self.is_down = [], is_down

    def put(self, name, messages):
        if self.is_down:
            raise InboxUnavailable("down")
        for message in messages:
            QueuedMessage(name, message, 1.0).to_json()
        self.queued += messages


def no_agent():
    raise AssertionError("the agent is not asked before Mattermost has its answer")


def handler_of(inbox, **settings):
    return webhook(channel(**settings), Services(lambda name: {}, no_agent, inbox=inbox))


def posted(example, body, content_type="application/json", **headers):
    """An event of a body in bytes."""
    event = copy.deepcopy(example("mattermost/webhook"))
    event["headers"] |= {"content-type": content_type, **headers}
    return {**event, "body": base64.b64encode(body).decode(), "isBase64Encoded": True}


@pytest.mark.parametrize(("name", "texts"), EXAMPLES.items(), ids=EXAMPLES)
def test_events(example, name, texts):
    inbox = Inbox()
    answer = handler_of(inbox)(example(f"mattermost/{name}"), None)
    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "application/json"
    assert [message.text for message in inbox.queued] == texts
    if texts:
        assert answer["body"] == "{}"


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_events_that_prove_nothing(example, name):
    inbox = Inbox()
    answer = handler_of(inbox)(example(f"mattermost/{name}"), None)
    assert (answer["statusCode"], inbox.queued) == (403, [])
    assert json.loads(answer["body"])["message"] == "request refused"


def test_every_event_is_shown_here():
    from ops import ROOT

    names = {path.stem for path in (ROOT / "events" / "mattermost").glob("*.json")}
    assert names == set(EXAMPLES) | REFUSED


def test_a_post_that_comes_twice_has_one_id(example):
    inbox = Inbox()
    for name in ("webhook", "webhook", "webhook_form"):
        handler_of(inbox)(example(f"mattermost/{name}"), None)
    assert len({message.message_id for message in inbox.queued}) == 1


@pytest.mark.parametrize("name", HEARD)
def test_while_the_inbox_refuses_the_user_is_told(example, name):
    answer = handler_of(Inbox(is_down=True), apology="Not now.")(
        example(f"mattermost/{name}"), None
    )
    assert answer["statusCode"] == 200, "Mattermost never sends again"
    assert "Not now." in json.loads(answer["body"]).values()


def test_the_lambda_itself(lambda_handler, example):
    handler = lambda_handler("mattermost")
    assert handler(example("mattermost/health"), None)["body"] == '{"status": "ok"}'
    answer = handler(example("mattermost/webhook"), None)
    assert answer["statusCode"] == 500, "there are no credentials here"
    assert "not set up" in answer["body"]


KEYS = [
    *("text", "trigger_word", "file_ids", "timestamp", "post_id", "user_id", "channel_id"),
    *("team_id", "user_name", "command", "response_url", "trigger_id", "type", "context"),
    *("action", "actions", "selected_option", "signature", "state", "callback_id", "submission"),
    *("cancelled", "token"),
]
KINDS = ["button", "select", "dialog_submission", "/ask", "@bot", "0", CHANNEL, USER, HOOK_TOKEN]
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = NUMBERS | st.none() | st.booleans() | st.text() | st.sampled_from(KINDS)
JSON = st.recursive(
    VALUES,
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS), children, max_size=8)
    ),
    max_leaves=25,
)
FIELDS = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=10)


def assert_taken(answer):
    json.dumps(answer)
    assert answer["statusCode"] == 200
    assert isinstance(json.loads(answer["body"]), dict)


def assert_refused(answer, inbox):
    assert (answer["statusCode"], inbox.queued) == (403, [])


@given(fields=FIELDS)
def test_any_post_with_the_token_is_taken(example, fields):
    hidden = ("context", "type", "command", "token")
    document = {key: value for key, value in fields.items() if key not in hidden}
    body = json.dumps({"channel_id": "c", "user_id": "u", **document, "token": HOOK_TOKEN})
    assert_taken(handler_of(Inbox())(posted(example, body.encode()), None))


@given(fields=st.dictionaries(st.sampled_from(KEYS), st.text(), max_size=10))
def test_any_form_with_the_token_is_taken(example, fields):
    fields["type"] = ""
    body = urlencode({**fields, "token": COMMAND_TOKEN}, errors="replace").encode()
    assert_taken(handler_of(Inbox())(posted(example, body, FORM), None))


@given(body=st.binary(max_size=300), content_type=st.sampled_from(["application/json", FORM, "x"]))
def test_any_bytes_with_a_commands_header_are_taken(example, body, content_type):
    if b"token" in body:
        return
    event = posted(example, body, content_type, authorization=f"Token {COMMAND_TOKEN}")
    assert_taken(handler_of(Inbox())(event, None))


CONTEXTS = [SIGNER.button(CHANNEL, "/go"), SIGNER.menu(CHANNEL, ["/a", "/b"])]


@given(fields=FIELDS, context=st.sampled_from(CONTEXTS), chosen=JSON)
def test_any_click_with_a_signature_is_taken(example, fields, context, chosen):
    hidden = ("command", "channel_id", "type")
    document = {key: value for key, value in fields.items() if key not in hidden}
    given_type = fields.get("type") if fields.get("type") != "dialog_submission" else "select"
    action = {"context": {**context, "selected_option": chosen}, "type": given_type}
    body = json.dumps({"user_id": USER, **document, **action, "channel_id": CHANNEL})
    assert_taken(handler_of(Inbox())(posted(example, body.encode()), None))


@given(fields=FIELDS, state=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_dialog_with_a_signature_is_taken(example, fields, state):
    document = {key: value for key, value in fields.items() if key != "command"}
    proved = {
        "type": "dialog_submission",
        "channel_id": CHANNEL,
        "callback_id": "book",
        "state": SIGNER.state(CHANNEL, "book", state),
    }
    body = json.dumps({"user_id": USER, **document, **proved})
    assert_taken(handler_of(Inbox())(posted(example, body.encode()), None))


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
    name=st.sampled_from(["webhook", "webhook_with_files", "button", "menu", "dialog"]),
    granularity=st.sampled_from(["sender", "channel", "team:channel:user"]),
    data=st.data(),
)
def test_one_wrong_value_anywhere_never_fails(example, name, granularity, data):
    document = Request.from_event(example(f"mattermost/{name}")).json
    path = data.draw(st.sampled_from(sorted(nodes(document), key=str)))
    document = changed(document, path, data.draw(JSON))
    inbox = Inbox()
    handler = handler_of(inbox, conversation_granularity=granularity)
    answer = handler(posted(example, json.dumps(document).encode()), None)
    assert answer["statusCode"] in (200, 403)
    if answer["statusCode"] == 403:
        assert inbox.queued == []


@given(document=JSON)
def test_json_that_proves_nothing_is_never_queued(example, document):
    if HOOK_TOKEN in json.dumps(document):
        return
    inbox = Inbox()
    assert_refused(handler_of(inbox)(posted(example, json.dumps(document).encode()), None), inbox)


@given(
    fields=st.dictionaries(st.sampled_from(KEYS), st.text(), max_size=10),
    token=st.text() | st.integers(1, 25).map(lambda length: HOOK_TOKEN[:length]),
)
def test_forms_that_prove_nothing_are_never_queued(example, fields, token):
    proof = {"team_id": TEAM, "user_id": USER, "channel_id": CHANNEL, "token": token}
    body = urlencode({**fields, **proof}, errors="replace").encode()
    inbox = Inbox()
    assert_refused(handler_of(inbox)(posted(example, body, FORM), None), inbox)


@given(
    action=st.text(), signature=st.text() | st.text("0123456789abcdef", min_size=64, max_size=64)
)
def test_clicks_that_prove_nothing_are_never_queued(example, action, signature):
    document = Request.from_event(example("mattermost/button")).json
    document["context"] = {"action": action, "signature": signature}
    inbox = Inbox()
    assert_refused(handler_of(inbox)(posted(example, json.dumps(document).encode()), None), inbox)


@given(token=st.text().filter(str.strip))
def test_a_wrong_header_is_never_queued(example, token):
    event = copy.deepcopy(example("mattermost/slash_command"))
    event["headers"]["authorization"] = f"Token {token}"
    inbox = Inbox()
    assert_refused(handler_of(inbox)(event, None), inbox)
