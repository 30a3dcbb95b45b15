"""The REST channel, as a handler: what a client sends and what it gets back."""

import asyncio
import json
import time

import jwt
import pytest

from channels.errors import AgentError, CredentialsError
from channels.handlers.webhook import webhook
from channels.rest import RestInput
from channels.wiring.services import Services


class EchoAgent:
    """Answers with what it was asked; fails, hangs or blocks when told to."""

    def __init__(self):
        self.messages = []

    async def handle_message(self, message):
        self.messages.append(message)
        await message.output_channel.send_text_message(message.sender_id, f"{message.text}\n\n2")
        match message.text:
            case "fail":
                raise AgentError("the Rasa server answered 500")
            case "crash":
                raise RuntimeError("secret detail")
            case "hang":
                await asyncio.sleep(60)
            case "block":
                time.sleep(3)


def handler_of(credentials=None, agent=None, timeout=5.0):
    chosen = agent or EchoAgent()
    return webhook("rest", Services(lambda name: credentials or {}, lambda: chosen, timeout))


def event(body, *, method="POST", path="/webhooks/rest/webhook", query="", headers=None):
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers or {},
        "requestContext": {"http": {"method": method}},
        "body": body if isinstance(body, str) else json.dumps(body),
    }


def post(body, handler=None, **parts):
    answer = (handler or handler_of())(event(body, **parts), None)
    return answer["statusCode"], answer["body"]


def test_answer_is_the_collectors_array():
    status, body = post({"sender": "me", "message": "hi"})
    assert status == 200
    assert json.loads(body) == [
        {"recipient_id": "me", "text": "hi"},
        {"recipient_id": "me", "text": "2"},
    ]


def test_stream_is_one_json_object_a_line():
    handler = handler_of()
    answer = handler(event({"sender": "me", "message": "hi"}, query="stream=true"), None)
    assert answer["headers"]["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in answer["body"].splitlines()] == [
        {"recipient_id": "me", "text": "hi"},
        {"recipient_id": "me", "text": "2"},
    ]


@pytest.mark.parametrize(("value", "streams"), [("TRUE", True), ("1", False), ("yes", False)])
def test_stream_parameter_is_read_as_rasa_reads_it(value, streams):
    _, body = post({"message": "hi"}, query=f"stream={value}")
    assert body.startswith("[") is not streams


@pytest.mark.parametrize(
    ("body", "sender", "channel", "metadata"),
    [
        ({"message": "x"}, "default", "rest", None),
        ({"message": "x", "sender": None, "metadata": None}, "default", "rest", None),
        ({"message": "x", "sender": 42}, "42", "rest", None),
        ({"message": "x", "sender": "", "input_channel": ""}, "", "rest", None),
        (
            {"message": "x", "sender": "a", "input_channel": "web", "metadata": {"p": 1}},
            "a",
            "web",
            {"p": 1},
        ),
    ],
)
def test_message_is_made_by_rasas_rules(body, sender, channel, metadata):
    agent = EchoAgent()
    assert post(body, handler_of(agent=agent))[0] == 200
    [message] = agent.messages
    assert (message.sender_id, message.input_channel) == (sender, channel)
    assert message.metadata == metadata


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"message": ', "Failed when parsing body as json"),
        ("", "Failed when parsing body as json"),
        ("message=hi", "Failed when parsing body as json"),
        ([], "the body must be a JSON object"),
        ("5", "the body must be a JSON object"),
        ("null", "the body must be a JSON object"),
        ({}, "'message' must be a string"),
        ({"message": None}, "'message' must be a string"),
        ({"message": 5}, "'message' must be a string"),
        ({"message": "x", "metadata": "m"}, "'metadata' must be an object"),
        ({"message": "x", "metadata": []}, "'metadata' must be an object"),
        ({"message": "x", "sender": {}}, "'sender' must be a string"),
        ({"message": "x", "sender": True}, "'sender' must be a string"),
        ({"message": "x", "input_channel": 1}, "'input_channel' must be a string"),
    ],
)
@pytest.mark.parametrize("query", ["", "stream=true"])
def test_bad_input_is_400_with_the_reason(body, reason, query):
    agent = EchoAgent()
    status, answer = post(body, handler_of(agent=agent), query=query)
    assert status == 400
    assert json.loads(answer) == {"description": "Bad Request", "status": 400, "message": reason}
    assert agent.messages == []


