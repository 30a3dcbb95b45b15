"""The agents over chat models in the whole stack; the Bedrock is MiniStack's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from ops.stack.stack_file import StackFile
from tests.e2e.conftest import LocalRun
from tests.servers.model_server import ModelServer, completion

MODEL = "amazon.nova-lite-v1:0"
ARNS = f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}"
PROMPT = "You are brief."


@pytest.fixture(scope="module")
def run(new_local_run: Callable[[], LocalRun]) -> Iterator[LocalRun]:
    run = new_local_run()
    yield run
    run.down()


def up(run: LocalRun, folder: Path, parameters: str, **agent: Any) -> StackFile:
    credentials = folder / "credentials.yml"
    sections = {"rest": {}, "agent": {"system_prompt": PROMPT, **agent}}
    credentials.write_text(json.dumps(sections))  # YAML's other notation
    return run.up(CREDENTIALS=str(credentials), PARAMETERS=parameters)


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
    run: LocalRun, tmp_path: Path
) -> None:
    parameters = f"Agent=channels.aws.bedrock_agent:BedrockAgent BedrockModelArns={ARNS},{ARNS}-2"
    stack = up(run, tmp_path, parameters, model=MODEL)
    assert "AgentModelsPolicy" in stack.resources
    start, *chunks, end, first = say(stack, "hi")
    assert (start["type"], end["type"]) == ("stream_start", "stream_end")
    assert len(chunks) > 1
    assert "".join(chunk["chunk"] for chunk in chunks) == first["text"] == of_ministack("hi")
    second = say(stack, "and now?")[-1]
    assert second["text"] == of_ministack("hi", first["text"], "and now?")


def test_chat_completions_take_its_place(run: LocalRun, tmp_path: Path) -> None:
    with ModelServer([completion("Hel", "lo"), completion("Again")]) as server:
        parameters = "Agent=channels.agents.chat_completions:ChatCompletionsAgent"
        stack = up(run, tmp_path, parameters, model="small", base_url=server.url, history=5)
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
