"""Answers: within the request, later by the API, or an apology; and what is said unasked."""

import asyncio
import json

import pytest

from channels.errors import (
    AgentError,
    InboxUnavailable,
    PlatformUnavailable,
    SendError,
)
from channels.hangouts import HangoutsInput
from channels.hangouts.input import LONGEST_WAIT, WAIT
from channels.hangouts.settings import APOLOGY, Settings
from channels.turns.awaited_reply import give_up
from tests.unit.hangouts.space import (
    CREDENTIALS,
    IN_THREAD,
    SPACE,
    KeyValueStore,
    chat_api,
    request,
    turn,
)

BIG = {"text": "x" * 20_000}


class Clock:
    """Time that passes only while somebody sleeps; `meanwhile` is what happens then."""

    def __init__(self, meanwhile=lambda now: None):
        self.now = 0.0
        self._meanwhile = meanwhile

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds
        self._meanwhile(self.now)


class App:
    """The channel in its webhook and in the worker: two instances with one memory."""

    def __init__(self, memory=None, meanwhile=lambda now: None, **credentials):
        self.clock = Clock(meanwhile)
        settings = Settings({**CREDENTIALS, **credentials})
        made = [
            HangoutsInput(settings=settings, now=self.clock, sleep=self.clock.sleep)
            for _ in range(2)
        ]
        self.webhook, self.worker = made
        self.webhook.memory = self.worker.memory = memory

    def answer(self, name, on_new_message):
        received = request(name)
        messages = self.webhook.parse(received)
        response = asyncio.run(self.webhook.answer(received, messages, on_new_message))
        assert response.status == 200
        return json.loads(response.body)


async def queue(message):
    """Takes a message that the worker handles later."""


def agent(*responses):
    """The worker, or the request itself, which says something to a message at once."""

    async def say(message):
        for response in responses:
            await message.output_channel.send_response(message.sender_id, response)

    return say


def add_on(message):
    return {"hostAppDataAction": {"chatDataAction": {"createMessageAction": {"message": message}}}}


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("message", {**IN_THREAD, "text": "hello"}),
        ("direct_message", {"text": "hello"}),
        ("card_clicked", {**IN_THREAD, "text": "hello"}),
        ("added_to_dm", {"text": "hello"}),
        ("added_by_mention", {**IN_THREAD, "text": "hello\n\nhello"}),
        ("removed", {}),
        ("add_on_message", add_on({**IN_THREAD, "text": "hello"})),
        ("add_on_direct_message", add_on({"text": "hello"})),
        ("add_on_removed", {}),
        ("unknown_kind", {}),
        ("malformed", {}),
    ],
)
def test_an_event_is_answered_in_its_own_format(name, answer):
    assert App().answer(name, agent({"text": "hello"})) == answer


def test_a_bot_that_says_nothing():
    assert App().answer("message", agent()) == {}


def test_several_messages_are_one_and_nothing_is_glued_by_spaces():
    said = App().answer("direct_message", agent({"text": "one"}, {"text": "two\n\nthree"}))
    assert said == {"text": "one\n\ntwo\n\nthree"}


def test_a_thread_of_the_bots_own_choice_is_kept():
    custom = {"text": "hi", "thread": {"threadKey": "case-7"}}
    assert App().answer("message", agent({"custom": custom})) == custom


def test_an_agent_that_fails_within_the_request_is_an_error():
    async def fail(message):
        raise AgentError("down")

    with pytest.raises(AgentError):
        App().answer("message", fail)


def test_the_workers_answer_is_the_requests():
    brought, memory = KeyValueStore(), KeyValueStore()
    worker = App(brought).worker
    turn(worker, worker.parse(request("message"))[0], [{"text": "one"}, {"text": "two"}])
    app = App(memory, lambda now: memory.update(brought) if now > 2 else None)
    assert app.answer("message", queue) == {**IN_THREAD, "text": "one\n\ntwo"}
    assert 2 < app.clock.now < 3


def test_both_messages_of_a_bot_that_is_added_by_a_mention_are_waited_for():
    memory = KeyValueStore()
    app = App(memory)
    for message in app.worker.parse(request("added_by_mention")):
        turn(app.worker, message, [{"text": message.text}])
    assert app.answer("added_by_mention", queue)["text"] == "/room_added\n\nhello"


def test_what_is_there_in_time_is_said_with_the_excuse_for_the_rest():
    app = App(KeyValueStore())
    first, second = app.worker.parse(request("added_by_mention"))
    turn(app.worker, first, [{"text": "welcome"}])
    said = app.answer("added_by_mention", queue)
    assert said["text"] == f"welcome\n\n{APOLOGY}"
    assert give_up(app.worker.memory, second.message_id) is None


def test_nobody_waits_for_an_answer_to_being_removed():
    app = App(KeyValueStore())
    assert app.answer("removed", queue) == {}
    assert app.clock.now == 0
    [message] = app.worker.parse(request("removed"))
    assert turn(app.worker, message, [{"text": "bye"}]) == ["handed over"]


def test_the_same_event_again_gets_the_same_answer():
    app = App(KeyValueStore())
    [message] = app.worker.parse(request("direct_message"))
    turn(app.worker, message, [{"text": "hi"}])
    for _ in range(2):
        assert app.answer("direct_message", queue) == {"text": "hi"}


@pytest.mark.parametrize(
    ("credentials", "apology"), [({}, APOLOGY), ({"apology": "Moment!"}, "Moment!")]
)
@pytest.mark.parametrize(("name", "wrapped"), [("direct_message", dict), ("add_on_message", None)])
def test_without_a_service_account_a_slow_agent_is_excused(name, wrapped, credentials, apology):
    app = App(KeyValueStore(), **credentials)
    said = app.answer(name, queue)
    assert said == ({"text": apology} if wrapped else add_on({**IN_THREAD, "text": apology}))
    assert LONGEST_WAIT - 1 < app.clock.now <= LONGEST_WAIT