@pytest.mark.parametrize(("size", "status"), [(1_048_576, 200), (1_048_577, 413)])
def test_size_limit_is_one_mebibyte(size, status):
    frame = len(json.dumps({"message": "hi", "metadata": {"m": ""}}))
    body = {"message": "hi", "metadata": {"m": "x" * (size - frame)}}
    assert post(body)[0] == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/webhooks/rest", 200),
        ("GET", "/webhooks/rest/", 200),
        ("GET", "/prod/webhooks/rest", 200),
        ("POST", "/webhooks/rest", 405),
        ("POST", "/webhooks/rest/webhook/", 200),
        ("POST", "/prod/webhooks/rest/webhook", 200),
        ("GET", "/webhooks/rest/webhook", 405),
        ("PUT", "/webhooks/rest/webhook", 405),
        ("POST", "/webhooks/rest/other", 404),
        ("POST", "/webhooks/rest/webhook/other", 404),
    ],
)
def test_routes(method, path, status):
    answer = handler_of()(event({"message": "hi"}, method=method, path=path), None)
    assert answer["statusCode"] == status
    if method == "GET" and status == 200:
        assert json.loads(answer["body"]) == {"status": "ok"}
    if status == 405:
        assert answer["headers"]["allow"] in ("GET", "POST")


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("fail", 502, "the Rasa server answered 500"),
        ("crash", 502, "the agent failed"),
        ("hang", 504, "the agent did not answer within 0 seconds"),
    ],
)
class TestAgentFailure:
    def test_is_an_honest_status_beside_what_was_said(self, text, status, message):
        code, body = post({"sender": "me", "message": text}, handler_of(timeout=0.2))
        assert code == status
        answer = json.loads(body)
        assert (answer["status"], answer["message"]) == (status, message)
        assert [item["text"] for item in answer["messages"]] == [text, "2"]

    def test_ends_a_stream_with_an_error_line(self, text, status, message):
        handler = handler_of(timeout=0.2)
        code, body = post({"sender": "me", "message": text}, handler, query="stream=true")
        *said, last = (json.loads(line) for line in body.splitlines())
        assert code == 200
        assert [item["text"] for item in said] == [text, "2"]
        assert (last["error"]["status"], last["error"]["message"]) == (status, message)


def test_an_agent_that_blocks_is_given_up_on_and_the_next_request_is_served():
    handler = handler_of(timeout=0.2)
    status, body = post({"message": "block"}, handler)
    assert status == 504
    assert json.loads(body)["description"] == "Gateway Timeout"
    assert post({"message": "hi"}, handler)[0] == 200


class ShortOfTime:
    """A Lambda context with 2.3 seconds left."""

    def get_remaining_time_in_millis(self):
        return 2_300


def test_the_lambdas_remaining_time_bounds_the_turn():
    handler = handler_of(timeout=60.0)
    answer = handler(event({"message": "hang"}), ShortOfTime())
    assert answer["statusCode"] == 504


def jwt_of(key="k" * 32, **claims):
    return jwt.encode({"exp": 4102444800, **claims}, key, algorithm="HS256")


