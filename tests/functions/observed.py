"""Functions driven through all that they count; what they print as metrics is given back.

Texts and secrets are marked, so that what prints or logs them is found.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from moto import mock_aws

from channels.aws.queues.fifo_worker import Received
from channels.errors import AgentError
from channels.handlers.callback_worker import CallbackHandler
from channels.handlers.conversations_api import ConversationsApi
from channels.handlers.webhook import webhook
from channels.telemetry.logs import begin_fields
from channels.telemetry.metrics import UNITS, Metrics
from channels.turns.journal import ConversationRecord
from channels.turns.outcome import DeadLetter
from channels.wiring.services import Services
from tests.contract.worker import Talker, Worker
from tests.functions.channel_rows import ROWS
from tests.functions.harness import RepeatingAgent, example, no_agent
from tests.servers.recording_server import Answer, Recorded, recording_server
from tests.unit.socketio.poller import Door, Poller
from tests.unit.socketio.surroundings import Surroundings
from tests.unit.socketio.test_socketio_sessions import answer

#: What users and the bot say, and what proves requests.
SAID = "said-4711-by-somebody"
SECRET = "secret-4711-of-the-stack"
CONTEXT = SimpleNamespace(aws_request_id="request-0001")


def in_the_request() -> list[str]:
    """A turn within the request (rest), one that the agent fails, one without the token."""
    lines: list[str] = []
    agents = iter([RepeatingAgent(), Talker([{"text": SAID}], AgentError("failed"))])
    for token in (SECRET, SECRET, "wrong"):
        services = Services(
            lambda section: {"token": SECRET},
            lambda: next(agents),
            metrics=Metrics("stack", lines.append),
        )
        event = example("rest/text")
        event["rawQueryString"] = ""
        event["body"], event["isBase64Encoded"] = _json(sender="me", message=SAID), False
        event["headers"] |= {"authorization": f"Bearer {token}", "content-type": "application/json"}
        webhook("rest", services)(event, CONTEXT)
    return lines


def by_a_queue() -> list[str]:
    """A message that is queued, and a request that proves nothing."""
    row = ROWS["telegram"]
    function = row.function(secret_token=SECRET)
    for token in (SECRET, "wrong"):
        event = row.saying(SAID)
        event["headers"]["x-telegram-bot-api-secret-token"] = token
        function.post(event)
    return function.metrics


def taken(request: Recorded) -> Answer:
    """Telegram takes everything."""
    result = b"true" if request.path.endswith("Action") else b'{"message_id": 1}'
    return 200, b'{"ok": true, "result": %s}' % result, {}


def by_the_worker() -> list[str]:
    """A turn, the same message again, one that fails once and one for good."""
    lines: list[str] = []
    sent = ROWS["telegram"].function()
    _, [message] = sent.post(ROWS["telegram"].saying(SAID))
    with recording_server(taken) as api:
        channel = ROWS["telegram"].function(api_base=api.url).instance
        for agent, failures in (
            (Talker([{"text": SAID}, {"text": SAID}]), 3),
            (Talker([{"text": SAID}], AgentError("failed")), 2),
        ):
            worker = Worker(channel, agent, failures)
            for _ in range(2):
                worker.take("telegram", message, CONTEXT)
            lines += worker.metrics
    return lines


def by_the_callback_worker() -> list[str]:
    """A message that is delivered, one that must come again, one for good, and junk."""
    lines: list[str] = []
    document = _json(delivery_id="m1:1", message={"recipient_id": "me", "text": SAID})
    begin_fields(CONTEXT)
    for status, body in ((200, document), (503, document), (410, document), (200, SAID)):
        with recording_server(lambda _, status=status: (status, SAID.encode(), {})) as receiver:
            section = {"url": receiver.url, "allow_private_addresses": True}
            section["signing_secret"] = SECRET
            handler = CallbackHandler(
                lambda name, section=section: section, metrics=Metrics("stack", lines.append)
            )
            outcome = handler(Received(body, 1, 0.0 if status == 410 else 4e9))
            if isinstance(outcome, DeadLetter):
                outcome.buried()
            handler.close()
    return lines


def by_the_conversations_api() -> list[str]:
    """A message of the bot's own, and a request without the token."""
    lines: list[str] = []
    api = ConversationsApi(
        lambda section: {"token": SECRET},
        lambda sender: [ConversationRecord("telegram", 1.0, {"chat_id": 1})],
        SimpleNamespace(send=lambda queued: None),
        metrics=Metrics("stack", lines.append),
    )
    for token in (SECRET, "wrong"):
        event: Any = {
            "rawPath": "/conversations/me/messages",
            "pathParameters": {"sender_id": "me"},
            "headers": {"authorization": f"Bearer {token}"},
            "requestContext": {"http": {"method": "POST"}},
            "body": _json(text=SAID),
        }
        api(event, CONTEXT)
    return lines


def by_sockets() -> list[str]:
    """Clients come by WebSocket and by long polling, speak, are answered and go; one may not."""
    with mock_aws():
        here = Surroundings(session_persistence=True)
        here.client("a", "s")
        said = f'42["user_uttered",{{"message":"{SAID}","session_id":"s"}}]'
        here.send("a", said)
        answer(here, SAID)
        here.disconnect("a")
        client = Poller(Door(here))
        client.talk("40")
        client.post(said, "1")
        here.use(jwt_key=SECRET)
        here.connect("b", {"EIO": "4", "transport": "websocket", "token": "wrong"})
    return here.metrics


def without_an_agent() -> list[str]:
    """Health checks: nothing that is counted."""
    lines: list[str] = []
    services = Services(lambda section: {}, no_agent, metrics=Metrics("stack", lines.append))
    webhook("rest", services)(example("rest/health"), CONTEXT)
    return lines


OBSERVED: dict[str, Callable[[], list[str]]] = {
    each.__name__: each
    for each in (
        in_the_request,
        by_a_queue,
        by_the_worker,
        by_the_callback_worker,
        by_the_conversations_api,
        by_sockets,
        without_an_agent,
    )
}


def counted(lines: list[str]) -> dict[str, int]:
    """The sums of metrics, or how many values there are of times."""
    sums: dict[str, int] = {}
    for line in lines:
        document = json.loads(line)
        assert set(document) - {"_aws", "Stack", "Channel"} <= set(UNITS)
        for name in set(document) & set(UNITS):
            value = document[name]
            many = value if isinstance(value, list) else [value]
            sums[name] = sums.get(name, 0) + (len(many) if "Milli" in name else sum(many))
    return sums


def _json(**fields: Any) -> str:
    return json.dumps(fields)
