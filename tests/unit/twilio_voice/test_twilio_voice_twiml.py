"""What the bot says, as TwiML; twilio-python writes the same."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from channels.messages.text import split_messages
from channels.twilio_voice.twiml import MAX_SAY, hold, listen, script_of
from tests.unit.twilio_voice.phone import Twiml, collected, settings

ACTION = "https://h/prod/webhooks/twilio_voice/webhook?turn=2&from=1"
GATHER = {
    "action": ACTION,
    "actionOnEmptyResult": True,
    "enhanced": False,
    "input": "speech dtmf",
    "method": "POST",
    "speechModel": "default",
    "speechTimeout": "5",
}


def rest(skip):
    return f"https://h/rest?skip={skip}"


def document(*messages, skip=0, **changes):
    given = settings(**changes)
    return listen(script_of(collected(*messages), given), given, ACTION, rest, skip)


def spoken(*messages, **changes):
    return Twiml(document(*messages, **changes))


def same(ours, theirs):
    """Whether two documents are one: attributes in any order, characters written in any way."""
    return ElementTree.canonicalize(ours) == ElementTree.canonicalize(str(theirs))


def response(*before, inside=(), voice="woman", **gather):
    """twilio-python's document: texts before the Gather with pauses, texts inside."""
    made = VoiceResponse()
    for text in before:
        made.say(text, voice=voice)
        made.pause(length=1)
    listening = Gather(**{**GATHER, **gather})
    for number, text in enumerate(inside):
        if number:
            listening.pause(length=1)
        listening.say(text, voice=voice)
    made.append(listening)
    return made


def test_the_last_message_is_said_while_listening_as_in_rasa():
    ours = document({"text": "Hey!"}, {"text": "How are you?"})
    assert same(ours, response("Hey!", inside=["How are you?"]))


def test_each_paragraph_is_a_message_as_in_rasa():
    assert same(document({"text": "One\n\nTwo\n\nThree"}), response("One", "Two", inside=["Three"]))


def test_a_document_as_it_is_written():
    ours = document(
        {"text": "A & B <x> \u00e9\x00"},
        assistant_voice="Polly.Joanna-Neural",
        language="en-US",
        speech_timeout="auto",
    )
    assert ours == (
        '<?xml version="1.0" encoding="UTF-8"?><Response><Gather '
        'action="https://h/prod/webhooks/twilio_voice/webhook?turn=2&amp;from=1" '
        'actionOnEmptyResult="true" enhanced="false" input="speech dtmf" language="en-US" '
        'method="POST" speechTimeout="auto"><Say language="en-US" voice="Polly.Joanna-Neural">'
        "A &amp; B &lt;x&gt; \u00e9</Say></Gather></Response>"
    )


def test_settings_of_voice_and_recognition():
    ours = document(
        {"text": "Ol\u00e1"},
        assistant_voice="Polly.Camila-Neural",
        language="pt-BR",
        hints="pedido, troca",
        speech_model="phone_call",
        enhanced="true",
        speech_timeout=3,
    )
    theirs = VoiceResponse()
    listening = Gather(
        **{**GATHER, "language": "pt-BR", "hints": "pedido, troca", "speechModel": "phone_call",
           "enhanced": True, "speechTimeout": "3"}
    )  # fmt: skip
    listening.say("Ol\u00e1", voice="Polly.Camila-Neural", language="pt-BR")
    theirs.append(listening)
    assert same(ours, theirs)


@pytest.mark.parametrize(
    ("model", "sent"), [("default", None), ("numbers_and_commands", "numbers_and_commands")]
)
def test_an_automatic_end_of_speech_names_no_model_where_twilio_would_warn(model, sent):
    gather = spoken({"text": "hi"}, speech_timeout="auto", speech_model=model).gather
    assert gather.get("speechTimeout") == "auto"
    assert gather.get("speechModel") == sent


BUTTONS = [{"title": "great", "payload": "/great"}, {"title": "super sad", "payload": "/sad"}]


def test_buttons_can_be_pressed_from_the_first_word_on():
    ours = document({"text": "Hey!"}, {"text": "How are you?", "buttons": BUTTONS})
    inside = ["How are you?", "Press 1 for great.", "Press 2 for super sad."]
    assert same(ours, response("Hey!", inside=inside, numDigits=1))


def test_buttons_of_several_messages_have_numbers_of_their_own():
    said = spoken(
        {"text": "Hey!"},
        {"text": "This?", "buttons": BUTTONS},
        {"text": "Or that?", "quick_replies": [{"title": "that", "payload": "/that"}]},
        {"text": "Well?"},
    )
    assert said.inside[-3:] == ["Or that?", "Press 3 for that.", "Well?"]
    assert said.tags == ["Say", "Pause", "Gather"]


