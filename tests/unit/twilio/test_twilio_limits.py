"""Twilio's limits: 1600 characters, ten files (on WhatsApp one), and nothing of it left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import SendError
from channels.messages.text import utf16_units
from channels.twilio.custom_json import ARGUMENTS, MAX_BODY, messages_of, parameters_of
from tests.unit.twilio.account import USER, WHATSAPP_USER, KeyValueStore, say

IMAGE = "https://example.com/i.png"
WORDS = "word " * 700


def letters(texts):
    return "".join("".join(texts).split())


def test_a_long_text_is_cut_at_spaces():
    bodies = [form["Body"] for form in say({"text": WORDS})]
    assert [len(body) for body in bodies] == [1599, 1599, 299]
    assert letters(bodies) == letters([WORDS])


def test_a_text_that_just_fits_is_one_message():
    assert len(say({"text": "x" * MAX_BODY})) == 1
    assert len(say({"text": "x" * (MAX_BODY + 1)})) == 2


def test_an_emoji_counts_as_two_and_is_not_cut():
    bodies = [form["Body"] for form in say({"text": "\U0001f44b" * 801})]
    assert [utf16_units(body) for body in bodies] == [1600, 2]


def test_buttons_that_do_not_fit_go_on_in_the_next_message():
    buttons = [{"title": f"{'x' * 70} {number}", "payload": "/p" * 5000} for number in range(50)]
    bodies = [form["Body"] for form in say({"text": "Pick\n\none", "buttons": buttons})]
    assert all(utf16_units(body) <= MAX_BODY for body in bodies)
    lines = "\n".join(bodies).splitlines()
    assert lines[:3] == ["Pick", "", "one"]
    assert lines[3:] == [f"{n}. {'x' * 70} {n - 1}" for n in range(1, 51)]


def test_all_numbers_of_a_long_list_are_remembered_with_its_first_message():
    memory = KeyValueStore()
    buttons = [{"title": f"{'x' * 70} {number}"} for number in range(50)]
    say({"text": "Pick", "buttons": buttons}, memory=memory)
    [record] = memory.values()
    assert "x 49" in record


def test_a_long_custom_body_goes_on_in_further_messages_with_the_files_on_the_first():
    forms = say({"custom": {"body": WORDS, "media_url": IMAGE, "smart_encoded": True}})
    assert [("MediaUrl" in form, form["SmartEncoded"]) for form in forms] == [
        (True, "true"),
        (False, "true"),
        (False, "true"),
    ]
    assert letters(form["Body"] for form in forms) == letters([WORDS])


FILES = [f"https://example.com/{number}.png" for number in range(11)]


def test_more_than_ten_files_go_on_in_the_next_message():
    forms = say({"custom": {"body": "see", "media_url": FILES}})
    assert [form.get("Body") for form in forms] == ["see", None]
    assert [form["MediaUrl"] for form in forms] == [FILES[:10], FILES[10]]


@pytest.mark.parametrize("settings", [{"recipient": WHATSAPP_USER}, {}])
def test_whatsapp_takes_one_file_a_message(settings):
    to = {} if settings else {"to": WHATSAPP_USER}
    custom = {**to, "body": "see", "media_url": FILES[:3]}
    forms = say({"custom": custom}, received="whatsapp_text", **settings)
    assert [form.get("Body") for form in forms] == ["see", None, None]
    assert [form["MediaUrl"] for form in forms] == FILES[:3]


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=4000))
def test_of_any_custom_text_nothing_is_left_out(text):
    messages = messages_of({"body": text}, USER)
    assert all(utf16_units(message["body"]) <= MAX_BODY for message in messages)
    assert letters(message["body"] for message in messages) == letters([text])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children),
    max_leaves=5,
)


@given(custom=st.dictionaries(st.sampled_from(sorted(ARGUMENTS)), JSON, min_size=1))
def test_any_values_of_known_arguments_become_parameters(custom):
    for message in messages_of(custom, USER):
        parameters = parameters_of(message)
        assert all(isinstance(each, str | list) for each in parameters.values())
        assert "To" in parameters


@given(custom=st.dictionaries(st.text(), JSON, min_size=1), known=st.sampled_from(["body", "to"]))
def test_any_unknown_argument_beside_a_known_one_is_refused(custom, known):
    [message] = messages_of({**custom, known: "x", "zzz": 1}, USER)[:1]
    with pytest.raises(SendError, match="'zzz'"):
        parameters_of(message)
