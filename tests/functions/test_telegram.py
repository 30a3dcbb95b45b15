"""functions/telegram: its events, and whatever else may come, with the secret token and without."""

import base64
import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import InboxUnavailable
from channels.queued import QueuedMessage
from channels.services import Services
from channels.telegram.files import add_file_urls
from channels.webhook import webhook
from ops import ROOT
from tests.unit.telegram.bot import CREDENTIALS, SECRET, channel, event

TOKEN_HEADER = "x-telegram-bot-api-secret-token"

QUEUED = {
    "text": ["hello"],
    "base64": ["h\u00e9llo \U0001f44b"],
    "restart": ["/restart", "/start"],
    "button_press": ["/affirm"],
    "photo_with_caption": ["my receipt"],
    "edited_text": ["hello!"],
    "command_of_another_bot": [],
    "channel_post": [],
    "bot_blocked": [],
    "poll_answer": [],
    "unknown_kind": [],
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
    return webhook("telegram", services)(given_event, None), inbox.queued


def posted(body, secret=SECRET, coded=False):
    made = copy.deepcopy(event("text"))
    made["body"] = base64.b64encode(body).decode() if coded else body
    made["isBase64Encoded"] = coded
    made["headers"].pop(TOKEN_HEADER)
    if secret is not None:
        made["headers"][TOKEN_HEADER] = secret
    return made


@pytest.mark.parametrize("name", QUEUED)
def test_events(name):
    answer, queued = post(event(name))
    assert answer["statusCode"] == 200
    assert [message.text for message in queued] == QUEUED[name]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("text", "success"),
        ("poll_answer", "success"),
        ("health", '{"status": "ok"}'),
        (
            "button_press",
            '{"method": "answerCallbackQuery", "callback_query_id": "4382bfdwdsb323b2d9"}',
        ),
    ],
)
def test_what_telegram_hears(name, body):
    assert post(event(name))[0]["body"] == body


@pytest.mark.parametrize(("name", "status"), [("no_secret", 401), ("wrong_secret", 401)])
def test_what_is_not_telegrams_is_refused(name, status):
    answer, queued = post(event(name))
    assert (answer["statusCode"], queued) == (status, [])
    assert SECRET not in json.dumps(answer)


def test_a_body_that_is_not_json_is_400():
    assert post(event("malformed"))[0]["statusCode"] == 400


def test_telegram_sends_again_what_the_inbox_does_not_take():
    answer, _ = post(event("text"), Inbox(is_down=True))
    assert answer["statusCode"] == 503
    assert int(answer["headers"]["retry-after"]) > 0, "Telegram keeps to it"


def test_a_press_that_is_not_safe_is_not_answered():
    answer, _ = post(event("button_press"), Inbox(is_down=True))
    assert "answerCallbackQuery" not in answer["body"]


def test_without_a_secret_the_channel_is_closed_and_only_the_log_says_why(caplog):
    credentials = {key: value for key, value in CREDENTIALS.items() if key != "secret_token"}
    answer, queued = post(event("no_secret"), credentials=credentials)
    assert (answer["statusCode"], queued) == (500, [])
    assert "secret_token" not in answer["body"]
    assert "'secret_token' is needed" in caplog.text


def test_the_functions_handler_is_closed_without_credentials(lambda_handler):
    handler = lambda_handler("telegram")
    assert handler(event("health"), None)["statusCode"] == 200
    assert handler(event("text"), None)["statusCode"] == 500


BODIES = st.text(max_size=300) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["update_id", "message", "edited_message", "callback_query", "chat", "from", "id",
                 "text", "data", "photo", "caption", "location", "message_id"]
            ),
            children,
        )
    ),
    max_leaves=15,
).map(json.dumps)  # fmt: skip


@given(body=BODIES)
def test_whatever_telegram_sends_is_no_5xx(body):
    answer, _ = post(posted(body))
    assert answer["statusCode"] in (200, 400)


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
    for path in (ROOT / "events" / "telegram").glob("*.json")
    if path.stem not in ("base64", "health", "malformed")
}
ODD = st.sampled_from(
    [None, True, 0, -1, 1.5, 2**70, "", "x", "\ud83d", [], [None], {}, {"id": {}}]
)


@given(data=st.data(), name=st.sampled_from(sorted(EXAMPLES)), odd=ODD)
def test_an_example_with_one_odd_value_is_no_5xx_and_can_be_answered(data, name, odd):
    document = EXAMPLES[name]
    path = data.draw(st.sampled_from(list(nodes(document))))
    answer, queued = post(posted(json.dumps(changed(document, path, odd))))
    assert answer["statusCode"] in (200, 400)
    instance = channel(file_urls=True, conversation_granularity="sender")
    for message in queued:
        queued_message = QueuedMessage("telegram", message, 1.0)
        arrived = QueuedMessage.from_json(queued_message.to_json()).message
        add_file_urls(arrived, Files())
        assert instance.output_for(arrived).name() == "telegram"


class Files:
    """A Bot API with files that cannot be fetched any more."""

    def call(self, method, parameters):
        return {"file_id": parameters["file_id"]}


@given(body=st.binary(max_size=300))
def test_nor_are_bytes(body):
    answer, _ = post(posted(body, coded=True))
    assert answer["statusCode"] in (200, 400)


@given(body=BODIES | st.just(event("text")["body"]), secret=st.none() | st.text())
def test_nothing_without_the_secret_is_queued(body, secret):
    if secret != SECRET:
        answer, queued = post(posted(body, secret))
        assert (answer["statusCode"], queued) == (401, [])


@given(text=st.text(min_size=1))
def test_any_text_arrives_once_stripped(text):
    update = json.loads(event("text")["body"])
    update["message"]["text"] = f"a {text}"
    _, [message] = post(posted(json.dumps(update)))
    encodable = f"a {text}".encode("utf-8", "replace").decode()
    assert message.text == encodable.strip()
