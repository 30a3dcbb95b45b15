"""Lambda handlers of channels: by name, by instance, in Rasa's style."""

import json

import pytest

from channels.channel import (
    CollectingOutputChannel,
    InputChannel,
    OutputChannel,
    UserMessage,
    accept_unsigned,
)
from channels.errors import CredentialsMissing, InboxUnavailable, VerificationError
from channels.handlers.webhook import webhook
from channels.http.blueprint import Blueprint
from channels.http.response import Response
from channels.rest import RestInput
from channels.wiring.services import Services


class HiAgent:
    async def handle_message(self, message):
        await message.output_channel.send_text_message(message.sender_id, f"hi {message.text}")


def services(credentials=None):
    return Services(lambda name: credentials or {}, HiAgent, 5.0)


def call(handler, body="{}", method="POST", path="/webhooks/myio/webhook", **headers):
    event = {
        "rawPath": path,
        "headers": headers,
        "requestContext": {"http": {"method": method}},
        "body": body,
    }
    answer = handler(event, None)
    return answer["statusCode"], answer["body"]


class Outbox(OutputChannel):
    """An output channel that remembers what it sent to whom."""

    def __init__(self, sent):
        super().__init__()
        self.sent = sent

    async def send_text_message(self, recipient_id, text, **kwargs):
        self.sent.append((recipient_id, text))


class MyIO(InputChannel):
    """A channel in our style: verify, parse, output_for."""

    def __init__(self):
        self.sent = []

    @classmethod
    def name(cls):
        return "myio"

    def verify(self, request):
        if request.token != "secret":
            raise VerificationError("wrong token")

    def parse(self, request):
        return [UserMessage(text, sender_id="me") for text in request.json["texts"]]

    def output_for(self, message):
        return Outbox(self.sent)


class RasaIO(InputChannel):
    """A channel in Rasa's style: it overrides blueprint."""

    @classmethod
    def name(cls):
        return "rasaio"

    def blueprint(self, on_new_message):
        routes = Blueprint("custom_webhook", __name__)

        @routes.route("/", methods=["GET"])
        async def health(request):
            return Response.json({"status": "ok"})

        @routes.post("/webhook")
        async def receive(request):
            collector = CollectingOutputChannel()
            await on_new_message(UserMessage(request.json.get("text"), collector, "me"))
            return Response.json(collector.messages)

        @routes.get("/version")
        def version(request):
            return Response.text("1")

        return routes


def test_a_channel_in_our_style_sends_every_message_of_a_request_and_acknowledges():
    channel = MyIO()
    handler = webhook(channel, services())
    assert call(handler, '{"texts": ["a", "b"]}', authorization="Bearer secret") == (200, "success")
    assert channel.sent == [("me", "hi a"), ("me", "hi b")]


def test_without_a_queue_a_message_is_completed_before_the_agent_is_asked():
    class Completing(MyIO):
        verify = accept_unsigned

        def enrich(self, message):
            message.text = f"{message.text}!"
            return message.text != "own!"

    channel = Completing()
    assert call(webhook(channel, services()), '{"texts": ["a", "own"]}') == (200, "success")
    assert channel.sent == [("me", "hi a!")]


def test_what_is_not_verified_is_not_parsed():
    channel = MyIO()
    status, body = call(webhook(channel, services()), "not json")
    assert status == 401
    assert json.loads(body)["message"] == "request refused"
    assert channel.sent == []


def test_a_channel_in_rasas_style_is_served_route_by_route():
    handler = webhook(RasaIO(), services())
    assert call(handler, '{"text": "x"}') == (200, '[{"recipient_id": "me", "text": "hi x"}]')
    assert call(handler, method="GET", path="/webhooks/rasaio/version") == (200, "1")
    assert call(handler, method="GET", path="/webhooks/rasaio/webhook")[0] == 405
    assert call(handler, path="/webhooks/rasaio/none")[0] == 404


def test_a_path_parameter_is_refused_by_name():
    with pytest.raises(ValueError, match="path parameters"):
        Blueprint("x").route("/webhook/<id>")


def test_a_handshake_is_answered_before_anything_is_verified():
    class Shaking(MyIO):
        methods = ("GET", "POST")

        def handshake(self, request):
            return Response.text(request.args["challenge"][0]) if request.method == "GET" else None

    event = {
        "rawPath": "/webhooks/myio/webhook",
        "rawQueryString": "challenge=42",
        "requestContext": {"http": {"method": "GET"}},
    }
    assert webhook(Shaking(), services())(event, None)["body"] == "42"


