"""Where the turn of a connector's message runs, and what its handler leaves behind."""

import asyncio

import pytest

from channels.channel import CollectingOutputChannel, InputChannel, OutputChannel, UserMessage
from channels.handlers.webhook import webhook
from channels.wiring.services import Services
from sanic import Blueprint, response
from tests.connectors.calls import JSON, event

FOREVER = 3600


class Agent:
    """Answers; `tasks` are those it starts and leaves at work."""

    def __init__(self):
        self.tasks = []
        self.answered = []

    async def handle_message(self, message):
        self.tasks.append(asyncio.create_task(asyncio.sleep(FOREVER)))
        self.answered.append(message.text)
        await message.output_channel.send_text_message(message.sender_id, f"re: {message.text}")


class Inbox:
    def __init__(self):
        self.queued = []

    def put(self, channel, messages):
        self.queued += [message.text for message in messages]


class Output(OutputChannel):
    def __init__(self, room):
        super().__init__()
        self.room = room

    async def send_text_message(self, recipient_id, text, **kwargs):
        return None


class Other(Output):
    pass


class Connector(InputChannel):
    """Its handler is what a test gives it."""

    def __init__(self, handle):
        self.handle = handle

    def name():
        return "connector"

    def blueprint(self, on_new_message):
        routes = Blueprint("connector")

        @routes.post("/webhook")
        async def receive(request):
            return await self.handle(on_new_message) or response.text("ok")

        return routes


class Proactive(Connector):
    def get_output_channel(self):
        return Output("lobby")


class Failing(Connector):
    def get_output_channel(self):
        raise RuntimeError("not without a request")


class Ours(Connector):
    def output_for(self, message):
        return Output(message.reply_to["room"])


def run(connector, handle, *, timeout=5.0, inbox=None, agent=None):
    """Status and body of the answer, what was queued, what the agent answered."""
    inbox, agent = inbox or Inbox(), agent or Agent()
    handler = webhook(connector(handle), Services(lambda name: {}, lambda: agent, timeout, inbox))
    told = handler(event("POST", "connector/webhook", JSON, "{}"), None)
    return told["statusCode"], inbox.queued, agent.answered


def sending(output):
    async def handle(on_new_message):
        await on_new_message(UserMessage("x", output, "me"))

    return handle


@pytest.mark.parametrize(
    ("connector", "output", "is_queued"),
    [
        (Proactive, Output("lobby"), True),
        (Proactive, Output("thread 7"), False),
        (Proactive, Other("lobby"), False),
        (Proactive, CollectingOutputChannel(), False),
        (Connector, Output("lobby"), False),
        (Connector, None, False),
        (Failing, Output("lobby"), False),
        (Ours, Output("anywhere"), True),
        (Ours, CollectingOutputChannel(), False),
    ],
)
def test_a_message_is_queued_if_the_worker_can_make_its_output(connector, output, is_queued):
    status, queued, answered = run(connector, sending(output))
    assert (status, queued, answered) == (
        200,
        ["x"] if is_queued else [],
        [] if is_queued else ["x"],
    )


def test_without_an_inbox_every_turn_runs_in_the_request():
    agent = Agent()
    connector = Proactive(sending(Output("lobby")))
    handler = webhook(connector, Services(lambda name: {}, lambda: agent, 5.0))
    assert handler(event("POST", "connector/webhook", JSON, "{}"), None)["statusCode"] == 200
    assert agent.answered == ["x"]


def test_what_a_handler_starts_is_finished_before_the_answer():
    async def later(on_new_message):
        await asyncio.sleep(0.01)
        await on_new_message(UserMessage("x", Output("thread 7"), "me"))

    async def handle(on_new_message):
        asyncio.create_task(later(on_new_message))  # noqa: RUF006

    assert run(Connector, handle) == (200, [], ["x"])


def test_what_fails_in_the_background_fails_the_request():
    async def broken():
        raise KeyError("lost")

    async def handle(on_new_message):
        asyncio.create_task(broken())  # noqa: RUF006

    assert run(Connector, handle)[0] == 500


def test_a_turn_that_failed_beside_the_handler_fails_the_request():
    class Broken(Agent):
        async def handle_message(self, message):
            raise RuntimeError("down")

    async def handle(on_new_message):
        done = asyncio.create_task(on_new_message(UserMessage("x", Output("a"), "me")))
        await asyncio.wait([done])
        assert done.exception()

    assert run(Connector, handle, agent=Broken())[0] == 502


def test_a_failure_that_the_handler_answers_itself_is_its_own():
    class Broken(Agent):
        async def handle_message(self, message):
            raise RuntimeError("down")

    async def handle(on_new_message):
        try:
            await on_new_message(UserMessage("x", Output("a"), "me"))
        except Exception:
            return response.text("sorry", status=218)

    assert run(Connector, handle, agent=Broken())[0] == 218


def test_what_never_ends_is_stopped_and_told(caplog):
    async def handle(on_new_message):
        asyncio.create_task(asyncio.sleep(FOREVER))  # noqa: RUF006

    assert run(Connector, handle, timeout=0.2)[0] == 504
    assert "tasks still running when the response was due" in caplog.text


def test_an_agent_that_takes_too_long_is_told():
    class Slow(Agent):
        async def handle_message(self, message):
            await asyncio.sleep(FOREVER)

    assert run(Connector, sending(Output("a")), timeout=0.2, agent=Slow())[0] == 504
