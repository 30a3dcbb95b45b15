"""functions/webexteams: its events, and whatever else may come, signed and not."""

import base64
import copy
import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import InboxUnavailable
from channels.queued import QueuedMessage
from channels.services import Services
from channels.webhook import webhook
from ops import ROOT
from tests.unit.webexteams.webex import CREDENTIALS, SECRET, channel, event

SIGNATURE = "x-spark-signature"

#: The ids that each event queues.
QUEUED = {
    "message_direct": ["MSG1"],
    "message_in_group": ["MSG1"],
    "second_webhook_same_message": ["MSG1"],
    "reply_in_thread": ["MSG3"],
    "card_submit": ["ACT1"],
    "base64": ["MSG1"],
    "own_message": [],
    "another_bot": [],
    "message_edited": [],
    "message_deleted": [],
    "membership_created": [],
    "room_updated": [],
    "room_migrated": [],
    "unknown_kind": [],
    "malformed": [],
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
    return webhook("webexteams", services)(given_event, None), inbox.queued


def signature(raw, secret=SECRET):
    return hmac.new(secret.encode(), raw, hashlib.sha1).hexdigest()


def posted(raw, proof=None):
    """A post of these bytes; signed, unless it is given another proof."""
    made = copy.deepcopy(event("message_direct"))
    made["headers"][SIGNATURE] = signature(raw) if proof is None else proof
    made["body"], made["isBase64Encoded"] = base64.b64encode(raw).decode(), True
    return made


def test_every_example_is_here():
    names = {path.stem for path in (ROOT / "events" / "webexteams").glob("*.json")}
    assert names == {*QUEUED, "no_signature", "wrong_signature"}


@pytest.mark.parametrize("name", QUEUED)
def test_events(name):
    answer, queued = post(event(name))
    body = '{"status": "ok"}' if name == "health" else ""
    assert (answer["statusCode"], answer["body"]) == (200, body)
    assert [message.message_id for message in queued] == QUEUED[name]


@pytest.mark.parametrize("name", ["no_signature", "wrong_signature"])
def test_what_is_not_webexs_is_refused(name):
    answer, queued = post(event(name))
    assert (answer["statusCode"], queued) == (401, [])
    assert SECRET not in json.dumps(answer)


def test_webex_hears_503_when_the_inbox_does_not_take_it():
    answer, _ = post(event("message_direct"), Inbox(is_down=True))
    assert answer["statusCode"] == 503
    assert int(answer["headers"]["retry-after"]) > 0


def test_a_hook_that_is_no_message_needs_no_inbox():
    assert post(event("room_updated"), Inbox(is_down=True))[0]["statusCode"] == 200


def test_without_a_secret_the_channel_is_closed_and_only_the_log_says_why(caplog):
    answer, queued = post(event("no_signature"), credentials={"access_token": "t"})
    assert (answer["statusCode"], queued) == (500, [])
    assert "webhook_secret" not in answer["body"]
    assert "'webhook_secret' is needed" in caplog.text


def test_the_functions_handler_is_closed_without_credentials(lambda_handler):
    handler = lambda_handler("webexteams")
    assert handler(event("health"), None)["statusCode"] == 200
    assert handler(event("message_direct"), None)["statusCode"] == 500


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(["resource", "event", "data", "id", "roomId", "personId", "parentId"])
            | st.text(),
            children,
        )
    ),
    max_leaves=15,
)


@given(raw=st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_webex_signs_is_answered_200(raw):
    assert post(posted(raw))[0]["statusCode"] == 200


def nodes(document, path=()):
    """Paths of all values in a JSON document."""
    yield path
    for key, child in document.items() if isinstance(document, dict) else ():
        yield from nodes(child, (*path, key))


def changed(document, path, value):
    """The document with another value at a path."""
    if not path:
        return value
    return {**document, path[0]: changed(document[path[0]], path[1:], value)}


EXAMPLES = {
    name: json.loads(event(name)["body"])
    for name in QUEUED
    if name not in ("base64", "health", "malformed")
}
ODD = st.sampled_from(
    [None, True, 0, -1, 1.5, 2**70, "", "x", "\ud83d", "x" * 5000, [], [None], {}, {"id": {}}]
)


@given(data=st.data(), name=st.sampled_from(sorted(EXAMPLES)), odd=ODD)
def test_an_example_with_one_odd_value_is_200_and_can_be_answered(data, name, odd):
    document = EXAMPLES[name]
    path = data.draw(st.sampled_from(list(nodes(document))))
    raw = json.dumps(changed(document, path, odd)).encode()
    answer, queued = post(posted(raw))
    assert answer["statusCode"] == 200
    instance = channel(use_threads=True, conversation_granularity="sender")
    for message in queued:
        arrived = QueuedMessage.from_json(QueuedMessage("webexteams", message, 1.0).to_json())
        assert instance.output_for(arrived.message).name() == "webexteams"


@given(raw=st.binary(max_size=100) | st.just(event("message_direct")["body"].encode()),
       proof=st.text(max_size=60))  # fmt: skip
def test_nothing_unsigned_is_queued(raw, proof):
    if proof != signature(raw):
        answer, queued = post(posted(raw, proof))
        assert (answer["statusCode"], queued) == (401, [])