def test_a_channel_without_a_check_does_not_work_until_it_says_so(caplog):
    class Careless(InputChannel):
        def parse(self, request):
            return []

    class Open(Careless):
        verify = accept_unsigned

    assert call(webhook(Careless(), services()))[0] == 500
    assert "Careless must define verify" in caplog.text
    assert call(webhook(Open(), services())) == (200, "success")


class Inbox:
    def __init__(self, is_down=False):
        self.queued = []
        self.is_down = is_down

    def put(self, channel, messages):
        if self.is_down:
            raise InboxUnavailable("down")
        self.queued += [message.text for message in messages]


class Apologetic(MyIO):
    verify = accept_unsigned

    def unavailable_response(self, request):
        return Response.text("sorry")


def test_a_platform_that_never_sends_again_is_told_of_what_was_not_taken(caplog):
    inbox = Inbox(is_down=True)
    handler = webhook(Apologetic(), Services(lambda name: {}, HiAgent, 5.0, inbox))
    assert call(handler, '{"texts": ["a"]}') == (200, "sorry")
    assert "not queued" in caplog.text
    inbox.is_down = False
    assert call(handler, '{"texts": ["a"]}') == (200, "success")
    assert inbox.queued == ["a"]


class Waiting(MyIO):
    """Answers inside the request what the worker brings to its memory."""

    answers_in_request = True
    waits_for_worker = True
    verify = accept_unsigned

    async def answer(self, request, messages, on_new_message):
        for message in messages:
            message.output_channel = self.output_for(message)
            await on_new_message(message)
        return Response.text(f"{request.url} {self.sent}")


@pytest.mark.parametrize(
    ("inbox", "memory", "queued"),
    [(Inbox(), {}, True), (None, {}, False), (Inbox(), None, False)],
    ids=["deployed", "sam local invoke", "no memory"],
)
def test_a_turn_that_the_worker_answers_is_queued_where_that_can_be(inbox, memory, queued):
    channel = Waiting()
    channel.memory = memory
    services = Services(lambda name: {}, HiAgent, 5.0, inbox, public_base_url="https://b.example")
    _, body = call(webhook(channel, services), '{"texts": ["a"]}')
    assert body == f"https://b.example/webhooks/myio/webhook {[] if queued else [('me', 'hi a')]}"
    assert (inbox.queued if inbox else []) == (["a"] if queued else [])


def test_a_defect_is_logged_and_never_shown(caplog):
    class Broken(MyIO):
        verify = accept_unsigned

        def parse(self, request):
            raise KeyError("internal detail")

    status, body = call(webhook(Broken(), services()))
    assert status == 500
    assert json.loads(body)["message"] == "internal error"
    assert "internal detail" in caplog.text


def test_a_class_is_made_by_its_name_and_again_when_its_credentials_change():
    sections = [{"token": "one"}, {"token": "two"}]
    current = [sections[0]]
    handler = webhook("rest", Services(lambda name: current[0], HiAgent))
    body = '{"message": "x"}'
    assert call(handler, body, authorization="Bearer one")[0] == 200
    current[0] = sections[1]
    assert call(handler, body, authorization="Bearer one")[0] == 401
    assert call(handler, body, authorization="Bearer two")[0] == 200


def test_health_needs_no_credentials_and_a_message_without_them_is_refused(caplog):
    def missing(name):
        raise CredentialsMissing(f"'{name}' has no credentials")

    handler = webhook("rest", Services(missing, HiAgent))
    assert call(handler, method="GET", path="/webhooks/rest")[0] == 200
    assert call(handler, '{"message": "x"}')[0] == 500
    assert "'rest' has no credentials" in caplog.text


def test_an_instance_made_in_python_needs_no_credentials():
    def unasked(name):
        raise AssertionError("asked for credentials")

    handler = webhook(RestInput(token="secret"), Services(unasked, HiAgent))
    assert call(handler, '{"message": "x"}')[0] == 401
    assert call(handler, '{"message": "x"}', authorization="Bearer secret")[0] == 200


@pytest.mark.parametrize("event", [None, {}, [], "x", {"Records": []}])
def test_an_event_that_is_no_http_request_is_a_400(event):
    assert webhook(MyIO(), services())(event, None)["statusCode"] == 400
