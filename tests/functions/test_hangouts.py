"""functions/hangouts: its events, and whatever else may come, with Google's proof and without."""

import base64
import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import InboxUnavailable
from channels.hangouts.settings import APOLOGY
from channels.queued import QueuedMessage
from channels.services import Services
from channels.webhook import webhook
from ops import ROOT
from tests.unit.hangouts.google import VECTOR_A
from tests.unit.hangouts.space import CREDENTIALS, IN_THREAD, Memory, channel, event

HELLO = {"text": "hello"}
IN_SPACE = {**IN_THREAD, **HELLO}


def add_on(message):
    return {"hostAppDataAction": {"chatDataAction": {"createMessageAction": {"message": message}}}}


#: What Google hears when the agent says `hello` to each message.
ANSWERS = {
    "message": IN_SPACE,
    "base64": IN_SPACE,
    "direct_message": HELLO,
    "slash_command": IN_SPACE,
    "attachment": IN_SPACE,
    "card_clicked": IN_SPACE,
    "submit_form": IN_SPACE,
    "quick_command": IN_SPACE,
    "added_to_space": HELLO,
    "added_to_dm": HELLO,
    "added_by_mention": {**IN_THREAD, "text": "hello\n\nhello"},
    "removed": {},
    "own_message": {},
    "widget_updated": {},
    "app_home": {},
    "dialog_cancelled": {},
    "unknown_kind": {},
    "malformed": {},
    "add_on_message": add_on(IN_SPACE),
    "add_on_direct_message": add_on(HELLO),
    "add_on_button": add_on(IN_SPACE),
    "add_on_added": add_on(HELLO),
    "add_on_removed": {},
    "add_on_command": add_on(IN_SPACE),
    "add_on_quick_command": add_on(IN_SPACE),
    "add_on_widget_updated": {},
    "health": {"status": "ok"},
}


class HelloAgent:
    """Says hello to whatever there is."""

    async def handle_message(self, message):
        await message.output_channel.send_response(message.sender_id, HELLO)


class Inbox:
    """Keeps what is queued and has it answered at once; refuses when told to."""

    def __init__(self, memory, is_down=False):
        self.queued, self.is_down = [], is_down
        self._memory = memory

    def put(self, name, messages):
        if self.is_down:
            raise InboxUnavailable("down")
        for message in messages:
            QueuedMessage(name, message, 1.0).to_json().encode("ascii")
            self._memory.claim(f"answer:{message.message_id}", json.dumps([HELLO]), 60)
        self.queued += messages


def post(given_event, *, is_down=False, credentials=CREDENTIALS):
    """The answer of a deployed webhook, and what it queued."""
    memory = Memory()
    inbox = Inbox(memory, is_down)
    services = Services(
        lambda name: credentials, HelloAgent, 5.0, inbox, memory=lambda name: memory
    )
    return webhook("hangouts", services)(given_event, None), inbox.queued


def posted(body, token=VECTOR_A, coded=False):
    made = copy.deepcopy(event("message"))
    made["body"] = base64.b64encode(body).decode() if coded else body
    made["isBase64Encoded"] = coded
    made["headers"].pop("authorization")
    if token is not None:
        made["headers"]["authorization"] = f"Bearer {token}"
    return made


@pytest.mark.parametrize("name", ANSWERS)
def test_what_google_hears_of_a_deployed_stack(name):
    answer, _ = post(event(name))
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, ANSWERS[name])
    assert answer["headers"]["content-type"] == "application/json"


@pytest.mark.parametrize("name", ANSWERS)
def test_and_of_sam_local(name):
    services = Services(lambda section: CREDENTIALS, HelloAgent, 5.0)
    answer = webhook("hangouts", services)(event(name), None)
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, ANSWERS[name])