@pytest.mark.parametrize(("count", "keys"), [(1, "1"), (9, "1"), (10, "2"), (120, "3")])
def test_every_button_is_offered_and_no_more_keys_are_waited_for_than_needed(count, keys):
    buttons = [{"title": f"T{number}", "payload": f"/{number}"} for number in range(1, count + 1)]
    said = spoken({"text": "Pick", "buttons": buttons})
    assert said.inside == ["Pick", *(f"Press {n} for T{n}." for n in range(1, count + 1))]
    assert said.gather.get("numDigits") == keys


def test_without_buttons_any_number_of_keys_may_be_pressed():
    assert spoken({"text": "Your order number, please"}).gather.get("numDigits") is None


@pytest.mark.parametrize(
    ("button", "said", "payload"),
    [
        ({"title": "yes", "payload": "/yes"}, "Press 1 for yes.", "/yes"),
        ({"title": "yes"}, "Press 1 for yes.", "yes"),
        ({"payload": "/yes"}, "Press 1 for /yes.", "/yes"),
        ({"title": "{number}{0}", "payload": "/yes"}, "Press 1 for {number}{0}.", "/yes"),
        ({"title": 7, "payload": "/seven"}, "Press 1 for 7.", "/seven"),
        ({"title": "yes", "payload": "/" + "p" * 5000}, "Press 1 for yes.", "/" + "p" * 5000),
    ],
)
def test_what_a_key_stands_for(button, said, payload):
    script = script_of(collected({"text": "Sure?", "buttons": [button]}), settings())
    assert script.verbs[-1].text == said
    assert script.payloads == [payload]


def test_the_words_for_buttons_are_a_setting():
    said = spoken({"text": "Na?", "buttons": BUTTONS}, button_phrase="{title}: Taste {number}")
    assert said.inside[1:] == ["great: Taste 1", "super sad: Taste 2"]


def test_a_carousel_is_said_with_its_buttons():
    card = {"title": "Card", "subtitle": "The first", "buttons": BUTTONS[:1]}
    assert spoken({"elements": [card]}).inside == ["Card : The first", "Press 1 for great."]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"image": "https://example.com/i.png"}, []),
        ({"text": "Look:", "image": "https://example.com/i.png"}, ["Look:"]),
        ({"image": "https://example.com/i.png", "alt_text": "A map"}, ["A map"]),
        ({"attachment": "https://example.com/f.pdf"}, []),
        ({"attachment": "the price list"}, ["the price list"]),
        ({"attachment": {"title": "Prices", "payload": {"url": "https://x"}}}, ["Prices"]),
        ({"attachment": {"type": "file"}}, []),
        ({"attachment": ["https://x"]}, []),
        ({"custom": {"type": "demo", "answer": 42}}, []),
        ({"custom": "text"}, []),
        ({"custom": {"text": "spoken"}}, ["spoken"]),
        ({"text": "  \n\n "}, []),
    ],
)
def test_what_cannot_be_heard_is_left_out_and_the_bot_listens(message, said):
    heard = spoken(message)
    assert heard.said == said
    assert heard.tags == ["Gather"]


def test_what_is_left_out_is_in_the_log(caplog):
    document({"image": "https://example.com/private.png"})
    assert "an image without 'alt_text'" in caplog.text
    assert "private" not in caplog.text


def test_a_bot_that_says_nothing_listens():
    assert same(document(), response())


def verbs(custom, **changes):
    return [
        (element.tag, dict(element.attrib), element.text)
        for element in spoken({"custom": custom}, **changes).root.iter()
        if element.tag not in ("Response", "Gather")
    ]


WOMAN = {"voice": "woman"}


