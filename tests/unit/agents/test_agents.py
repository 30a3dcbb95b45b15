"""The choice of the agent and the demo agent."""

import asyncio

import pytest

from channels.agents.agent import load_agent
from channels.agents.demo import DemoAgent
from channels.channel import CollectingOutputChannel, OutputChannel, UserMessage
from channels.errors import CredentialsError


class PlainAgent:
    async def handle_message(self, message):
        return None


class ConfiguredAgent(PlainAgent):
    def __init__(self, key):
        self.key = key

    @classmethod
    def from_credentials(cls, credentials):
        return cls(credentials["token"])


class RememberingAgent(PlainAgent):
    def __init__(self, **given):
        self.given = given

    @classmethod
    def from_credentials(cls, credentials, *, memory, timeout):
        return cls(credentials=credentials, memory=memory, timeout=timeout)


def load(agent="", rasa_url="", memory=None):
    return load_agent(agent, rasa_url, lambda: {"token": "k"}, timeout=5.0, memory=memory)


def test_without_parameters_the_demo_agent_answers():
    assert isinstance(load(), DemoAgent)


def test_rasa_url_asks_a_rasa_server():
    assert type(load(rasa_url="http://127.0.0.1:5005")).__name__ == "RasaAgent"


def test_an_agent_of_ones_own_is_named_by_module_and_class_and_wins():
    agent = load(agent=f"{__name__}:PlainAgent", rasa_url="http://127.0.0.1:5005")
    assert type(agent).__name__ == "PlainAgent"


def test_an_agent_of_ones_own_may_take_the_agent_section_of_the_credentials():
    assert load(agent=f"{__name__}:ConfiguredAgent").key == "k"


@pytest.mark.parametrize(
    ("memory", "given"), [(lambda name: f"memory of {name}", "memory of agent"), (None, None)]
)
def test_an_agent_of_ones_own_is_given_memory_and_time_limit_if_it_asks(memory, given):
    agent = load(agent=f"{__name__}:RememberingAgent", memory=memory)
    assert agent.given == {"credentials": {"token": "k"}, "memory": given, "timeout": 5.0}


@pytest.mark.parametrize(
    "path", ["addons.missing:Agent", f"{__name__}:Missing", "nocolon", ":", "a:"]
)
def test_an_agent_that_cannot_be_loaded_is_named(path):
    with pytest.raises(CredentialsError, match=f"'{path}'"):
        load(agent=path)


def converse(text):
    output = CollectingOutputChannel()
    asyncio.run(DemoAgent().handle_message(UserMessage(text, output, "me")))
    return [{k: v for k, v in item.items() if k != "recipient_id"} for item in output.messages]


@pytest.mark.parametrize("text", ["hi", "Hello!", "/greet", '/greet{"name": "x"}', "good morning"])
def test_demo_greets_with_buttons(text):
    [greeting] = converse(text)
    assert greeting["text"] == "Hey! How are you?"
    assert [button["payload"] for button in greeting["buttons"]] == ["/mood_great", "/mood_unhappy"]


def test_demo_cheers_up_with_an_image():
    assert [sorted(item) for item in converse("/mood_unhappy")] == [
        ["text"],
        ["image"],
        ["buttons", "text"],
    ]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("help", {"text", "buttons"}),
        ("/cards", {"text", "buttons"}),
        ("/custom", {"custom"}),
        ("/attachment", {"attachment"}),
        ("bye", {"text"}),
        ("are you a bot?", {"text"}),
        ("yes", {"text"}),
        ("no", {"text"}),
    ],
)
def test_demo_shows_every_kind_of_message(text, keys):
    assert {key for item in converse(text) for key in item} == keys


@pytest.mark.parametrize("text", ["something else", "", None])
def test_demo_answers_whatever_comes(text):
    assert len(converse(text)) == 2


def test_demo_streams_chunks_that_make_up_the_full_text():
    class Streaming(OutputChannel):
        def __init__(self):
            super().__init__()
            self.events = []

        async def send_response_chunk_start(self, recipient_id, **kwargs):
            self.events.append("start")

        async def send_response_chunk(self, recipient_id, chunk, **kwargs):
            self.events.append(chunk)

        async def send_response_chunk_end(self, recipient_id, **kwargs):
            self.events.append("end")

        async def send_text_message(self, recipient_id, text, **kwargs):
            self.events.append({"text": text})

    output = Streaming()
    asyncio.run(DemoAgent().handle_message(UserMessage("/stream", output, "me")))
    start, *chunks, end, full = output.events
    assert (start, end) == ("start", "end")
    assert len(chunks) > 5
    assert "".join(chunks).strip() == full["text"]
