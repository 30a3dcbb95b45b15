"""functions/rocketchat: what only Rocket.Chat does."""

import json

import pytest

from tests.channels.rocketchat.row import ROW
from tests.functions.harness import Function
from tests.unit.rocketchat.server import CREDENTIALS, LIVECHAT_TOKEN, TOKEN


@pytest.mark.parametrize("name", sorted(ROW.outcomes.keys() - {"health"}))
def test_no_answer_is_empty_or_would_be_posted_into_the_room(name):
    """An empty answer is a failure to Rocket.Chat, and one with `text` a message.

    410 would switch the integration off, 500 end the retries.
    """
    answer, _ = ROW.post(ROW.example(name))
    assert answer["statusCode"] in (200, 403, 405)
    assert answer["headers"]["content-type"] == "application/json"
    document = json.loads(answer["body"])
    assert not {"text", "attachments"} & document.keys()
    assert not any(token in json.dumps(answer) for token in (TOKEN, LIVECHAT_TOKEN))


@pytest.mark.parametrize("value", [None, 5, [], {}, ""])
def test_a_malformed_event_with_the_token_is_taken_and_ignored(value):
    made = ROW.example()
    made["body"] = json.dumps({**json.loads(made["body"]), "text": value, "channel_id": value})
    answer, queued = ROW.post(made)
    assert (answer["statusCode"], answer["body"], queued) == (200, '{"ok": true}', [])


def test_a_body_that_is_no_json_is_taken_and_ignored_where_nothing_is_proved():
    opened = {
        **{key: CREDENTIALS[key] for key in ("user", "password", "server_url")},
        "allow_unsigned": True,
    }
    answer, queued = Function(ROW, opened).post(ROW.example("malformed"))
    assert (answer["statusCode"], answer["body"], queued) == (200, '{"ok": true}', [])


def test_rocketchat_posts_only():
    answer, queued = ROW.post(ROW.example("get"))
    assert (answer["statusCode"], queued) == (405, [])
    assert answer["headers"]["allow"] == "POST"