@pytest.mark.parametrize("name", ["no_token", "wrong_token"])
def test_what_is_not_googles_is_refused(name):
    answer, queued = post(event(name))
    assert (answer["statusCode"], queued) == (401, [])
    assert json.loads(answer["body"])["message"] == "request refused"


def test_google_never_sends_again_so_the_user_is_told():
    answer, queued = post(event("direct_message"), is_down=True)
    assert (json.loads(answer["body"]), queued) == ({"text": APOLOGY}, [])


def test_keys_that_cannot_be_had_are_a_503():
    credentials = {**CREDENTIALS, "chat_keys_url": "http://127.0.0.1:1"}
    answer, queued = post(event("message"), credentials=credentials)
    assert (answer["statusCode"], queued) == (503, [])


def test_without_a_project_the_channel_is_closed_and_only_the_log_says_why(caplog):
    answer, queued = post(event("no_token"), credentials={"apology": "x"})
    assert (answer["statusCode"], queued) == (500, [])
    assert "project_id" not in answer["body"]
    assert "'project_id' is needed" in caplog.text


def test_the_functions_handler_is_closed_without_credentials(lambda_handler):
    handler = lambda_handler("hangouts")
    assert handler(event("health"), None)["statusCode"] == 200
    assert handler(event("message"), None)["statusCode"] == 500


KEYS = [
    *("type", "eventTime", "user", "space", "message", "thread", "name", "text", "argumentText"),
    *("chat", "messagePayload", "buttonClickedPayload", "action", "common", "parameters"),
    *("payload", "attachment", "appCommandMetadata"),
]
BODIES = st.text(max_size=300) | st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["MESSAGE", "CARD_CLICKED", "ADDED_TO_SPACE", "spaces/AAA", "users/1"]),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.sampled_from(KEYS), children)
    ),
    max_leaves=15,
).map(json.dumps)


@given(body=BODIES)
def test_whatever_google_sends_is_a_200(body):
    assert post(posted(body))[0]["statusCode"] == 200


@given(body=st.binary(max_size=300))
def test_and_so_are_bytes(body):
    assert post(posted(body, coded=True))[0]["statusCode"] == 200


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


def example(name):
    made = event(name)
    raw = base64.b64decode(made["body"]) if made["isBase64Encoded"] else made["body"]
    return json.loads(raw)


EXAMPLES = {
    path.stem: example(path.stem)
    for path in (ROOT / "events" / "hangouts").glob("*.json")
    if path.stem not in ("health", "malformed")
}
ODD = st.sampled_from(
    [None, True, 0, -1, 1.5, 2**70, "", "x", "\ud83d", "x" * 5000, [], [None], {}, {"name": {}}]
)


@given(data=st.data(), name=st.sampled_from(sorted(EXAMPLES)), odd=ODD)
def test_an_example_with_one_odd_value_is_a_200_and_can_be_answered(data, name, odd):
    document = EXAMPLES[name]
    path = data.draw(st.sampled_from(list(nodes(document))))
    answer, queued = post(posted(json.dumps(changed(document, path, odd))))
    assert answer["statusCode"] == 200
    instance = channel(conversation_granularity="sender")
    instance.memory = Memory()
    for message in queued:
        arrived = QueuedMessage.from_json(QueuedMessage("hangouts", message, 1.0).to_json()).message
        assert instance.complete(arrived)
        assert instance.output_for(arrived).name() == "hangouts"


@given(body=BODIES | st.just(event("message")["body"]), token=st.none() | st.text())
def test_nothing_without_the_proof_is_queued(body, token):
    answer, queued = post(posted(body, token))
    assert (answer["statusCode"], queued) == (401, [])


@given(text=st.text(min_size=1))
def test_any_text_arrives_once_stripped(text):
    document = json.loads(event("message")["body"])
    document["message"]["argumentText"] = f"a {text}"
    _, [message] = post(posted(json.dumps(document)))
    encodable = f"a {text}".encode("utf-8", "replace").decode()
    assert message.text == encodable.strip()
