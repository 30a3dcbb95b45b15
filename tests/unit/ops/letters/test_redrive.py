import json
import random
from collections import Counter

import pytest
from botocore.exceptions import ClientError

from channels.aws.keys import sqs_id
from channels.turns.journal import DEAD, DONE
from ops.letters import redrive
from ops.letters.dead_letters import DeadLetterQueue, Redrive, Selection
from ops.output import Output
from tests.unit.ops.moto_stack import arguments, moto_stack, queued

EVERYTHING = Selection()


@pytest.fixture
def chat():
    with moto_stack() as found:
        yield found


def bury_interleaved(chat, senders, each, channel="slack"):
    """Dead letters of several conversations, mixed as they come; gives each one's ids in order."""
    order = senders * each
    random.Random(1).shuffle(order)  # noqa: S311 - not a secret
    ids = {}
    for sender in order:
        mine = ids.setdefault(sender, [])
        mine.append(f"{channel}-{sender}-{len(mine)}")
        chat.bury(queued(mine[-1], sender, channel))
    return ids


def run(chat, selection=EVERYTHING, sqs=None):
    work = Redrive(selection)
    work.run(DeadLetterQueue(sqs or chat.sqs, chat.pair(), wait=0))
    return work


class Striking:
    """SQS, where something happens just before or just after the n-th call that changes it."""

    def __init__(self, sqs, strike=None, number=None, *, after=False, calls=None):
        self._sqs = sqs
        self._strike, self._number, self._after = strike, number, after
        self._calls = calls or ("receive_message", "send_message", "delete_message")
        self.made = 0

    def __getattr__(self, name):
        call = getattr(self._sqs, name)
        if name not in self._calls:
            return call

        def counted(**parameters):
            number = self.made
            self.made += 1
            if number == self._number and not self._after:
                self._strike(parameters)
            answer = call(**parameters)
            if number == self._number:
                self._strike(parameters)
            return answer

        return counted


def interrupt(parameters):
    raise KeyboardInterrupt


def refuse(parameters):
    raise ClientError({"Error": {"Code": "Throttled", "Message": "slow down"}}, "SendMessage")


# order


def test_many_batches_of_messages_come_back_in_the_order_of_their_conversations(chat):
    ids = bury_interleaved(chat, [f"s{number}" for number in range(5)], 9)  # SQS gives out tens
    work = run(chat)
    assert work.total == 45
    assert not work.stopped
    assert chat.ids(chat.pair().source) == ids
    assert chat.drain(chat.pair().dead_letters) == []


def test_messages_are_what_they_were(chat):
    message = queued("Ev1", "amy", reply_to={"channel": "C1"}, replies=[{"text": "a"}])
    chat.bury(message)
    run(chat)
    assert chat.drain(chat.pair().source) == [("slack:amy", message.to_json())]


def test_a_conversation_goes_behind_what_already_waits(chat):
    chat.bury(queued("old"))
    chat.send(chat.pair().source, queued("new").to_json(), "slack:amy")
    run(chat)
    assert chat.ids(chat.pair().source) == {"amy": ["new", "old"]}


@pytest.mark.parametrize(
    ("selection", "moved"),
    [
        (Selection(channel="slack"), {"slack:amy", "slack:bob"}),
        (Selection(sender="amy"), {"slack:amy", "telegram:amy"}),
        (Selection("telegram", "amy"), {"telegram:amy"}),
        (Selection("telegram", "zoe"), set()),
    ],
)
def test_what_is_not_meant_stays_in_its_order(chat, selection, moved):
    for number in range(30):
        for channel, sender in (("slack", "amy"), ("slack", "bob"), ("telegram", "amy")):
            chat.bury(queued(f"{number:02}", sender, channel))
    work = run(chat, selection)
    assert work.total == 30 * len(moved)

    in_order = [f"{number:02}" for number in range(30)]
    for url, groups in (
        (chat.pair().source, moved),
        (chat.pair().dead_letters, {"slack:amy", "slack:bob", "telegram:amy"} - moved),
    ):
        found = {}
        for group, body in chat.drain(url):
            found.setdefault(group, []).append(json.loads(body)["message"]["message_id"])
        assert found == dict.fromkeys(groups, in_order)


@pytest.mark.parametrize("sender", ["plain", "with space", "x" * 300])
def test_a_sender_is_found_however_its_group_is_named(chat, sender):
    group = sqs_id("slack", sender)
    chat.bury(queued("Ev1", sender))
    chat.send(chat.pair().dead_letters, "unreadable", group)
    chat.bury(queued("Ev2", "another"))
    assert run(chat, Selection("slack", sender)).total == 2
    assert [found for found, _ in chat.drain(chat.pair().source)] == [group, group]


