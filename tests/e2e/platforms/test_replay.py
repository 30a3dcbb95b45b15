"""`ops replay` and `ops capture` against the deployed stack: each channel takes its own example."""

import json

import pytest

from ops.events.event_files import read_event
from tests.channels.botframework.platform import CONVERSATION
from tests.e2e.platforms.conftest import PLATFORMS

EVENTS = [
    "callback/text",
    "twilio_voice/ringing",
    *(f"{name}/{each.example}" for name, each in PLATFORMS.items() if each.example),
]


@pytest.fixture
def teams_event(chats, tmp_path):
    """The Teams example, from a conversation that the stand-in of the Bot Connector has."""
    event = read_event("botframework/text")
    activity = json.loads(event["body"])
    activity["serviceUrl"] = f"{chats['botframework'].server.url}/teams/"
    activity["conversation"]["id"] = CONVERSATION
    event["body"] = json.dumps(activity)
    path = tmp_path / "teams.json"
    path.write_text(json.dumps(event), "utf-8")
    return str(path)


def key_of(chats, channel, tmp_path):
    """The options that sign in a platform's place, where its key set is a test's own."""
    key = chats[channel].platform.private_key if channel in chats else None
    if key is None:
        return ()
    pem, key_id = key
    path = tmp_path / "key.pem"
    path.write_text(pem, "ascii")
    return ("--key", str(path), "--key-id", key_id)


@pytest.mark.parametrize("event", EVENTS)
def test_an_example_is_taken_and_answered(deployed, chats, teams_event, tmp_path, event):
    channel = event.partition("/")[0]
    sent = teams_event if channel == "botframework" else event
    options = ("--resign", "--new-id", "--follow", *key_of(chats, channel, tmp_path))
    answer = deployed.ops("replay", sent, *options)
    assert answer["status"] == 200
    [turn] = answer["trace"]
    assert turn["message_id"] == answer["message_ids"][0]
    assert turn["status"] == "done"
    assert turn["parts_sent"] > 0


def test_webexs_message_is_the_one_that_webex_has(deployed, chats):
    event = read_event("webexteams/message_direct")
    chats["webexteams"].platform.write(json.loads(event["body"])["data"], "hello again")
    answer = deployed.ops("replay", "webexteams/message_direct", "--resign", "--follow")
    assert [turn["status"] for turn in answer["trace"]] == ["done"]


def test_a_rest_clients_request_is_answered_at_once(deployed):
    answer = deployed.ops("replay", "rest/text", "--resign")
    assert "How are you?" in answer["body"]


def test_without_a_fresh_proof_the_stack_refuses(deployed):
    done = deployed.command("replay", "slack/message_im", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["status"] == 401


def test_the_same_message_again_is_not_answered_again(deployed):
    new = deployed.ops("replay", "telegram/text", "--resign", "--new-id", "--follow")
    first = deployed.ops("replay", "telegram/text", "--resign", "--follow")
    again = deployed.ops("replay", "telegram/text", "--resign", "--follow")
    assert again["trace"] == first["trace"]
    assert again["trace"][0]["claims"] == new["trace"][0]["claims"] == 1


def test_a_captured_request_is_sent_again(deployed, tmp_path):
    options = ("--resign", "--new-id", "--follow")
    first = deployed.ops("replay", "slack/message_im", *options)
    captured = deployed.ops("capture", "list", "--channel", "slack")["captured"]
    [capture] = [each for each in captured if each["status"] == 200][:1]
    assert capture["senders"] == [first["trace"][0]["sender_id"]]
    again = deployed.ops("replay", "--captured", capture["id"], *options)
    assert again["trace"][0]["status"] == "done"
    assert again["message_ids"] != first["message_ids"]
    path = tmp_path / "saved.json"
    deployed.ops("capture", "save", capture["id"], str(path))
    saved = json.loads(path.read_text("utf-8"))
    assert saved == deployed.ops("capture", "show", capture["id"])["event"]
    assert set(saved["headers"]["x-slack-signature"]) == {"x"}
    assert deployed.command("capture", "save", capture["id"], str(path)).returncode == 1
    assert deployed.ops("replay", str(path), *options)["trace"][0]["status"] == "done"
