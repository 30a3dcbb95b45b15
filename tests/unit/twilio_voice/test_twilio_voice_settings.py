"""The section `twilio_voice` of credentials.yml."""

import pytest
import yaml

from channels.errors import CredentialsError
from channels.twilio_voice import TwilioVoiceInput
from channels.wiring.registry import create_channel
from tests.unit.twilio_voice.phone import CREDENTIALS, TOKEN, settings


def test_rasas_defaults():
    given = settings()
    assert given.initial_prompt == "hello"
    assert given.reprompt_fallback_phrase == "I'm sorry I didn't get that could you rephrase."
    assert given.assistant_voice == "woman"
    assert given.speech_timeout == "5"
    assert given.speech_model == "default"
    assert given.enhanced is False
    assert given.conversation_granularity == "caller"


@pytest.mark.parametrize(
    ("written", "attribute", "read"),
    [
        ("speech_timeout: 3", "speech_timeout", "3"),
        ('speech_timeout: "3"', "speech_timeout", "3"),
        ("speech_timeout: auto", "speech_timeout", "auto"),
        ("speech_timeout:", "speech_timeout", "5"),
        ("{enhanced: true, speech_model: phone_call}", "enhanced", True),
        ('{enhanced: "true", speech_model: phone_call}', "enhanced", True),
        ('enhanced: "False"', "enhanced", False),
        ("enhanced:", "enhanced", False),
        ("assistant_voice: Polly.Joanna-Neural", "assistant_voice", "Polly.Joanna-Neural"),
        ("assistant_voice: Google.en-US-Chirp3-HD-Aoede", "assistant_voice",
         "Google.en-US-Chirp3-HD-Aoede"),
        ("speech_model: googlev2_telephony", "speech_model", "googlev2_telephony"),
        ("speech_model: deepgram_nova-3", "speech_model", "deepgram_nova-3"),
        ("speech_model: numbers_and_commands", "speech_model", "numbers_and_commands"),
        ("language: pt-BR", "language", "pt-BR"),
        ("language: cmn-Hans-CN", "language", "cmn-Hans-CN"),
        ("hints: refund, order", "hints", "refund, order"),
        ("hints: [refund, my order]", "hints", "refund, my order"),
        ("goodbye_phrase: Bye", "goodbye_phrase", "Bye"),
        ("conversation_granularity: call", "conversation_granularity", "call"),
    ],
)  # fmt: skip
def test_what_may_be_written(written, attribute, read):
    assert getattr(settings(**yaml.safe_load(written)), attribute) == read


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("initial_prompt: ''", "initial_prompt"),
        ("initial_prompt: 5", "initial_prompt"),
        ("reprompt_fallback_phrase: [again]", "reprompt_fallback_phrase"),
        ("assistant_voice: a woman", "assistant_voice"),
        ("assistant_voice: true", "assistant_voice"),
        ("speech_timeout: soon", "speech_timeout"),
        ("speech_timeout: 0", "speech_timeout"),
        ("speech_timeout: -1", "speech_timeout"),
        ("speech_timeout: 2.5", "speech_timeout"),
        ("speech_timeout: true", "speech_timeout"),
        ("speech_model: the best", "speech_model"),
        ("enhanced: maybe", "enhanced"),
        ("enhanced: 1", "enhanced"),
        ("enhanced: true", "enhanced"),
        ("{enhanced: true, speech_model: numbers_and_commands}", "enhanced"),
        ("{speech_timeout: auto, speech_model: phone_call}", "speech_timeout"),
        ("{speech_timeout: auto, speech_model: googlev2_telephony}", "speech_timeout"),
        ("language: english please", "language"),
        ("hints: {a: b}", "hints"),
        ("hints: [1]", "hints"),
        ("hold_phrase: 1", "hold_phrase"),
        ("late_phrase: ''", "late_phrase"),
        ("sorry_phrase: []", "sorry_phrase"),
        ("goodbye_phrase: ''", "goodbye_phrase"),
        ("button_phrase: Press a key", "button_phrase"),
        ("conversation_granularity: sender", "conversation_granularity"),
        ("conversation_granularity: 1", "conversation_granularity"),
        ("auth_token: 1", "auth_token"),
    ],
)
def test_what_cannot_serve_is_named(written, key):
    with pytest.raises(CredentialsError, match=f"twilio_voice: '{key}'.*docs/.*twilio_voice"):
        create_channel("twilio_voice", {**CREDENTIALS, **yaml.safe_load(written)})


@pytest.mark.parametrize("credentials", [{"initial_prompt": "hi"}, {"auth_token": " "}])
def test_without_a_token_the_channel_refuses_to_work(credentials):
    with pytest.raises(CredentialsError, match="'auth_token' is needed"):
        create_channel("twilio_voice", credentials)


@pytest.mark.parametrize("credentials", [None, {}])
def test_without_a_section_the_channel_says_what_to_do(credentials):
    with pytest.raises(CredentialsError, match="section 'twilio_voice'"):
        create_channel("twilio_voice", credentials)


def test_unsigned_requests_must_be_allowed():
    assert create_channel("twilio_voice", {"allow_unsigned": True}).name() == "twilio_voice"


def test_it_can_be_made_in_python_with_rasas_parameters():
    made = TwilioVoiceInput("hi", "what?", "man", 3, "phone_call", True, credentials=CREDENTIALS)
    assert made.name() == "twilio_voice"
    with pytest.raises(CredentialsError, match="assistant_voice"):
        TwilioVoiceInput(assistant_voice="no voice", credentials={"auth_token": TOKEN})
