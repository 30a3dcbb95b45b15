"""Agents that take their time, answers that come late, and what fails on the way."""

import pytest

from channels.twilio_voice.dialogue import MAX_HOLDS, WAIT
from tests.unit.twilio_voice.phone import (
    CALL_SID,
    HOLD,
    LATE,
    MOOD,
    REPROMPT,
    SCRIPT,
    SORRY,
    Line,
    greeted,
)


def test_a_slow_agent_is_waited_for_with_holding_phrases():
    line = greeted()
    line.worker.seconds = 20
    document = line.say("wait")
    holds = 0
    while document.redirect:
        assert document.said == [HOLD]
        assert document.tags == ["Say", "Pause", "Redirect"]
        holds += 1
        assert line.query == f"turn=2&wait={holds}"
        document = line.post()
    assert document.said == ["That took long."]
    assert holds == 3
    assert line.query == "turn=3"
    assert line.worker.asked == ["hello", "wait"], "asked once"


def test_no_request_takes_longer_than_twilio_waits():
    line = greeted()
    line.worker.seconds = 1000
    before = line.clock.now
    line.say("wait")
    assert line.clock.now - before <= WAIT < 15 / 2


def late():
    """A call whose second turn is not answered in time."""
    line = greeted()
    line.worker.seconds = 1000
    assert line.say("wait").redirect
    *holds, prompt = line.hold_on()
    assert len(holds) == MAX_HOLDS - 1
    assert prompt.inside == [LATE]
    assert line.query == "turn=3&from=2&late=1"
    return line


def come(line):
    """The late answer comes."""
    line.clock.now += 1000
    line.worker.work(line.clock.now)
    line.worker.seconds = 1


def test_a_late_answer_is_said_as_soon_as_the_caller_is_silent():
    line = late()
    assert line.silence().inside == [LATE]
    assert line.query == "turn=3&from=2&late=1"
    come(line)
    assert line.silence().inside == ["That took long."]
    assert line.query == "turn=3"
    assert line.silence().inside == ["That took long."]


def test_a_late_answer_is_said_before_the_next_one():
    line = late()
    come(line)
    assert line.say("and now").said == ["That took long.", "Here I am."]
    assert line.query == "turn=4&from=2"
    assert line.silence().said == ["That took long.", "Here I am."]


def test_two_late_answers_are_said_in_order():
    line = late()
    assert line.say("and now").redirect
    assert line.query == "turn=3&from=2&wait=1"
    line.hold_on()
    assert line.query == "turn=4&from=2&late=1"
    come(line)
    assert line.say("/great").said == ["That took long.", "Here I am.", "Carry on!"]
    assert line.worker.asked == ["hello", "wait", "and now", "/great"]


def test_a_late_answer_that_never_comes_does_not_hold_up_the_next():
    line = late()
    line.worker.due.clear()
    line.worker.seconds = 1
    assert line.say("and now").said == ["Here I am."]


def test_keys_pressed_before_a_late_answer_was_heard_are_not_its_buttons():
    line = late()
    line.worker.script = {**SCRIPT, "wait": [MOOD]}
    come(line)
    line.press("1")
    assert line.worker.asked == ["hello", "wait", "1"]


def test_keys_are_the_buttons_of_all_answers_that_were_heard():
    line = late()
    line.worker.script = {**SCRIPT, "wait": [MOOD], "and now": [MOOD]}
    come(line)
    assert line.say("and now").gather.get("numDigits") == "1"
    line.press("4")
    assert line.worker.asked[-1] == "/sad"


def test_after_a_message_that_was_not_taken_the_caller_stands_where_they_stood():
    line = greeted()
    line.worker.is_down = True
    assert line.press("1").inside == [SORRY]
    assert line.query == "turn=3&from=1"
    assert line.silence().said[1] == "How are you?"
    line.worker.is_down = False
    assert line.press("1").inside == ["Carry on!"]
    assert line.worker.asked == ["hello", "/great"]


def test_a_call_that_begins_while_the_inbox_is_down_can_go_on():
    line = Line(SCRIPT)
    line.worker.is_down = True
    assert line.ring().inside == [SORRY]
    assert line.silence().inside == [REPROMPT]
    line.worker.is_down = False
    assert line.say("/great").inside == ["Carry on!"]


def test_what_is_owed_stays_owed_when_a_message_is_not_taken():
    line = late()
    line.worker.is_down = True
    assert line.say("and now").inside == [SORRY]
    assert line.query == "turn=4&from=2&late=1"
    line.worker.is_down = False
    come(line)
    assert line.say("/great").said == ["That took long.", "Carry on!"]


def test_an_answer_that_could_not_be_looked_for_is_owed():
    line = greeted()
    line.memory.is_down = True
    assert line.say("/great").inside == [SORRY]
    assert line.query == "turn=3&from=2&late=1"
    line.memory.is_down = False
    line.clock.now += 5
    line.worker.work(line.clock.now)
    assert line.say("/sad").said == ["Carry on!", "Cheer up!"]


@pytest.mark.parametrize("query", ["turn=2", "turn=3&from=2&late=1"])
def test_silence_while_the_memory_is_down_changes_nothing(query, caplog):
    line = greeted()
    line.memory.is_down = True
    assert line.post(query, SpeechResult="").inside == [SORRY]
    assert line.query == query
    assert f"call {CALL_SID}, turn {query[5]}: not answered: PlatformUnavailable" in caplog.text


def test_a_key_while_the_memory_is_down_is_asked_for_again():
    line = greeted()
    line.memory.is_down = True
    assert line.press("1").inside == [SORRY]
    assert line.worker.asked == ["hello"]
    line.memory.is_down = False
    line.press("1")
    assert line.worker.asked == ["hello", "/great"]


def test_phrases_are_settings():
    line = greeted(hold_phrase="Moment bitte.", late_phrase="Es dauert.", sorry_phrase="Oje.")
    line.worker.seconds = 1000
    assert line.say("wait").said == ["Moment bitte."]
    assert line.hold_on()[-1].said == ["Es dauert."]
    line.worker.is_down = True
    assert line.say("wait").said == ["Oje."]
