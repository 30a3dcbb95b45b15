"""Turns of a call: answers in time, silence, keys; calls without a worker; what is unasked."""

import asyncio
import json

import pytest

from channels.errors import AgentError, AgentTimeout, SendError
from channels.handlers.webhook import webhook
from channels.turns.parts import Parts
from channels.twilio_voice import TwilioVoiceInput
from channels.wiring.services import Services
from rasa.core.channels.twilio_voice import TwilioVoiceCollectingOutputChannel as RasasOutput
from rasa.core.channels.twilio_voice import TwilioVoiceInput as RasasInput
from tests.unit.twilio_voice.phone import (
    CALLER,
    MOOD,
    REPROMPT,
    SCRIPT,
    SORRY,
    KeyValueStore,
    Line,
    channel,
    collected,
    event,
    greeted,
    request,
    run,
    speak,
    twiml,
)


def test_an_answer_in_time_is_said_at_once():
    line = greeted()
    assert line.query == "turn=2"
    assert line.say("/great").inside == ["Carry on!"]
    assert line.query == "turn=3"
    assert line.clock.now < 3


def test_twilios_retry_gets_the_same_answer_and_the_agent_is_not_asked_again():
    line = greeted()
    first = line.post("turn=2", SpeechResult="/great")
    again = line.post("turn=2", SpeechResult="/great")
    assert first.text == again.text
    assert line.worker.asked == ["hello", "/great"]


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        ("1", "/great"),
        ("2", "/sad"),
        ("02", "/sad"),
        ("3", "3"),
        ("12345", "12345"),
    ],
)
def test_a_key_is_the_button_of_its_number_and_else_itself(keys, asked):
    line = greeted()
    line.press(keys)
    assert line.worker.asked == ["hello", asked]


@pytest.mark.parametrize("keys", ["0", "*", "#", "1*", "\u0661", "9" * 5000])
def test_other_keys_are_text(keys):
    line = Line({**SCRIPT, keys: [{"text": "What?"}]})
    line.ring()
    line.press(keys)
    assert line.worker.asked == ["hello", keys]


def test_after_another_answer_its_buttons_count():
    line = greeted()
    line.say("/great")
    line.press("1")
    assert line.worker.asked == ["hello", "/great", "1"]


def test_silence_hears_the_last_answer_again_and_the_agent_nothing():
    line = greeted()
    for _ in range(3):
        again = line.silence()
        assert again.said == ["Hey!", "How are you?", "Press 1 for great.", "Press 2 for sad."]
        assert line.query == "turn=2"
    line.press("2")
    assert line.worker.asked == ["hello", "/sad"]


@pytest.mark.parametrize("text", ["quiet", "picture"])
def test_a_bot_that_says_nothing_listens_and_asks_after_silence(text):
    line = greeted()
    answer = line.say(text)
    assert (answer.tags, answer.said) == (["Gather"], [])
    assert line.silence().inside == [REPROMPT]


def test_silence_after_an_answer_that_is_forgotten_is_asked_with_rasas_phrase():
    line = greeted(reprompt_fallback_phrase="Pardon?")
    line.memory.clear()
    assert line.silence().inside == ["Pardon?"]
    assert line.query == "turn=2"


def test_nobody_is_dialled_twice():
    line = greeted()
    assert line.say("agent").tags == ["Say", "Pause", "Say", "Pause", "Say", "Dial", "Gather"]
    assert line.silence().said == ["Anything else?"]
    line.say("dial")
    assert line.silence().said == [REPROMPT]


class Agent:
    """Answers as told."""

    def __init__(self, *messages, error=None):
        self.messages, self.error = messages, error

    async def handle_message(self, message):
        for each in self.messages:
            await message.output_channel.send_response(message.sender_id, each)
        if self.error:
            raise self.error


def without_worker(agent, name, timeout=5.0):
    """The answer where nothing but the function runs, as in `sam local invoke`."""
    services = Services(lambda section: {}, lambda: agent, timeout)
    return twiml(webhook(channel(), services)(event(name), None))


def test_without_an_inbox_the_agent_is_asked_in_the_request():
    said = without_worker(Agent({"text": "Hey!"}, MOOD), "ringing")
    assert said.said == ["Hey!", "How are you?", "Press 1 for great.", "Press 2 for sad."]
    assert said.next_query == "turn=2"


def test_without_an_inbox_a_bot_may_say_nothing():
    assert without_worker(Agent(), "speech").tags == ["Gather"]


@pytest.mark.parametrize("error", [AgentError("it is broken"), AgentTimeout("slow"), KeyError("x")])
def test_an_agent_that_fails_in_the_request_keeps_the_caller_on_the_line(error):
    said = without_worker(Agent(error=error), "speech")
    assert said.inside == [SORRY]
    assert said.next_query == "turn=3&from=1"


class SlowAgent:
    async def handle_message(self, message):
        await asyncio.sleep(60)


def test_an_agent_that_takes_too_long_in_the_request_too():
    assert without_worker(SlowAgent(), "speech", timeout=0.05).inside == [SORRY]


@pytest.mark.parametrize("name", ["silence", "silence_without_fields"])
def test_without_a_memory_silence_is_asked_with_rasas_phrase(name):
    assert without_worker(Agent(), name).inside == [REPROMPT]


def test_without_a_memory_a_key_is_text():
    assert without_worker(Agent({"text": "You pressed."}), "digit").inside == ["You pressed."]


def test_the_worker_hands_the_answer_over_once():
    memory = KeyValueStore()
    instance = channel()
    instance.memory = memory
    [message] = instance.parse(request("speech"))
    for text in ("first", "second"):
        run(speak(instance.output_for(message), CALLER, [{"text": text}]))
    [held] = memory.values()
    assert [each["text"] for each in json.loads(held)] == ["first"]


@pytest.mark.parametrize("kind", ["latest reply_to", "no reply_to", "no message"])
def test_a_call_cannot_be_spoken_to_unasked(kind):
    instance = channel()
    instance.memory = KeyValueStore()
    [message] = instance.parse(request("speech"))
    message.message_id = "another"
    if kind == "no reply_to":
        message.reply_to = None
    output = instance.get_output_channel() if kind == "no message" else instance.output_for(message)
    with pytest.raises(SendError, match="can only reply to a caller"):
        asyncio.run(output.send_response(CALLER, {"text": "Your order is on its way."}))
    marks = []
    output.parts = Parts(0, lambda parts, platform_id: marks.append(platform_id))
    run(speak(output, CALLER, [{"text": "Your order is on its way."}, MOOD]))
    assert all(mark.startswith("refused: twilio_voice") for mark in marks)
    assert len(marks) == 2
    assert instance.memory == {}


def test_rasas_output_collects_without_a_call():
    assert [each["text"] for each in collected({"text": "One\n\nTwo"})] == ["One", "Two"]


def test_rasas_module_path_leads_here():
    assert RasasInput is TwilioVoiceInput
    assert RasasOutput.name() == "twilio_voice"
