"""`ops forget` on the deployed stack: what one person said on several channels is nowhere left."""

import json
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from channels.http.request import Request
from ops.events.event_files import read_event
from ops.stack.aws import local_stack
from ops.stack.queue_pairs import NAMES, depth, queue_pair


class Person(NamedTuple):
    """Somebody with a number that stands in all of their ids, and a word that they say."""

    number: str
    word: str


ANN, BEN = Person("7719440021", "zebra"), Person("8820550032", "heron")

#: The example of each channel, and what stands in it for the person's ids and for their words.
EXAMPLES = {
    "callback": ("callback/text", ['"me"', "order-4711"], '"hi"'),
    "mattermost": ("mattermost/webhook", ["us0000000000000000", "ch0000000000000000"], "@bot book"),
    "rocketchat": ("rocketchat/text", ["uAna", "GENERAL"], '"hi"'),
    "slack": ("slack/message_im", ["U0ALICE00", "D0AAAAAAA"], "a &lt;b"),
    "telegram": ("telegram/text", ["4242"], '"hello"'),
    "twilio": ("twilio/whatsapp_text", ["15005550006"], "hola"),
}


def marked(channel: str, person: Person) -> dict[str, Any]:
    """The channel's example as the person would have sent it."""
    name, ids, said = EXAMPLES[channel]
    event = read_event(name)
    body = Request.from_event(event).body.decode()
    for each in (*ids, said):
        assert each in body, (name, each)
    for each in ids:
        quoted = '"' if each.startswith('"') else ""
        body = body.replace(each, f"{quoted}{person.number}{quoted}")
    quoted = '"' if said.startswith('"') else ""
    body = body.replace(said, f"{quoted}{person.word}{quoted}")
    return {**event, "body": body, "isBase64Encoded": False}


@pytest.fixture
def senders(deployed, chats, tmp_path) -> Callable[[Person, int], dict[str, str]]:
    """Lets a person write to the bot on each channel; gives the ids that they have there."""

    def write(person: Person, times: int) -> dict[str, str]:
        found = {}
        for channel in EXAMPLES:
            path = tmp_path / f"{channel}.json"
            path.write_text(json.dumps(marked(channel, person)), "utf-8")
            for _ in range(times):
                options = ("--resign", "--new-id", "--follow")
                [turn] = deployed.ops("replay", str(path), *options)["trace"]
                assert turn["status"] == "done"
            found[channel] = turn["sender_id"]
        return found

    return write


def items_with(deployed, person: Person) -> list[str]:
    """The items of the state table in which a person's number or word stands."""
    stack = local_stack(deployed.stack.stack_name, deployed.stack.endpoint_url)
    dynamodb = stack.session.client("dynamodb", endpoint_url=stack.endpoint_url)
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=deployed.stack.resources["StateTable"], ConsistentRead=True
    )
    readable = [str(unpacked(item)) for page in pages for item in page["Items"]]
    return sorted(each for each in readable if person.number in each or person.word in each)


def unpacked(item: Any) -> Any:
    """An item with what is compressed in it readable."""
    return {
        name: zlib.decompress(value["B"]).decode() if "B" in value else value
        for name, value in item.items()
    }


def kept_in_queues(deployed) -> int:
    """How many messages the four queues hold."""
    stack = local_stack(deployed.stack.stack_name, deployed.stack.endpoint_url)
    sqs = stack.session.client("sqs", endpoint_url=stack.endpoint_url)
    pairs = [queue_pair(deployed.stack.resources, name) for name in NAMES]
    return sum(depth(sqs, url).total for pair in pairs for url in (pair.source, pair.dead_letters))


def test_one_person_is_forgotten_on_every_channel_and_another_is_not(deployed, senders):
    anns = senders(ANN, 2)
    senders(BEN, 1)
    assert all(ANN.number in sender for sender in anns.values())
    assert any(ANN.word in item for item in items_with(deployed, ANN))
    of_ben = items_with(deployed, BEN)
    assert len(of_ben) == 3 * len(anns)
    for channel, sender in anns.items():
        erased = deployed.ops("forget", channel, sender)["erased"]
        assert erased == {"conversation": 1, "turn": 2, "captured event": 2}
    assert items_with(deployed, ANN) == []
    assert items_with(deployed, BEN) == of_ben
    assert kept_in_queues(deployed) == 0
