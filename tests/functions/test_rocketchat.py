"""functions/rocketchat: its events, and whatever else may come, with the token and without."""

import base64
import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import InboxUnavailable
from channels.queued import QueuedMessage
from channels.services import Services
from channels.webhook import webhook
from ops import ROOT
from tests.unit.rocketchat.server import CREDENTIALS, LIVECHAT_TOKEN, TOKEN, channel, event

HEADER = "x-rocketchat-livechat-token"

QUEUED = {
    "text": ["hi"],
    "base64": ["h\u00e9llo \U0001f44b"],
    "trigger_word": ["hi"],
    "button_click": ["/affirm"],
    "file_with_caption": ["my invoice"],
    "livechat_text": ["hello"],
    "livechat_several": ["hello", "my order is late"],
    "edited_text": [],
    "own_message": [],
    "integration_message": [],
    "room_joined": [],
    "livechat_agent": [],
    "livechat_closed": [],
    "livechat_offline_message": [],
    "livechat_test": [],
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
            QueuedMessage(name, message, 1.0).to_json().encode("ascii")
        self.queued += messages


def no_agent():
    raise AssertionError("a webhook asks no agent")


def post(given_event, inbox=None, credentials=CREDENTIALS):
    inbox = inbox or Inbox()
    services = Services(lambda name: credentials, no_agent, 5.0, inbox)
    return webhook("rocketchat", services)(given_event, None), inbox.queued


def posted(body, livechat_token=None, coded=False):
    made = copy.deepcopy(event("text"))
    made["body"] = base64.b64encode(body).decode() if coded else body
    made["isBase64Encoded"] = coded
    if livechat_token is not None:
        made["headers"][HEADER] = livechat_token
    return made


@pytest.mark.parametrize("name", QUEUED)
def test_events(name):
    answer, queued = post(event(name))
    assert answer["statusCode"] == 200
    assert [message.text for message in queued] == QUEUED[name]


#: The table of good-citizen answers: what happened, the example, the status. All are JSON and none
#: is empty: an empty answer is a failure to Rocket.Chat, whatever its status; and 410 would switch
#: the integration off, 500 end the retries.
ANSWERS = {
    "success": ("text", 200),
    "authentication failed": ("unsigned", 403),
    "authentication failed: another token": ("wrong_token", 403),
    "malformed: nothing that could be proved": ("malformed", 403),
    "an event that is no message": ("room_joined", 200),
    "a message of the bot": ("own_message", 200),
    "livechat, success": ("livechat_text", 200),
    "livechat, authentication failed": ("livechat_unsigned", 403),
    "livechat, an event that is no message": ("livechat_offline_message", 200),
    "livechat, 'Send test'": ("livechat_test", 200),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_what_rocketchat_hears(what):
    name, status = ANSWERS[what]
    answer, queued = post(event(name))
    document = json.loads(answer["body"])
    assert answer["statusCode"] == status
    assert answer["headers"]["content-type"] == "application/json"
    assert not {"text", "attachments"} & document.keys(), "it would be posted into the room"
    if status == 200:
        assert document == {"ok": True}
    else:
        assert queued == []
        assert document["message"] == "request refused"
        assert TOKEN not in json.dumps(answer)
        assert LIVECHAT_TOKEN not in json.dumps(answer)


def malformed(value):
    document = json.loads(event("text")["body"])
    return posted(json.dumps({**document, "text": value, "channel_id": value}))


@pytest.mark.parametrize("value", [None, 5, [], {}, ""])
def test_a_malformed_event_with_the_token_is_taken_and_ignored(value):
    answer, queued = post(malformed(value))
    assert (answer["statusCode"], answer["body"], queued) == (200, '{"ok": true}', [])


def test_a_body_that_is_no_json_is_taken_and_ignored_where_nothing_is_proved():
    opened = {
        **{key: CREDENTIALS[key] for key in ("user", "password", "server_url")},
        "allow_unsigned": True,
    }
    answer, queued = post(event("malformed"), credentials=opened)
    assert (answer["statusCode"], answer["body"], queued) == (200, '{"ok": true}', [])


@pytest.mark.parametrize("name", ["text", "livechat_text"])
def test_rocketchat_sends_again_what_the_inbox_does_not_take(name):
    """Integrations are posted again for any status but 500 and 410, livechat for 5xx."""
    answer, _ = post(event(name), Inbox(is_down=True))
    assert answer["statusCode"] == 503
    assert answer["body"]


def test_rocketchat_posts_only():
    answer, queued = post(event("get"))
    assert (answer["statusCode"], queued) == (405, [])
    assert answer["headers"]["allow"] == "POST"


def test_without_a_token_the_channel_is_closed_and_only_the_log_says_why(caplog):
    credentials = {key: CREDENTIALS[key] for key in ("user", "password", "server_url")}
    answer, queued = post(event("text"), credentials=credentials)
    assert (answer["statusCode"], queued) == (500, [])
    assert "webhook_token" not in answer["body"]
    assert "'webhook_token' is needed" in caplog.text


def test_the_functions_handler_is_closed_without_credentials(lambda_handler):
    handler = lambda_handler("rocketchat")
    assert handler(event("health"), None)["statusCode"] == 200
    assert handler(event("text"), None)["statusCode"] == 500


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["token", "bot", "channel_id", "message_id", "user_id", "user_name", "text", "tmid",
                 "trigger_word", "isEdited", "message", "file", "attachments", "visitor", "_id",
                 "type", "messages", "msg", "username", "agentId", "ts", "editedAt"]
            ),
            children,
        )
    ),
    max_leaves=15,
)  # fmt: skip
TOKENS = st.sampled_from([None, LIVECHAT_TOKEN])


