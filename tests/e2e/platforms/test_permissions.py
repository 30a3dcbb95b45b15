"""Least privilege: each function is driven through all that it does, its calls of AWS recorded.

MiniStack refuses what a role does not allow. What it does not check, the condition on keys of the
state table, is checked here; and what no function ever uses is found here.
"""

from __future__ import annotations

import time

import jwt
import pytest
import requests

from tests.e2e.platforms.aws_calls import AwsCall
from tests.e2e.platforms.conftest import CLIENT, OPERATOR
from tests.e2e.platforms.phone import Phone
from tests.e2e.platforms.platform import SECRET
from tests.e2e.platforms.recorded_stack import RecordedStack, until
from tests.e2e.platforms.rights import Right, rights_of
from tests.e2e.platforms.socket_clients import use_polling, use_sockets
from tests.servers.recording_server import Answer, Recorded, RecordingServer

#: Serves files: no rights, no calls.
WITHOUT_CALLS = {"WebchatFunction"}

#: Has no channels here: test_custom_channels has.
ELSEWHERE = {"CustomFunction"}

#: Read by agents that call a service; the demo agent, which answers here, does not.
OF_AGENTS = "/credentials/agent"

#: What Lambda does in the name of a function that it hands messages of a queue to (AWS, "Using
#: Lambda with Amazon SQS", execution role permissions; the rest is SAM's SQSPollerPolicy).
POLLERS = {
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:DeleteMessageBatch",
    "sqs:GetQueueAttributes",
    "sqs:ChangeMessageVisibility",
    "sqs:ChangeMessageVisibilityBatch",
}

#: Where what no worker can read ends.
JUNKED = ("InboxDeadLetterQueue", "CallbackDeadLetterQueue")


@pytest.fixture(scope="module")
def functions(recorded) -> dict[str, str]:
    return {
        name: physical
        for name, physical in recorded.found.resources.items()
        if name.endswith("Function") and name not in ELSEWHERE
    }


@pytest.fixture(scope="module")
def rights(recorded, functions) -> list[Right]:
    found = rights_of(recorded.aws, functions)
    assert found
    return found


@pytest.fixture(scope="module")
def calls(recorded, functions, rights, chats, receiver) -> list[AwsCall]:
    """The folder's calls after everything was done once that its functions do.

    What other tests did before need not be done again; without them, all is done here.
    """
    _call_back(recorded, receiver)
    use_sockets(recorded)
    use_polling(recorded)
    if unused(rights, recorded.recorded.calls()):
        _talk_on_platforms(chats, recorded.found.http_url)
    for queue in JUNKED:
        recorded.purge(queue)
    found = [call for call in recorded.recorded.calls() if call.function in functions]
    assert found
    return found


def unused(rights: list[Right], calls: list[AwsCall]) -> set[Right]:
    """The rights that no call needed, but for those that pollers and other agents have."""
    return {
        right
        for right in rights
        if right.action not in POLLERS
        and not any(right.allows(call) for call in calls)
        and not right.resource.endswith(OF_AGENTS)
    }


def _talk_on_platforms(chats, http_url: str) -> None:
    for name in ("botframework", "hangouts"):
        chats[name].platform.rotate_key()
    for number, chat in enumerate(chats.values(), start=60):
        chat.post_when_known(chat.platform.message("hi", number))
    chats["slack"].say_unasked("U0ALICE00", "a reminder", OPERATOR)
    Phone(http_url).call()
    answer = requests.post(
        f"{http_url}/webhooks/rest/webhook",
        json={"sender": "me", "message": "hi"},
        headers={"authorization": f"Bearer {CLIENT}"},
        timeout=30,
    )
    assert answer.status_code == 200
    assert requests.post(f"{http_url}/webhooks/socketio/webhook", timeout=30).status_code == 404


def _call_back(stack: RecordedStack, receiver: RecordingServer) -> None:
    """An answer that is taken at the second attempt, and what no worker can read."""
    before, takes = len(receiver.requests), receiver.respond
    refusals = [503]

    def take(request: Recorded) -> Answer:
        return (refusals.pop(), b"", {}) if refusals else takes(request)

    receiver.respond = take
    answer = requests.post(
        f"{stack.found.http_url}/webhooks/callback/webhook",
        json={"sender": "me", "message": "bye"},
        headers={"authorization": f"Bearer {_signed()}"},
        timeout=30,
    )
    assert answer.status_code == 200
    until(lambda: len(receiver.requests) == before + 2, "a second attempt")
    receiver.respond = takes
    stack.put_junk("CallbackQueue")
    stack.put_junk("InboxQueue")
    letters, inbox_letters = (stack.queue_name(each) for each in JUNKED[::-1])
    stack.wait_for("CallbackDeliveryFunction", "sqs:SendMessage", letters)
    stack.wait_for("ConversationFunction", "sqs:SendMessage", inbox_letters)


def _signed() -> str:
    """The token of a caller of the callback channel."""
    return jwt.encode({"sub": "me", "exp": int(time.time()) + 600}, SECRET, "HS256")


def test_every_function_was_watched(calls, functions):
    assert {call.function for call in calls} == set(functions) - WITHOUT_CALLS


def test_no_function_does_what_its_policies_do_not_allow(calls, rights):
    refused = {call for call in calls if not any(right.allows(call) for right in rights)}
    assert refused == set()


def test_no_function_may_do_what_it_never_does(calls, rights):
    assert any(right.action in POLLERS for right in rights)
    assert unused(rights, calls) == set()