@pytest.mark.parametrize(
    ("credentials", "authorization", "status"),
    [
        ({}, None, 200),
        ({}, "Bearer anything", 200),
        ({"token": "secret"}, None, 401),
        ({"token": "secret"}, "Bearer secret", 200),
        ({"token": "secret"}, "bearer  secret ", 200),
        ({"token": "secret"}, "Bearer Secret", 401),
        ({"token": "secret"}, "Basic secret", 401),
        ({"token": "secret"}, "secret", 401),
        ({"token": "secret"}, "Bearer \u00e9", 401),
        ({"jwt_key": "k" * 32}, None, 401),
        ({"jwt_key": "k" * 32}, f"Bearer {jwt_of()}", 200),
        ({"jwt_key": "k" * 32}, f"Bearer {jwt_of(key='x' * 32)}", 401),
        ({"jwt_key": "k" * 32, "jwt_method": "HS512"}, f"Bearer {jwt_of()}", 401),
        ({"jwt_key": "k" * 32, "token": "secret"}, f"Bearer {jwt_of()}", 200),
        ({"jwt_key": "k" * 32, "token": "secret"}, "Bearer secret", 200),
    ],
)
def test_authentication(credentials, authorization, status):
    agent = EchoAgent()
    headers = {"Authorization": authorization} if authorization else {}
    handler = handler_of(credentials, agent)
    answer = handler(event({"message": "hi"}, headers=headers), None)
    assert answer["statusCode"] == status
    assert len(agent.messages) == (1 if status == 200 else 0)
    if status == 401:
        assert answer["headers"]["www-authenticate"] == "Bearer"
        assert "secret" not in answer["body"]


def test_a_request_is_refused_before_its_body_is_read():
    assert post("not json", handler_of({"token": "secret"}))[0] == 401


@pytest.mark.parametrize(
    "credentials",
    [{"token": ""}, {"token": "  "}, {"token": 5}, {"jwt_key": ""}, {"jwt_key": ["k"]}],
)
def test_settings_that_would_protect_nothing_are_refused(credentials):
    key = next(iter(credentials))
    with pytest.raises(CredentialsError, match=f"rest: '{key}'"):
        RestInput.from_credentials(credentials)


def test_unusable_credentials_close_the_channel_and_say_so_in_the_log_only(caplog):
    status, body = post({"message": "hi"}, handler_of({"token": 5}))
    assert status == 500
    assert "token" not in body
    assert "'token'" in caplog.text


class StreamingAgent:
    """Streams its answer, then says it as a whole; in the middle it dies when told to."""

    async def handle_message(self, message):
        output, sender = message.output_channel, message.sender_id
        await output.send_text_message(sender, "before")
        await output.send_response_chunk_start(sender)
        await output.send_response_chunk(sender, "One\n\n")
        if message.text == "die":
            raise AgentError("the model is gone")
        await output.send_response_chunk(sender, "two")
        await output.send_response_chunk_end(sender)
        answer = {"text": "One\n\ntwo", "image": "i"}
        if message.text == "buttons":
            answer["buttons"] = [{"title": "t"}]
        await output.send_response(sender, answer)
        await output.send_text_message(sender, "after")


def streamed(text, query):
    status, body = post({"message": text}, handler_of(agent=StreamingAgent()), query=query)
    assert status == 200
    lines = [json.loads(line) for line in body.splitlines()]
    return [{k: v for k, v in line.items() if k != "recipient_id"} for line in lines]


CHUNKS = [
    {"text": "before"},
    {"type": "stream_start"},
    {"type": "stream_chunk", "chunk": "One\n\n"},
    {"type": "stream_chunk", "chunk": "two"},
    {"type": "stream_end"},
]


@pytest.mark.parametrize("query", ["stream=chunks", "stream=CHUNKS"])
def test_chunks_stand_among_the_messages_when_asked_for(query):
    assert streamed("hi", query) == [
        *CHUNKS,
        {"text": "One", "streamed": True},
        {"text": "two", "streamed": True},
        {"image": "i"},
        {"text": "after"},
    ]


def test_buttons_with_a_streamed_text_are_marked_too():
    assert streamed("buttons", "stream=chunks") == [
        *CHUNKS,
        {"text": "One\n\ntwo", "buttons": [{"title": "t"}], "streamed": True},
        {"image": "i"},
        {"text": "after"},
    ]


def test_without_being_asked_for_there_are_no_chunks():
    assert streamed("hi", "stream=true") == [
        {"text": "before"},
        {"text": "One"},
        {"text": "two"},
        {"image": "i"},
        {"text": "after"},
    ]


def test_a_turn_that_dies_in_a_stream_leaves_it_open_before_the_error():
    *lines, last = streamed("die", "stream=chunks")
    assert lines == CHUNKS[:3]
    assert last["error"]["status"] == 502