def with_token(value):
    return {**value, "token": TOKEN} if isinstance(value, dict) else value


@given(body=VALUES, livechat_token=TOKENS)
def test_whatever_rocketchat_sends_is_no_5xx(body, livechat_token):
    answer, queued = post(posted(json.dumps(with_token(body)), livechat_token))
    assert answer["statusCode"] in (200, 403)
    assert answer["body"]
    if answer["statusCode"] == 403:
        assert queued == []


@given(body=st.text(max_size=300) | VALUES.map(json.dumps), livechat_token=TOKENS)
def test_nor_is_what_nobody_proved(body, livechat_token):
    answer, queued = post(posted(body, livechat_token))
    assert answer["statusCode"] in (200, 403)
    assert queued == [] or livechat_token


@given(body=st.binary(max_size=300), livechat_token=TOKENS)
def test_nor_are_bytes(body, livechat_token):
    answer, _ = post(posted(body, livechat_token, coded=True))
    assert answer["statusCode"] in (200, 403)


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


EXAMPLES = {
    path.stem: json.loads(event(path.stem)["body"])
    for path in (ROOT / "events" / "rocketchat").glob("*.json")
    if path.stem not in ("base64", "health", "get", "malformed", "unsigned", "wrong_token")
}
ODD = st.sampled_from(
    [None, True, 0, -1, 1.5, 2**70, "", "x", "\ud83d", [], [None], {}, {"_id": {}}]
)


@given(data=st.data(), name=st.sampled_from(sorted(EXAMPLES)), odd=ODD)
def test_an_example_with_one_odd_value_is_no_5xx_and_can_be_answered(data, name, odd):
    document = EXAMPLES[name]
    path = data.draw(st.sampled_from(list(nodes(document))))
    livechat_token = LIVECHAT_TOKEN if name.startswith("livechat") else None
    answer, queued = post(posted(json.dumps(changed(document, path, odd)), livechat_token))
    assert answer["statusCode"] in (200, 403)
    instance = channel(conversation_granularity="room:thread:user", use_threads=True, edits=True)
    for message in queued:
        queued_message = QueuedMessage("rocketchat", message, 1.0)
        arrived = QueuedMessage.from_json(queued_message.to_json()).message
        assert instance.output_for(arrived).name() == "rocketchat"


@given(
    body=VALUES.map(json.dumps) | st.just(event("unsigned")["body"]),
    token=st.none() | st.text() | st.integers(),
    header=st.none() | st.text(),
)
def test_nothing_without_a_proof_is_queued(body, token, header):
    document = json.loads(body)
    forged = {**document, "token": token} if isinstance(document, dict) else document
    if token != TOKEN and header != LIVECHAT_TOKEN:
        answer, queued = post(posted(json.dumps(forged), header))
        assert (answer["statusCode"], queued) == (403, [])


@given(text=st.text(min_size=1))
def test_any_text_arrives_once_stripped(text):
    document = {**json.loads(event("text")["body"]), "text": f"a {text}"}
    _, [message] = post(posted(json.dumps(document)))
    encodable = f"a {text}".encode("utf-8", "replace").decode()
    assert message.text == encodable.strip()