def test_callback_deliveries(chat):
    pair = chat.pair("callback")
    bodies = [
        json.dumps({"delivery_id": f"m:{number}", "message": {"recipient_id": "amy"}})
        for number in range(3)
    ]
    for body in bodies:
        chat.send(pair.dead_letters, body, sqs_id("callback", "amy"))
    work = Redrive(Selection("callback", "amy"))
    work.run(DeadLetterQueue(chat.sqs, pair, wait=0))
    [letters] = work.brought_back.values()
    assert [letter.message_id for letter in letters] == ["m:0", "m:1", "m:2"]
    assert [body for _, body in chat.drain(pair.source)] == bodies


@pytest.mark.parametrize("body", ["", "what?", "1", "[]", '"delivery_id"', '{"delivery_id": 1}'])
def test_unreadable_messages_are_brought_back_too(chat, body):
    chat.send(chat.pair().dead_letters, body or " ", "slack:amy")
    work = run(chat)
    [[letter]] = work.brought_back.values()
    assert (letter.channel, letter.sender_id, letter.message_id) == ("slack", "amy", "")
    assert chat.drain(chat.pair().source) == [("slack:amy", body or " ")]


# interruptions


def steps_of_a_redrive():
    with moto_stack() as chat:
        bury_interleaved(chat, ["amy", "bob"], 3)
        counting = Striking(chat.sqs)
        run(chat, sqs=counting)
    return counting.made


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(steps_of_a_redrive()))
def test_interrupted_anywhere_nothing_is_lost(chat, number, after):
    ids = bury_interleaved(chat, ["amy", "bob"], 3)
    work = Redrive(EVERYTHING)
    striking = Striking(chat.sqs, interrupt, number, after=after)
    queue = DeadLetterQueue(striking, chat.pair(), wait=0)
    with pytest.raises(KeyboardInterrupt):
        work.run(queue)
    assert work.total <= 6

    if after and striking.made == 1:
        # The answer to a receive is lost: SQS shows the messages again after a while.
        assert run(chat).total == 0
        return
    again = run(chat)
    assert not again.stopped
    assert 5 <= work.total + again.total <= 6  # the one that was interrupted may count as none
    assert chat.drain(chat.pair().dead_letters) == []
    assert chat.ids(chat.pair().source) == ids


@pytest.mark.parametrize("call", ["send_message", "delete_message"])
@pytest.mark.parametrize("after", [False, True])
def test_a_conversation_stops_where_a_message_fails_and_others_go_on(chat, call, after):
    ids = bury_interleaved(chat, ["amy", "bob", "cec"], 15)
    work = run(chat, sqs=Striking(chat.sqs, refuse, 7, after=after, calls=(call,)))
    [(failed, reason)] = work.stopped.values()
    assert "slow down" in reason
    stopped = failed.sender_id
    assert work.total == 30 + ids[stopped].index(failed.message_id)

    left = chat.ids(chat.pair().dead_letters).get(stopped, [])
    moved = chat.ids(chat.pair().source)
    assert {sender: moved[sender] for sender in ids if sender != stopped} == {
        sender: ids[sender] for sender in ids if sender != stopped
    }
    here = moved.get(stopped, [])
    in_both = set(left) & set(here)
    assert in_both == ({failed.message_id} if (call, after) in _IN_BOTH else set())
    assert here + [each for each in left if each not in in_both] == ids[stopped]
    assert left == sorted(left, key=ids[stopped].index)


#: Failures at which the message is in the source queue already, and still a dead letter.
_IN_BOTH = {("send_message", True), ("delete_message", False)}


def test_a_message_that_dies_again_at_once_ends_it(chat):
    bury_interleaved(chat, ["amy", "bob"], 4)

    class Worker:
        """Gives up on everything of amy's at once."""

        def __getattr__(self, name):
            return getattr(chat.sqs, name)

        def send_message(self, **parameters):
            chat.sqs.send_message(**parameters)
            if parameters["MessageGroupId"] == "slack:amy":
                chat.send(chat.pair().dead_letters, parameters["MessageBody"], "slack:amy")

    work = run(chat, sqs=Worker())
    assert list(work.stopped) == ["slack:amy"]
    assert "again" in work.stopped["slack:amy"][1]
    assert {group: len(letters) for group, letters in work.brought_back.items()} == {
        "slack:amy": 4,
        "slack:bob": 4,
    }
    assert len(chat.drain(chat.pair().dead_letters)) == 4


def test_it_ends_though_what_is_held_comes_again(chat):
    ids = bury_interleaved(chat, ["amy", "bob"], 2)

    class Impatient:
        """Hides messages for no time at all."""

        def __getattr__(self, name):
            return getattr(chat.sqs, name)

        def receive_message(self, **parameters):
            return chat.sqs.receive_message(**{**parameters, "VisibilityTimeout": 0})

    work = run(chat, Selection("telegram"), sqs=Impatient())
    assert (work.total, work.kept) == (0, {"slack:amy", "slack:bob"})
    assert chat.ids(chat.pair().dead_letters) == ids


# the command


