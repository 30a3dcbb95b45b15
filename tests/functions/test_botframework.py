"""functions/botframework: its events, and whatever else may come, with a token and without."""

import base64
import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import InboxUnavailable, PlatformUnavailable
from channels.queued import QueuedMessage
from channels.services import Services
from channels.webhook import webhook
from ops import ROOT
from tests.unit.botframework.bot import (
    CREDENTIALS,
    PASSWORD,
    Memory,
    channel,
    event,
    remembered_keys,
    token,
)

QUEUED = {
    "text": ["hello"],
    "base64": ["h\u00e9llo \U0001f44b"],
    "mention_in_channel": ["what is open?"],
    "button_click": ["/affirm"],
    "card_form": ['/book{"date": "2026-01-02", "people": "6"}'],
    "card_execute": ['/approve{"order": 7}'],
    "file": ["https://example.com/download/report.pdf"],
    "expect_replies": ["hello"],
    "own_message": [],
    "reaction": [],
    "typing": [],
    "bot_joined": [],
    "end_of_conversation": [],
    "unknown_kind": [],
    "card_refresh": [],
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


def post(given_event, inbox=None, credentials=CREDENTIALS, memory=None):
    inbox = inbox or Inbox()
    memory = memory or Memory(remembered_keys())
    services = Services(lambda name: credentials, no_agent, 5.0, inbox, memory=lambda name: memory)
    return webhook("botframework", services)(given_event, None), inbox.queued


def posted(body, bearer=None, coded=False):
    made = copy.deepcopy(event("text"))
    made["body"] = base64.b64encode(body).decode() if coded else body
    made["isBase64Encoded"] = coded
    if bearer is not None:
        made["headers"]["authorization"] = f"Bearer {bearer}"
    return made


@pytest.mark.parametrize("name", QUEUED)
def test_events(name):
    answer, queued = post(event(name))
    assert answer["statusCode"] == 200
    assert [message.text for message in queued] == QUEUED[name]


# The cells of the table of good answers.
@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("text", 200, {}),
        ("reaction", 200, {}),
        ("unknown_kind", 200, {}),
        ("malformed", 200, {}),
        (
            "card_execute",
            200,
            {
                "statusCode": 200,
                "type": "application/vnd.microsoft.activity.message",
                "value": "ok",
            },
        ),
        ("unknown_invoke", 501, {}),
    ],
)
def test_what_microsoft_hears(name, status, body):
    answer, _ = post(event(name))
    assert (answer["statusCode"], json.loads(answer["body"])) == (status, body)
    assert answer["headers"]["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("no_token", 401),
        ("tampered_token", 403),
        ("other_service_url", 403),
        ("other_channel", 403),
    ],
)
def test_what_is_not_microsofts_is_refused(name, status):
    answer, queued = post(event(name))
    assert (answer["statusCode"], queued) == (status, [])
    assert json.loads(answer["body"])["message"] == "request refused"


def test_teams_sends_again_what_the_inbox_does_not_take():
    answer, _ = post(event("text"), Inbox(is_down=True))
    assert answer["statusCode"] == 503
    assert int(answer["headers"]["retry-after"]) > 0


def test_an_invoke_that_is_not_safe_is_not_said_to_be():
    answer, _ = post(event("card_execute"), Inbox(is_down=True))
    assert answer["statusCode"] == 503


class BrokenMemory:
    def get(self, key):
        raise PlatformUnavailable("down")


def test_keys_that_cannot_be_had_are_no_fault_of_the_request():
    answer, queued = post(event("text"), memory=BrokenMemory())
    assert (answer["statusCode"], queued) == (503, [])
    assert answer["headers"]["retry-after"]


def test_without_a_password_the_channel_is_closed_and_only_the_log_says_why(caplog):
    answer, queued = post(event("text"), credentials={"app_id": CREDENTIALS["app_id"]})
    assert (answer["statusCode"], queued) == (500, [])
    assert "app_password" not in answer["body"]
    assert "'app_password' is needed" in caplog.text


def test_the_development_switch_lets_nobody_in_on_aws():
    unsigned = {"allow_unsigned": True}
    answer, queued = post(event("no_token"), credentials=unsigned)
    assert (answer["statusCode"], queued) == (403, []), "API Gateway tells the caller's address"
    local = event("no_token")
    local["requestContext"]["http"]["sourceIp"] = "127.0.0.1"
    answer, queued = post(local, credentials=unsigned)
    assert (answer["statusCode"], len(queued)) == (200, 1)


def test_the_functions_handler_is_closed_without_credentials(lambda_handler):
    handler = lambda_handler("botframework")
    assert handler(event("health"), None)["statusCode"] == 200
    assert handler(event("text"), None)["statusCode"] == 500


def test_no_answer_holds_a_secret():
    for name in ("text", "no_token", "tampered_token", "malformed"):
        answer, _ = post(event(name))
        assert PASSWORD not in json.dumps(answer)


SERVICE = st.just("https://smba.trafficmanager.net/emea/")
BODIES = st.text(max_size=300) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "id", "text", "value", "from", "conversation", "recipient", "entities",
                 "attachments", "name", "serviceUrl", "channelId", "action", "membersAdded"]
            ),
            children | st.sampled_from(["message", "invoke", "msteams"]) | SERVICE,
        )
    ),
    max_leaves=15,
).map(json.dumps)  # fmt: skip
TOKEN = token(key_id="unendorsed")


@given(body=BODIES)
def test_whatever_microsoft_sends_is_no_5xx(body):
    answer, _ = post(posted(body, TOKEN))
    assert answer["statusCode"] in (200, 403, 501)


@given(body=st.binary(max_size=300))
def test_nor_are_bytes(body):
    answer, _ = post(posted(body, TOKEN, coded=True))
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
    for path in (ROOT / "events" / "botframework").glob("*.json")
    if path.stem not in ("base64", "health", "malformed")
}
ODD = st.sampled_from(
    [None, True, 0, -1, 1.5, 2**70, "", "x", "\ud83d", [], [None], {}, {"id": {}}, {"payload": []}]
)
SETTINGS = {**CREDENTIALS, "welcome_intent": "greet", "edited_messages": True}


@given(data=st.data(), name=st.sampled_from(sorted(EXAMPLES)), odd=ODD)
def test_an_example_with_one_odd_value_is_no_5xx_and_can_be_answered(data, name, odd):
    document = EXAMPLES[name]
    path = data.draw(st.sampled_from(list(nodes(document))))
    body = json.dumps(changed(document, path, odd))
    answer, queued = post(posted(body, TOKEN), credentials=SETTINGS)
    assert answer["statusCode"] in (200, 403, 501)
    instance = channel()
    for message in queued:
        arrived = QueuedMessage.from_json(QueuedMessage("botframework", message, 1.0).to_json())
        assert instance.complete(arrived.message)
        assert instance.output_for(arrived.message).name() == "botframework"


@given(body=BODIES | st.just(event("text")["body"]), bearer=st.text())
def test_nothing_without_a_token_is_queued(body, bearer):
    answer, queued = post(posted(body, bearer))
    assert (answer["statusCode"] in (401, 403), queued) == (True, [])


@given(text=st.text(min_size=1))
def test_any_text_arrives_once_stripped(text):
    document = {**json.loads(event("text")["body"]), "text": f"a {text}"}
    _, [message] = post(posted(json.dumps(document)))
    encodable = f"a {text}".encode("utf-8", "replace").decode()
    assert message.text == encodable.strip()
