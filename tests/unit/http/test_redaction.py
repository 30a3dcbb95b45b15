import json
import re
from urllib.parse import unquote_plus

import pytest

from channels.errors import PayloadError
from channels.http.redaction import NOBODY, redacted
from channels.http.request import Request
from ops import ROOT
from tests.functions.channel_rows import ROWS
from tests.functions.harness import example, names_of_examples, queuing

#: Every example that queues messages, of every channel that has a row.
MESSAGES = [f"{row.name}/{name}" for row in ROWS.values() for name in queuing(row.outcomes)]

#: What proves something in the examples: it must not stand in a copy, whatever is kept.
PROOFS = re.compile(
    r"v0=[0-9a-f]{64}|sha256=[0-9a-f]{64}|Bearer [A-Za-z0-9._-]{8,}|Token [a-z0-9]{8,}"
    r"|tok26a+|rc-token-1|hooks\.slack\.com/(actions|commands|app)/|eyJ[A-Za-z0-9_-]{10,}\."
)


def event_of(body, content_type="application/json", **headers):
    return {
        "rawPath": "/webhooks/my_channel/webhook",
        "rawQueryString": "token=t0p&hub.mode=subscribe&q=what+I+said",
        "headers": {"content-type": content_type, **headers},
        "requestContext": {
            "http": {"method": "POST", "sourceIp": "203.0.113.7"},
            "requestId": "R1",
            "authorizer": {"jwt": {"claims": {"sub": "ann"}}},
        },
        "body": body if isinstance(body, str) else json.dumps(body),
    }


#: What is said in these stands in the redacted field alone: nobody says anything any more.
SILENT = {"mattermost/menu"}


def parsed(name, event):
    channel = ROWS[name.partition("/")[0]].function().instance
    return channel.parse(Request.from_event(event))


@pytest.mark.parametrize("name", MESSAGES)
def test_a_redacted_message_is_of_the_same_sender(name):
    before, after = parsed(name, example(name)), parsed(name, redacted(example(name)))
    assert {message.sender_id for message in after} <= {message.sender_id for message in before}
    assert bool(after) == (name not in SILENT)


@pytest.mark.parametrize("with_text", [False, True])
@pytest.mark.parametrize("name", sorted(ROWS))
def test_no_proof_is_kept(name, with_text):
    for example_name in names_of_examples(name):
        event = example(f"{name}/{example_name}")
        kept = json.dumps(redacted(event, with_text=with_text))
        assert not PROOFS.search(kept), example_name
        assert event["requestContext"]["http"]["sourceIp"] not in (kept, "127.0.0.1")


def shown(event):
    """All that stands in an event, readable."""
    return unquote_plus(json.dumps(event, ensure_ascii=False))


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.text_path])
def test_what_users_wrote_is_kept_only_when_asked_for(name):
    event = ROWS[name].saying("my Zebra wish")
    assert "Zebra" in shown(redacted(event, with_text=True))
    assert "Zebra" not in shown(redacted(event))


#: What tells of people beside what they wrote, as the rows have it.
PERSONAL = [
    (f"{row.name}/{name}", word) for row in ROWS.values() for name, word in row.personal.items()
]


@pytest.mark.parametrize(("name", "word"), PERSONAL)
def test_what_else_tells_of_people_is_covered(name, word):
    event = example(name)
    body = Request.from_event(event).body.decode()
    assert word in unquote_plus(body)
    assert word not in shown(redacted(event))


def test_what_is_kept_of_a_request():
    body = {
        "id": "m1",
        "userId": "u1",
        "said": "a secret wish",
        "place": {"latitude": 52.5, "accuracy": 3},
        "token": ["t0p"],
        "apiKey": {"id": "k1", "number": 7},
        "type": "message",
    }
    event = event_of(body, authorization="Bearer abc", **{"x-forwarded-for": "203.0.113.7"})
    kept = redacted(event)
    assert json.loads(kept["body"]) == {
        "id": "m1",
        "userId": "u1",
        "said": "x" * 13,
        "place": {"latitude": 0.0, "accuracy": 3},
        "token": ["xxx"],
        "apiKey": {"id": "xx", "number": 7},
        "type": "message",
    }
    assert kept["rawQueryString"] == "token=xxx&hub.mode=subscribe&q=xxxxxxxxxxx"
    assert kept["headers"]["authorization"] == "x" * 10
    assert kept["headers"]["x-forwarded-for"] == NOBODY
    assert kept["requestContext"] == {
        "http": {"method": "POST", "sourceIp": NOBODY},
        "requestId": "R1",
    }


def test_with_text_only_secrets_are_left_out():
    kept = redacted(event_of({"said": "a wish", "token": "t0p", "latitude": 1.5}), with_text=True)
    assert json.loads(kept["body"]) == {"said": "a wish", "token": "xxx", "latitude": 1.5}
    assert kept["rawQueryString"] == "token=xxx&hub.mode=subscribe&q=what+I+said"


@pytest.mark.parametrize(
    ("content_type", "with_text", "kept"),
    [
        ("application/json", False, "xxxxxxxxx"),
        ("application/json", True, "xxxxxxxxx"),
        ("text/plain", True, "{ not json"[:9]),
        ("text/plain", False, "xxxxxxxxx"),
    ],
)
def test_a_body_without_names_to_go_by(content_type, with_text, kept):
    event = event_of("{ not json"[:9], content_type)
    assert redacted(event, with_text=with_text)["body"] == kept


def test_an_event_of_a_rest_api_stays_one():
    path = ROOT / "events" / "rest" / "rest_api_v1.json"
    event = json.loads(path.read_text(encoding="utf-8"))
    again, before = Request.from_event(redacted(event)), Request.from_event(event)
    assert (again.method, again.path) == (before.method, before.path)
    assert again.json.keys() == before.json.keys()


def test_nothing_is_changed_in_the_event_itself():
    event = example("slack/message_im")
    redacted(event)
    assert event == example("slack/message_im")


@pytest.mark.parametrize("event", [None, {}, {"rawPath": "/"}, {"requestContext": {}}])
def test_what_is_no_event_is_refused(event):
    with pytest.raises(PayloadError):
        redacted(event)
