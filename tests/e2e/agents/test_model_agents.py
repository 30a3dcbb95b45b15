"""The agents over chat models in the whole stack; the Bedrock is MiniStack's."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import requests

from ops.stack.stack_file import StackFile
from tests.e2e.agents.conftest import MODEL, AgentStack
from tests.servers.model_server import ModelServer, completion

PROMPT = "You are brief."


def say(stack: StackFile, message: str) -> list[dict[str, Any]]:
    answer = requests.post(
        f"{stack.http_url}/webhooks/rest/webhook?stream=chunks",
        json={"sender": "me", "message": message},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def of_ministack(*said: str) -> str:
    """What MiniStack's model answers: a hash of all that it was told."""
    told = hashlib.sha256("\n".join((PROMPT, *said)).encode()).hexdigest()[:8]
    return f"[ministack mock nova {MODEL}] reply for prompt#{told}"


def test_bedrock_streams_its_answer_and_is_reminded_of_the_conversation(
    agents: AgentStack,
) -> None:
    with agents.agent({"system_prompt": PROMPT, "model": MODEL}) as stack:
        assert "AgentModelsPolicy" in stack.resources
        start, *chunks, end, first = say(stack, "hi")
        assert (start["type"], end["type"]) == ("stream_start", "stream_end")
        assert len(chunks) > 1
        assert "".join(chunk["chunk"] for chunk in chunks) == first["text"] == of_ministack("hi")
        second = say(stack, "and now?")[-1]
    assert second["text"] == of_ministack("hi", first["text"], "and now?")


def test_chat_completions_take_its_place(agents: AgentStack) -> None:
    chat = "channels.agents.chat_completions:ChatCompletionsAgent"
    with ModelServer([completion("Hel", "lo"), completion("Again")]) as server:
        section = {"system_prompt": PROMPT, "model": "small", "base_url": server.url, "history": 5}
        with agents.agent(section, AGENT=chat) as stack:
            assert [line.get("chunk", line.get("text")) for line in say(stack, "hi there")] == [
                None,
                "Hel",
                "lo",
                None,
                "Hello",
            ]
            say(stack, "more")
        told = [message["content"] for message in server.requests[1].json["messages"]]
        assert (told[0], told[-3:]) == (PROMPT, ["hi there", "Hello", "more"])