def command(chat, capsys, *words):
    """Run it for scripts; gives the status and what it answers."""
    args = arguments("redrive", "--json", *words)
    status = redrive.redrive(args, chat.stack, chat.resources, Output(as_json=True))
    return status, json.loads(capsys.readouterr().out)


def give_up(chat, message, error):
    journal = chat.journal()
    journal.claim(message, 1)
    journal.finished(message, DEAD, error)
    chat.bury(message)


def test_brought_back_for_scripts(chat, capsys):
    chat.bury(queued("Ev1"))
    chat.bury(queued("Ev2"))
    chat.bury(queued("Ev3", "bob"))
    assert command(chat, capsys, "--sender", "amy") == (
        0,
        {
            "stack_name": "chat",
            "queue": "inbox",
            "dry_run": False,
            "brought_back": 2,
            "conversations": [
                {
                    "channel": "slack",
                    "sender_id": "amy",
                    "messages": [{"message_id": "Ev1"}, {"message_id": "Ev2"}],
                }
            ],
            "stopped": [],
            "other_conversations": 1,
        },
    )


def test_a_dry_run_tells_why_and_changes_nothing(chat, capsys):
    give_up(chat, queued("Ev1"), "AgentError: the agent answered 500")
    chat.bury(queued("Ev2"))
    done = queued("Ev3")
    chat.journal().claim(done, 1)
    chat.journal().finished(done, DONE)
    chat.bury(done)
    chat.send(chat.pair().dead_letters, "what?", "slack:amy")
    chat.bury(queued("Ev4", "bob"))
    moved = queued("Ev5")
    chat.journal().claim(moved, 1)
    chat.journal().failed(moved, "RateLimited: status 429", 1001.0, 1000.0)
    chat.bury(moved)

    for _ in range(2):
        assert command(chat, capsys, "--dry-run", "--sender", "amy") == (
            0,
            {
                "stack_name": "chat",
                "queue": "inbox",
                "dry_run": True,
                "seen": 5,
                "conversations": [
                    {
                        "channel": "slack",
                        "sender_id": "amy",
                        "messages": [
                            {"message_id": "Ev1", "reason": "AgentError: the agent answered 500"},
                            {"message_id": "Ev2", "reason": "not in the journal (any more)"},
                            {
                                "message_id": "Ev3",
                                "reason": "dealt with meanwhile: the worker will drop it",
                            },
                            {"message_id": "", "reason": "unreadable"},
                            {
                                "message_id": "Ev5",
                                "reason": "moved by SQS after its last receive; before: "
                                "RateLimited: status 429",
                            },
                        ],
                    }
                ],
                "behind": 0,
            },
        )
    assert chat.drain(chat.pair().source) == []
    assert len(chat.drain(chat.pair().dead_letters)) == 6


def test_a_dry_run_says_how_many_it_cannot_see(chat, capsys):
    ids = bury_interleaved(chat, ["amy"], 34)
    _, found = command(chat, capsys, "--dry-run")
    assert (found["seen"], found["behind"]) == (10, 24)
    assert chat.ids(chat.pair().dead_letters) == ids


@pytest.mark.parametrize("words", [[], ["--dry-run"]])
def test_no_dead_letters(chat, capsys, words):
    status, found = command(chat, capsys, *words)
    assert status == 0
    assert found["conversations"] == []


def test_the_callback_queue(chat, capsys):
    chat.bury(queued("Ev1"))
    body = '{"delivery_id": "m:1", "message": {"recipient_id": "amy"}}'
    chat.send(chat.pair("callback").dead_letters, body, "callback:amy")
    _, seen = command(chat, capsys, "--queue", "callback", "--dry-run")
    [message] = seen["conversations"][0]["messages"]
    assert message["message_id"] == "m:1"
    assert "CallbackDeliveryFunction" in message["reason"]
    assert command(chat, capsys, "--queue", "callback")[1]["brought_back"] == 1
    assert chat.drain(chat.pair("callback").source) == [("callback:amy", body)]
    assert chat.drain(chat.pair().source) == []


def test_people_see_conversations_and_never_words(chat, capsys):
    give_up(chat, queued("Ev1"), "AgentError: no answer")
    bury_interleaved(chat, ["bob"], 5)
    for words in (["--dry-run"], []):
        redrive.redrive(arguments("redrive", *words), chat.stack, chat.resources, Output())
    said = capsys.readouterr().out
    for part in ("amy", "Ev1", "AgentError: no answer", "slack-bob-0", "...", "6 messages"):
        assert part in said
    assert "secret words" not in said


def test_each_message_is_sent_once(chat):
    bury_interleaved(chat, ["amy", "bob"], 20)
    sent = Striking(chat.sqs, calls=("send_message",))
    run(chat, sqs=sent)
    assert sent.made == 40
    bodies = Counter(body for _, body in chat.drain(chat.pair().source))
    assert set(bodies.values()) == {1}
