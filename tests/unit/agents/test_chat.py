"""What agents over chat models share: settings, memory, the order of what is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from channels.agents.chat import ChatAgent, ChatSettings, Exchange, read_chat_settings
from channels.errors import (
    AgentError,
    AgentTimeout,
    AgentUnavailable,
    CredentialsError,
    PlatformUnavailable,
)
from tests.unit.agents.chatting import Table, failing_turn, turn
from tests.unit.agents.turns import Clock

SETTINGS = ChatSettings("m", history=2)


class Model(ChatAgent):
    """Says what it was told to say; an error is raised in its place."""

    says: list[Any] = ["Hel", "lo"]  # noqa: RUF012 - replaced, never changed

    def pieces(
        self, exchanges: list[Exchange], text: str, remaining: Callable[[], float]
    ) -> Iterator[str]:
        self.asked = [*[(each.user, each.bot) for each in exchanges], text]
        for piece in self.says:
            remaining()
            if isinstance(piece, Exception):
                raise piece
            yield piece() if callable(piece) else piece


def test_an_answer_is_shown_as_it_comes_and_then_sent_whole() -> None:
    answer = turn(Model(SETTINGS, Table()))
    assert answer == ["start", "Hel", "lo", "end", {"to": "U1", "text": "Hello"}]


def test_the_conversation_is_remembered_and_the_oldest_forgotten() -> None:
    table = Table()
    for number in range(4):
        # each message may meet another Lambda
        model = Model(SETTINGS, table)
        turn(model, f"question {number}")
    assert model.asked == [("question 1", "Hello"), ("question 2", "Hello"), "question 3"]
    assert table.seconds == [86_400.0] * 4


@pytest.mark.parametrize("other", [{"sender_id": "U2"}, {"input_channel": "telegram"}])
def test_conversations_are_kept_apart(other: dict[str, str]) -> None:
    model = Model(SETTINGS, Table())
    turn(model, "first")
    turn(model, "second", **other)
    assert model.asked == ["second"]


def test_long_conversations_are_cut_to_what_an_item_holds() -> None:
    table = Table()
    model = Model(ChatSettings("m", history=100), table)
    model.says = ["x" * 25_000]
    for number in range(4):
        turn(model, str(number))
    assert [user for user, _ in model.asked[:-1]] == ["1", "2"]
    assert all(len(value) < 350_000 for value in table.kept.values())


@pytest.mark.parametrize(("memory", "history"), [(None, 5), (Table(), 0)])
def test_without_a_memory_each_message_stands_alone(memory: Table | None, history: int) -> None:
    model = Model(ChatSettings("m", history=history), memory)
    turn(model, "first")
    turn(model, "second")
    assert model.asked == ["second"]
    assert memory is None or memory.kept == {}


def test_a_repeated_message_is_answered_from_memory() -> None:
    model = Model(SETTINGS, Table())
    turn(model, "hi", message_id="Ev1")
    model.says = ["something else"]
    assert turn(model, "hi", message_id="Ev1") == [{"to": "U1", "text": "Hello"}]
    turn(model, "hi", message_id="Ev2")
    assert model.asked == [("hi", "Hello"), "hi"]


@pytest.mark.parametrize("text", ["", None])
def test_a_message_without_text_is_not_answered(text: str | None) -> None:
    assert turn(Model(SETTINGS, Table()), text) == []


@pytest.mark.parametrize(
    ("says", "kind", "shown"),
    [
        ([], AgentError, []),
        ([AgentUnavailable("down")], AgentUnavailable, []),
        (["Hel", AgentError("broke")], AgentError, ["start", "Hel"]),
        (["Hel", AgentTimeout("late")], AgentTimeout, ["start", "Hel"]),
        (["  "], AgentError, ["start", "  "]),
        (["x" * 60_000, "x" * 60_000], AgentError, ["start", "x" * 60_000]),
    ],
)
def test_a_turn_that_breaks_is_neither_ended_nor_remembered(
    says: list[Any], kind: type[AgentError], shown: list[str]
) -> None:
    table = Table()
    model = Model(SETTINGS, table)
    model.says = says
    error, calls = failing_turn(model)
    assert type(error) is kind
    assert calls == shown
    assert table.kept == {}


def test_an_answer_without_end_is_given_up_on() -> None:
    clock = Clock()
    model = Model(ChatSettings("m", timeout=5.0), Table(), clock)

    def slow() -> str:
        clock.now += 3
        return "la "

    model.says = [slow, slow, slow]
    error, calls = failing_turn(model)
    assert type(error) is AgentTimeout
    assert "within 5 seconds" in str(error)
    assert calls == ["start", "la ", "la "]


def test_a_memory_that_does_not_answer_is_an_agent_that_is_down() -> None:
    table = Table()
    table.error = PlatformUnavailable("the state table: ConnectionError")
    error, calls = failing_turn(Model(SETTINGS, table))
    assert (type(error), calls) == (AgentUnavailable, [])


def test_an_agent_without_a_model_says_so() -> None:
    with pytest.raises(NotImplementedError, match="ChatAgent must define pieces"):
        ChatAgent(SETTINGS).pieces([], "hi", lambda: 1.0)


def test_settings_are_read() -> None:
    section = {
        "model": " m ",
        "system_prompt": "You are brief.\n",
        "temperature": 0,
        "max_tokens": 100,
        "history": 3,
        "history_hours": 0.5,
        "timeout": 7,
        "key": "own",
    }
    assert read_chat_settings(section, 25.0, ("key",)) == ChatSettings(
        "m", "You are brief.", 0, 100, 3, 1800, 7
    )


def test_settings_have_defaults_and_a_timeout_can_only_shorten() -> None:
    assert read_chat_settings({"model": "m", "timeout": 99}, 20.0) == ChatSettings(
        "m", timeout=20.0
    )


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ({}, "model"),
        ({"model": ""}, "model"),
        ({"model": 5}, "model"),
        ({"model": "m", "token": "t"}, "token"),
        ({"model": "m", "system_prompt": ["a"]}, "system_prompt"),
        ({"model": "m", "temperature": "hot"}, "temperature"),
        ({"model": "m", "temperature": -1}, "temperature"),
        ({"model": "m", "temperature": float("nan")}, "temperature"),
        ({"model": "m", "max_tokens": 0}, "max_tokens"),
        ({"model": "m", "max_tokens": True}, "max_tokens"),
        ({"model": "m", "history": -1}, "history"),
        ({"model": "m", "history_hours": 0}, "history_hours"),
        ({"model": "m", "timeout": 0}, "timeout"),
    ],
)
def test_a_setting_that_cannot_serve_is_named(section: dict[str, Any], key: str) -> None:
    with pytest.raises(CredentialsError, match=f"agent: '{key}'.*docs/agents.md"):
        read_chat_settings(section, 25.0)


def test_an_agent_that_hands_all_of_its_section_over_refuses_keys_of_others() -> None:
    section = {"model": "m", "city": "Bonn"}
    assert read_chat_settings(section, 25.0, ("city",)).model == "m"
    with pytest.raises(CredentialsError, match="'city' is not a setting"):
        read_chat_settings(section, 25.0)


def test_what_is_remembered_is_plain_json() -> None:
    table = Table()
    turn(Model(SETTINGS, table), "hi", message_id="Ev1")
    [(key, value)] = table.kept.items()
    assert key == "chat:slack:U1"
    assert json.loads(value) == [["Ev1", "hi", "Hello"]]
