"""Taking dead letters out of their queue and bringing them back, in the order of conversations.

A FIFO queue gives at most ten messages of a group at once and no more of it until those are deleted
or released. So what is to stay is kept hidden, which keeps everything behind it in place, until the
end of the work; then it becomes visible again where it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Self

from botocore.exceptions import BotoCoreError, ClientError

from channels.aws.keys import sqs_id
from channels.turns.inbox_message import InboxMessage
from ops.stack.queue_pairs import QueuePair

if TYPE_CHECKING:
    from types import TracebackType

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

#: How long what is received stays hidden if this process is killed (seconds).
HIDDEN = 300

#: SQS: most messages in one receive and in one batch.
_BATCH = 10


class DeadLetter(NamedTuple):
    """A message that was given up on.

    `sqs_id` is the queue's, `message_id` the channel's (of the callback queue: the delivery id), ""
    where the body cannot be read.
    """

    sqs_id: str
    group: str
    body: str
    channel: str
    sender_id: str
    message_id: str


class DeadLetterQueue:
    """The dead letters of one queue, in a `with` block at whose end those that stay are released.

    Whatever happens in between, also the end of this process, no message is lost: it is sent before
    it is deleted. Errors of SQS are raised (botocore's).
    """

    def __init__(self, sqs: SQSClient, pair: QueuePair, *, wait: int = 1) -> None:
        """Work on the pair; `wait` is how long an empty queue is asked (seconds).

        From 1 on SQS asks all of its servers.
        """
        self._sqs = sqs
        self._pair = pair
        self._wait = wait
        self._held: dict[str, str] = {}
        self._returned: set[str] = set()

    def __enter__(self) -> Self:
        """Nothing is held yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release what is held, in its order; what SQS does not release comes back in time."""
        held = list(self._held.values())
        for start in range(0, len(held), _BATCH):
            self._sqs.change_message_visibility_batch(
                QueueUrl=self._pair.dead_letters,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                    for number, receipt in enumerate(held[start : start + _BATCH])
                ],
            )
        self._held.clear()

    def __iter__(self) -> Iterator[DeadLetter]:
        """The messages from the head of the queue on, until no more are to be had.

        They are held from now on; what is behind them in their groups follows when they are
        brought back.
        """
        while new := self._receive():
            yield from map(_dead_letter, new)

    def bring_back(self, letter: DeadLetter) -> None:
        """Send a message to the queue it came from, then delete it.

        Interrupted in between it is in both queues. Bringing it back again does no harm then: SQS
        drops it within five minutes by its deduplication id, the worker later by the journal.
        """
        self._sqs.send_message(
            QueueUrl=self._pair.source,
            MessageBody=letter.body,
            MessageGroupId=letter.group,
            MessageDeduplicationId=sqs_id("redrive", letter.sqs_id),
        )
        self._returned.add(_fingerprint(letter))
        self.erase(letter)

    def erase(self, letter: DeadLetter) -> None:
        """Delete a message for good; what is behind it in its group follows."""
        self._sqs.delete_message(
            QueueUrl=self._pair.dead_letters, ReceiptHandle=self._held[letter.sqs_id]
        )
        del self._held[letter.sqs_id]

    def _receive(self) -> list[MessageTypeDef]:
        answer = self._sqs.receive_message(
            QueueUrl=self._pair.dead_letters,
            MaxNumberOfMessages=_BATCH,
            VisibilityTimeout=HIDDEN,
            WaitTimeSeconds=self._wait,
            MessageSystemAttributeNames=["MessageGroupId"],
        )
        received = answer.get("Messages", [])
        # After a long time what is held comes again: then everything has been seen.
        new = [each for each in received if each["MessageId"] not in self._held]
        self._held.update((each["MessageId"], each["ReceiptHandle"]) for each in received)
        return new

    def died_again(self, letter: DeadLetter) -> bool:
        """Whether it was brought back before in this block, and given up on again."""
        return _fingerprint(letter) in self._returned


def look(queue: DeadLetterQueue) -> list[DeadLetter]:
    """The dead letters that are to be had, of each conversation at most ten; they stay in place.

    Nobody else can receive them meanwhile. Raises botocore's errors.
    """
    with queue:
        return list(queue)


class Selection(NamedTuple):
    """Which conversations are meant; None is any."""

    channel: str | None = None
    sender: str | None = None

    def includes(self, letter: DeadLetter) -> bool:
        """Whether a dead letter is meant: all those of a conversation, or none."""
        if self.channel not in (None, letter.channel):
            return False
        return self.sender is None or letter.group == sqs_id(letter.channel, self.sender)


@dataclass
class Redrive:
    """What a redrive did, by group: `stopped` says why a conversation was not brought back whole.

    `kept` are the groups that were not meant. It holds at any moment, also when interrupted.
    """

    selection: Selection
    brought_back: dict[str, list[DeadLetter]] = field(default_factory=dict)
    stopped: dict[str, tuple[DeadLetter, str]] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)

    @property
    def total(self) -> int:
        """How many messages were brought back."""
        return sum(map(len, self.brought_back.values()))

    def run(self, queue: DeadLetterQueue) -> None:
        """Bring back what is meant; raises botocore's errors where the queue cannot be read.

        Where a message cannot be sent, those behind it in its conversation stay too.
        """
        with queue:
            for letter in queue:
                self._handle(letter, queue)

    def _handle(self, letter: DeadLetter, queue: DeadLetterQueue) -> None:
        if not self.selection.includes(letter):
            self.kept.add(letter.group)
        elif letter.group in self.stopped:
            return
        elif queue.died_again(letter):
            self.stopped[letter.group] = (letter, "given up on again: its cause is still there")
        else:
            try:
                queue.bring_back(letter)
            except (BotoCoreError, ClientError) as error:
                self.stopped[letter.group] = (letter, str(error))
            else:
                self.brought_back.setdefault(letter.group, []).append(letter)


def _dead_letter(message: MessageTypeDef) -> DeadLetter:
    group = message["Attributes"]["MessageGroupId"]
    channel, sender_id, message_id = _identity(message["Body"], group)
    return DeadLetter(
        sqs_id=message["MessageId"],
        group=group,
        body=message["Body"],
        channel=channel,
        sender_id=sender_id,
        message_id=message_id,
    )


def _identity(body: str, group: str) -> tuple[str, str, str]:
    """Channel, sender and id of a message; of an unreadable one what its group tells."""
    try:
        document = json.loads(body)
        if "delivery_id" in document:
            return "callback", str(document["message"]["recipient_id"]), document["delivery_id"]
        queued = InboxMessage.from_json(body)
    except (ValueError, TypeError, KeyError):
        channel, _, sender_id = group.partition(":")
        return channel, sender_id, ""
    return queued.channel, queued.message.sender_id, queued.message.message_id


def _fingerprint(letter: DeadLetter) -> str:
    return hashlib.sha256(f"{letter.group}\n{letter.body}".encode()).hexdigest()