def test_what_came_too_late_then_is_told_to_the_operator(caplog):
    app = App(KeyValueStore())
    app.answer("direct_message", queue)
    [message] = app.worker.parse(request("direct_message"))
    [mark] = turn(app.worker, message, [{"text": "hi"}])
    assert "'service_account' is needed" in mark
    assert "'service_account' is needed" in caplog.text


def test_with_a_service_account_a_slow_agents_answer_is_posted():
    with chat_api() as api:
        app = App(KeyValueStore(), **api.credentials())
        assert app.answer("message", queue) == {}
        assert WAIT - 1 < app.clock.now <= WAIT
        [message] = app.worker.parse(request("message"))
        marks = turn(app.worker, message, [{"text": "one"}, {"text": "two"}])
        assert marks == [f"{SPACE}/messages/O1"]
        assert api.messages == [{**IN_THREAD, "text": "one\n\ntwo"}]


def test_an_answer_that_is_there_when_the_request_gives_up_is_not_posted():
    with chat_api() as api:
        app = App(KeyValueStore(), **api.credentials())
        [message] = app.worker.parse(request("direct_message"))
        turn(app.worker, message, [{"text": "hi"}])
        assert [each["text"] for each in give_up(app.webhook.memory, message.message_id)] == ["hi"]
        assert api.posts == []


def test_what_does_not_fit_into_one_message_is_posted():
    with chat_api() as api:
        app = App(KeyValueStore(), **api.credentials())
        [message] = app.worker.parse(request("direct_message"))
        marks = turn(app.worker, message, [BIG, BIG])
        assert app.answer("direct_message", queue) == {}
        assert api.messages == [BIG, BIG]
        assert len(marks) == 2


@pytest.mark.parametrize("responses", [[BIG, BIG], [BIG, BIG, BIG]])
def test_without_a_service_account_what_does_not_fit_is_told_to_the_operator(responses, caplog):
    app = App(KeyValueStore())
    [message] = app.worker.parse(request("direct_message"))
    turn(app.worker, message, responses)
    said = app.answer("direct_message", queue)
    assert said == {"text": f"{BIG['text']}\n\n\u2026"}
    assert f"{len(responses) - 1} of {len(responses)} messages do not fit" in caplog.text


def test_a_custom_message_that_is_too_long_is_told_to_the_operator(caplog):
    said = App().answer("direct_message", agent({"custom": {"text": "x" * 40_000}}))
    assert said == {"text": "\u2026"}
    assert "1 of 1 messages do not fit" in caplog.text


def test_a_message_that_was_not_queued_is_excused():
    async def refuse(message):
        raise InboxUnavailable("down")

    app = App(KeyValueStore())
    assert app.answer("direct_message", refuse) == {"text": APOLOGY}
    assert app.clock.now == 0


def test_a_memory_that_does_not_answer_is_excused():
    class Broken(KeyValueStore):
        def get(self, key, default=None):
            raise PlatformUnavailable("down")

    assert App(Broken()).answer("direct_message", queue) == {"text": APOLOGY}


@pytest.mark.parametrize("sent", range(4))
def test_a_late_turn_goes_on_after_any_part(sent):
    with chat_api() as api:
        app = App(KeyValueStore(), **api.credentials())
        app.answer("message", queue)
        [message] = app.worker.parse(request("message"))
        marks = turn(app.worker, message, [BIG, BIG, BIG], sent)
        assert len(marks) == len(api.posts) == 3 - sent
        again = turn(app.worker, message, [BIG, BIG, BIG])
        whole = [post.path for post in api.posts][-3:]
        assert len(set(whole)) == 3
        assert [post.path for post in api.posts][: 3 - sent] == whole[sent:], "the same request ids"
        assert again[sent:] == marks, "a message posted again is the same message"


@pytest.mark.parametrize("recipient", ["AAA", "AAA:T1", "AAA:users", "spaces/AAA"])
def test_what_is_said_unasked_is_posted_at_once(recipient):
    with chat_api() as api:
        app = App(KeyValueStore(), **api.credentials())
        output = app.worker.get_output_channel()
        asyncio.run(output.send_text_message(recipient, "hi"))
        [post] = api.posts
        assert post.path == f"/v1/{SPACE}/messages"
        assert post.json == {"text": "hi"}


def test_what_is_said_unasked_goes_where_the_user_wrote_last():
    """The conversations API answers the last message's `reply_to` under an id of its own."""
    with chat_api() as api:
        app = App(KeyValueStore(), **api.credentials())
        [message] = app.worker.parse(request("message"))
        message.message_id = "idempotency-key"
        [first] = turn(app.worker, message, [{"text": "hi"}])
        [again] = turn(app.worker, message, [{"text": "hi"}])
        assert api.messages == [{**IN_THREAD, "text": "hi"}] * 2
        assert first == again, "by its requestId"


@pytest.mark.parametrize("credentials", [{}, {"conversation_granularity": "display_name"}])
def test_without_a_service_account_nothing_is_said_unasked(credentials):
    output = App(KeyValueStore(), **credentials).worker.get_output_channel()
    with pytest.raises(SendError, match="'service_account' is needed"):
        asyncio.run(output.send_text_message("AAA", "hi"))


def test_a_recipient_that_is_no_space_is_refused():
    with chat_api() as api:
        output = App(**api.credentials()).worker.get_output_channel()
        with pytest.raises(SendError, match="does not name a space"):
            asyncio.run(output.send_text_message("Ann Other", "hi"))
        assert api.posts == []