@pytest.mark.parametrize(
    ("custom", "expected"),
    [
        ({"say": "Hi"}, [("Say", WOMAN, "Hi")]),
        (
            {"say": "Salut", "voice": "Polly.Lea", "language": "fr-FR"},
            [("Say", {"voice": "Polly.Lea", "language": "fr-FR"}, "Salut")],
        ),
        ({"say": "Hi", "voice": 7}, [("Say", WOMAN, "Hi")]),
        ({"play": "https://example.com/a.mp3?b=1&c=2"},
         [("Play", {}, "https://example.com/a.mp3?b=1&c=2")]),
        ({"pause": 2}, [("Pause", {"length": "2"}, None)]),
        ({"dial": "+15005550001"}, [("Dial", {}, "+15005550001")]),
        ({"dial": "sip:ann@example.com"},
         [("Dial", {}, None), ("Sip", {}, "sip:ann@example.com")]),
        ({"dial": "client:ann"}, [("Dial", {}, None), ("Client", {}, "ann")]),
        ({"hangup": True}, [("Hangup", {}, None)]),
        ({"hangup": True, "say": "Bye"}, [("Say", WOMAN, "Bye"), ("Hangup", {}, None)]),
        (
            [{"dial": "+15005550001"}, {"say": "Back again"}],
            [("Dial", {}, "+15005550001"), ("Say", WOMAN, "Back again")],
        ),
        ([{"hangup": True}, {"say": "too late"}], [("Hangup", {}, None)]),
        ({"play": "/etc/passwd", "say": "x"}, [("Say", WOMAN, "x")]),
        ({"pause": 0, "say": "x"}, [("Say", WOMAN, "x")]),
        ({"pause": True, "say": "x"}, [("Say", WOMAN, "x")]),
        ({"dial": "me", "say": "x"}, [("Say", WOMAN, "x")]),
        ({"hangup": "no", "say": "x"}, [("Say", WOMAN, "x")]),
        ([None, 1, {"say": "x"}], [("Say", WOMAN, "x")]),
    ],
)  # fmt: skip
def test_custom_json_steers_the_call(custom, expected):
    assert verbs(custom) == expected


def test_a_hang_up_ends_the_document():
    said = spoken({"text": "Thank you."}, {"custom": {"hangup": True}}, goodbye_phrase="Goodbye.")
    assert said.tags == ["Say", "Pause", "Say", "Hangup"]
    assert said.said == ["Thank you.", "Goodbye."]


def test_after_a_dialled_call_the_bot_listens_again():
    ours = document({"text": "I connect you."}, {"custom": {"dial": "+15005550001"}})
    theirs = VoiceResponse()
    theirs.say("I connect you.", voice="woman")
    theirs.append(Dial("+15005550001"))
    theirs.append(Gather(**GATHER))
    assert same(ours, theirs)


def test_who_is_dialled_is_not_asked_for_keys():
    said = spoken({"text": "Sure?", "buttons": BUTTONS}, {"custom": {"dial": "+15005550001"}})
    assert said.tags[-2:] == ["Dial", "Gather"]
    assert said.inside == []


def test_patience_is_asked_for():
    theirs = VoiceResponse()
    theirs.say("One moment, please.", voice="woman")
    theirs.pause(length=2)
    theirs.redirect("https://h/webhook?turn=2&wait=1", method="POST")
    assert same(hold(settings(), "https://h/webhook?turn=2&wait=1"), theirs)


def test_a_long_text_is_several_says_and_nothing_is_lost():
    text = " ".join(f"word{number}" for number in range(5000))
    said = spoken({"text": text}).said
    assert max(map(len, said)) <= MAX_SAY
    assert " ".join(said) == text


def test_a_script_too_long_for_one_document_goes_on_in_another():
    words = [f"\u00fc{number}" for number in range(40_000)]
    message = {"text": " ".join(words)}
    heard, skip, documents = [], 0, 0
    while True:
        text = document(message, skip=skip)
        assert len(text.encode()) < 65_536
        part, documents = Twiml(text), documents + 1
        heard += part.said
        if part.gather is not None:
            break
        skip = int(re.search(r"skip=(\d+)", part.redirect)[1])
    assert documents > 3
    assert " ".join(heard).split() == words


TEXTS = st.text(max_size=300)
XML_TEXT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def normalised(text):
    """As XML reads line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(texts=st.lists(TEXTS, max_size=4))
def test_any_text_is_said_as_twilio_python_would(texts):
    said = [
        part
        for text in texts
        for paragraph in text.strip().split("\n\n")
        for part in split_messages(XML_TEXT.sub("", paragraph), MAX_SAY)
    ]
    ours = document(*({"text": text} for text in texts))
    assert [normalised(text) for text in said] == Twiml(ours).said
    theirs = response(*said[:-1], inside=said[-1:])
    assert same(ours, theirs)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["text", "say", "voice", "language", "play", "pause", "dial", "hangup", "title",
                 "payload", "buttons"]
            ) | st.text(max_size=5),
            children,
            max_size=4,
        )
    ),
    max_leaves=8,
)  # fmt: skip


@given(custom=JSON, attachment=JSON, buttons=st.lists(st.dictionaries(
    st.sampled_from(["title", "payload", "x"]), JSON, max_size=3), max_size=3))  # fmt: skip
def test_whatever_the_bot_says_is_a_document_that_keeps_the_caller(custom, attachment, buttons):
    said = spoken({"text": "T", "buttons": buttons, "custom": custom, "attachment": attachment})
    assert said.tags[-1] in ("Gather", "Hangup")
    for say in said.root.iter("Say"):
        assert say.text.strip()
        assert len(say.text) <= MAX_SAY
