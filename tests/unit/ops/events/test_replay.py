import json

import pytest

from channels.turns.journal import DONE
from ops.__main__ import main
from ops.credentials.parameter_store import ParameterStore
from ops.events import replay
from ops.failure import Failure
from ops.output import Output
from ops.platforms.webhook_request import WebhookRequest
from ops.stack.stack_address import StackAddress, address_on_aws, local_address
from ops.stack.stack_file import StackFile
from ops.stack.turns import Turns
from tests.functions.harness import example
from tests.servers.recording_server import recording_server
from tests.unit.ops.moto_stack import arguments, moto_stack, queued

SLACK = {"slack_token": "xoxb-1", "slack_signing_secret": "s3cret"}


@pytest.fixture
def chat():
    with moto_stack() as found:
        yield found


@pytest.fixture
def server():
    with recording_server(lambda _: (200, b"fine", {"content-type": "text/plain"})) as found:
        yield found


def run(chat, server, name, *options, request=None):
    args = arguments("replay", name, *options)
    request = request or WebhookRequest.from_event(example(name))
    address = StackAddress(server.url, "https://bot.example.com")
    output = Output(args.json)
    return replay.replay(args, chat.stack, chat.resources, address, request, output)


def test_a_stack_gets_its_request_signed(chat, server, capsys):
    ParameterStore(chat.stack).push({"slack": SLACK})
    assert run(chat, server, "slack/message_im", "--resign", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["channel"], answer["status"], answer["body"]) == ("slack", 200, "fine")
    assert len(answer["message_ids"]) == 1
    [arrived] = server.requests
    assert arrived.path == "/webhooks/slack/webhook"
    stale = example("slack/message_im")["headers"]["x-slack-signature"]
    assert arrived.headers["x-slack-signature"] != stale


def test_people_see_status_and_body_and_no_secret(chat, server, capsys):
    ParameterStore(chat.stack).push({"telegram": {"access_token": "1:a", "secret_token": "s3cret"}})
    assert run(chat, server, "telegram/text", "--resign") == 0
    said = capsys.readouterr().out
    assert "200 text/plain" in said
    assert "fine" in said
    assert server.requests[0].headers["x-telegram-bot-api-secret-token"] == "s3cret"
    assert "s3cret" not in said


def test_without_resign_no_credentials_are_asked_for(chat, server):
    assert run(chat, server, "slack/message_im") == 0
    given = example("slack/message_im")["headers"]["x-slack-signature"]
    assert server.requests[0].headers["x-slack-signature"] == given


def test_an_error_is_the_commands_too(chat, server):
    server.respond = lambda _: (401, b"{}", {})
    assert run(chat, server, "slack/message_im") == 1


def test_credentials_that_the_stack_does_not_have(chat, server):
    with pytest.raises(Failure, match="no credentials for 'slack'"):
        run(chat, server, "slack/message_im", "--resign")
    request = WebhookRequest("POST", "/webhooks/nobody/webhook", "", {}, b"{}")
    with pytest.raises(Failure, match="no channel 'nobody'"):
        run(chat, server, "rest/text", "--resign", request=request)
    assert server.requests == []


def test_credentials_that_do_not_work(chat, server):
    ParameterStore(chat.stack).push({"slack": {"slack_token": "xoxb-1"}})
    with pytest.raises(Failure, match="slack_signing_secret"):
        run(chat, server, "slack/message_im", "--follow")


def test_a_turn_is_followed_to_its_end(chat, server, capsys):
    ParameterStore(chat.stack).push({"slack": SLACK})
    turned = []

    def answer(request):
        turned.append(request)
        message = queued(message_id, sender, "slack")
        journal = chat.journal(replay.time.time)
        journal.claim(message, 1)
        journal.answered(message, [{"text": "hi"}])
        journal.finished(message, DONE)
        return 200, b"", {}

    message_id, sender = "T0AWSDEMO:D0AAAAAAA:1767225599.000100", "U0ALICE00"
    server.respond = answer
    assert run(chat, server, "slack/message_im", "--resign", "--follow", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert [turn["status"] for turn in document["trace"]] == ["done"]
    assert document["trace"][0]["message_id"] == document["message_ids"][0]
    assert len(turned) == 1


def test_patience_ends(chat, capsys):
    ParameterStore(chat.stack).push({"slack": SLACK})
    request = WebhookRequest.from_event(example("slack/message_im"))
    section = ParameterStore(chat.stack).section("slack")
    channel, messages = replay.messages_of(request, section, "https://bot.example.com")
    sent = replay.Sent(0.0, request, None, channel, messages)
    clock = iter([0.0, 50.0, 101.0])
    pauses = []
    found = replay.follow(
        sent, Turns("state", chat.dynamodb), Output(), pauses.append, lambda: next(clock)
    )
    assert found == []
    assert len(pauses) == 1
    assert "did not end" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "section", "said"),
    [
        ("rest/text", {}, "answers inside the request"),
        ("slack/own_message", SLACK, "nothing to follow"),
        ("slack/malformed", SLACK, "nothing to follow"),
    ],
)
def test_what_cannot_be_followed(chat, server, capsys, name, section, said):
    ParameterStore(chat.stack).push({name.partition("/")[0]: section})
    assert run(chat, server, name, "--follow") == 0
    assert said in capsys.readouterr().out


def test_a_message_without_an_id_of_its_own_cannot_be_found_again(chat, server, capsys):
    ParameterStore(chat.stack).push({"callback": {"url": "https://example.com"}})
    request = WebhookRequest("POST", "/webhooks/callback/webhook", "", {}, b'{"message": "hi"}')
    assert run(chat, server, "callback/text", "--follow", request=request) == 0
    assert "--new-id" in capsys.readouterr().out


def test_any_address_without_a_stack(server, capsys):
    assert main(["replay", "rest/text", "--url", server.url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == 200
    assert server.requests[0].path == "/webhooks/rest/webhook"


def test_an_event_or_a_captured_one():
    for words in ([], ["rest/text", "--captured", "R1"]):
        with pytest.raises(SystemExit):
            arguments("replay", *words)


def test_a_key_that_cannot_be_read(chat, server, tmp_path):
    ParameterStore(chat.stack).push({"hangouts": {"project_id": "1"}})
    with pytest.raises(Failure, match=r"key\.pem cannot be read"):
        run(chat, server, "hangouts/message", "--resign", "--key", str(tmp_path / "key.pem"))


def test_the_address_on_aws_is_the_output():
    url = "https://bot.example.com"
    outputs = [
        {"OutputKey": "RestWebhookUrl", "OutputValue": "x"},
        {"OutputKey": "HttpApiUrl", "OutputValue": url},
    ]
    assert address_on_aws({"StackName": "chat", "Outputs": outputs}) == StackAddress(url, url)


def test_a_stack_of_another_template():
    with pytest.raises(Failure, match="chat has no output HttpApiUrl"):
        address_on_aws({"StackName": "chat"})


@pytest.mark.parametrize(
    ("public", "domain", "called"),
    [
        ("", "", "https://a1.execute-api.localhost"),
        ("", "bot.example.com", "https://bot.example.com"),
        ("https://tunnel.example", "bot.example.com", "https://tunnel.example"),
    ],
)
def test_signatures_are_made_of_the_address_that_platforms_call(public, domain, called):
    found = StackFile("http://127.0.0.1:1/x", None, None, "", "chat", None, {"HttpApi": "a1"})
    given = {"PublicBaseUrl": public, "HttpDomainName": domain}
    parameters = [{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()]
    expected = StackAddress("http://127.0.0.1:1/x", called)
    assert local_address({"Parameters": parameters}, found) == expected
