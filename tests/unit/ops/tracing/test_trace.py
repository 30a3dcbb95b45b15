import itertools
import json

import pytest
from botocore.exceptions import ClientError

from channels.turns.journal import DEAD, DONE, GONE
from ops.failure import Failure
from ops.output import Output
from ops.stack.channel_names import channel_names
from ops.stack.turns import Turns
from ops.tracing import trace
from ops.tracing.journey import Letter, Surroundings, kinds, steps, whereabouts
from ops.tracing.trace import look_around
from tests.unit.ops.moto_stack import arguments, moto_stack, queued

REPLIES = [{"text": "secret answer", "buttons": [{"title": "T", "payload": "/p"}]}, {"image": "i"}]
QUIET = Surroundings(waiting=0, dead_letters=0, visibility_timeout=100)
WAITING = QUIET._replace(waiting=1)
BURIED = QUIET._replace(dead_letters=1, letters=(Letter("slack", "amy", "Ev1"),))
UNSEEN = QUIET._replace(dead_letters=12, letters=(Letter("slack", "amy", "Ev0"),) * 10)


@pytest.fixture
def chat():
    with moto_stack() as found:
        yield found


def happen(chat, message, *events):
    """Write a turn into the journal; the last of each event is when it happens."""
    parts, receives = itertools.count(1), itertools.count(1)
    for event, *words, at in events:
        journal = chat.journal(lambda now=at: float(now))
        match event:
            case "claim":
                journal.claim(message, next(receives))
            case "fail":
                journal.failed(message, words[0], float(at + 30), None)
            case "pause":
                journal.paused(message, float(at + 30))
            case "give up":
                journal.given_up(message, words[0], "sqs-1")
            case "answer":
                journal.answered(message, REPLIES)
            case "part":
                journal.sent(message, next(parts), words[0])
            case _:
                journal.finished(message, event, *words)


def turn(chat, *events, **message):
    sent = queued("Ev1", **message)
    happen(chat, sent, *events)
    sender_id = sent.message.sender_id
    found = Turns("state", chat.dynamodb).get(message.get("channel", "slack"), "Ev1", sender_id)
    assert found
    return found


STRAIGHT = [
    ("claim", 901),
    ("answer", 903),
    ("part", "ts-1", 904),
    ("part", "ts-2", 905),
    (DONE, 906),
]


# a message's way


def test_from_received_to_done(chat):
    found = turn(chat, *STRAIGHT)
    assert [tuple(step) for step in steps(found)] == [
        (900.0, "received", "verified, put into the inbox"),
        (901.0, "claimed", "by a worker, which asks the agent"),
        (903.0, "answered", "2 messages: text, buttons, image"),
        (904.0, "part 1 sent", "ts-1"),
        (905.0, "part 2 sent", "ts-2"),
        (906.0, "done", ""),
    ]
    assert whereabouts(found, QUIET, 1000) == "done"


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param(
            [("claim", 901), ("fail", "AgentError: 500", 902), ("claim", 903), *STRAIGHT[1:]],
            [
                (902, "attempt failed", "1 so far, this one: AgentError: 500"),
                (903, "claimed again", "attempt 2"),
                (903, "answered", "2 messages: text, buttons, image"),
            ],
            id="retried",
        ),
        pytest.param(
            [*STRAIGHT[:3], ("claim", 950), ("part", "ts-2", 951), (DONE, 952)],
            [(904, "part 1 sent", "ts-1"), (950, "claimed again", "attempt 2")],
            id="killed between two parts",
        ),
        pytest.param(
            [
                ("claim", 901),
                ("fail", "AgentError: a", 902),
                ("claim", 904),
                ("fail", "AgentError: b", 905),
                (DEAD, "AgentError: b", 906),
            ],
            [(905, "attempt failed", "2 so far"), (906, "given up", "AgentError: b")],
            id="given up",
        ),
        pytest.param(
            [("claim", 901), (DEAD, "AgentError: a", 902), ("claim", 990), (DONE, 991)],
            [
                (902, "given up", "AgentError: a"),
                (990, "claimed again", "attempt 2"),
                (991, "done", ""),
            ],
            id="brought back",
        ),
        pytest.param(
            [*STRAIGHT, ("claim", 950)],
            [(906, "done", ""), (950, "came again", "dropped: it had been dealt with")],
            id="came again",
        ),
        pytest.param(
            [*STRAIGHT[:2], ("part", "refused: too long", 904), (DONE, 905)],
            [(904, "part 1 refused", "too long"), (905, "done", "")],
            id="a part refused",
        ),
        pytest.param(
            [*STRAIGHT[:2], (GONE, "the user blocked the bot", 904)],
            [(904, "gone", "the user blocked the bot")],
            id="recipient gone",
        ),
        pytest.param(
            [*STRAIGHT[:2], ("part", "", 904)], [(904, "part 1 sent", "")], id="no platform id"
        ),
        pytest.param(
            [*STRAIGHT[:3], ("pause", 963), ("claim", 964), ("part", "ts-2", 965), (DONE, 966)],
            [(963, "paused", "its time was over; it goes on with the next part")],
            id="out of time",
        ),
    ],
)
def test_what_happens_on_the_way(chat, events, expected):
    found = [tuple(step) for step in steps(turn(chat, *events))]
    assert [step for step in found if step in expected] == expected
    assert found == sorted(found, key=lambda step: step[0])


def test_what_the_bot_sends_unasked(chat):
    found = turn(chat, ("claim", 901), replies=REPLIES)
    assert [step.detail for step in steps(found)][1:] == ["by a worker"]
    found = turn(chat, *STRAIGHT[:2], replies=REPLIES)
    assert [(step.name, step.detail) for step in steps(found)[1:]] == [
        ("claimed", "by a worker"),
        ("unasked", "2 messages: text, buttons, image"),
    ]


@pytest.mark.parametrize(
    ("events", "around", "expected"),
    [
        ([("claim", 901)], QUIET, "taken by a worker 49.0 s ago, which has not reported an end"),
        ([("claim", 840)], WAITING, "its worker ended without a word; the inbox hands it to the"),
        ([("claim", 901), ("fail", "x", 902)], WAITING, "waits in the inbox to be tried again"),
        (
            [("claim", 901), ("fail", "JournalError: the state table", 940)],
            WAITING,
            "to be tried again at 1970-01-01 00:16:10.000 UTC, in 20.0 s",
        ),
        ([*STRAIGHT[:3], ("pause", 940)], WAITING, "tried again at 1970-01-01 00:16:10.000 UTC"),
        ([("claim", 901), ("give up", "x", 902)], WAITING, "the inbox keeps it until its dead"),
        ([("claim", 901), ("give up", "x", 902)], BURIED, "in the dead-letter queue, and the"),
        ([("claim", 840)], BURIED, "in the dead-letter queue, and the journal does not say why"),
        (
            [("claim", 901), ("fail", "x", 902)],
            BURIED,
            "in the dead-letter queue, and the journal does not say why",
        ),
        ([("claim", 901), ("fail", "x", 902)], QUIET, "neither in the inbox nor among the dead"),
        ([("claim", 840)], QUIET, "its worker ended without a word; neither in the inbox nor"),
        ([("claim", 901), ("fail", "x", 902)], UNSEEN, "among the 2 dead letters that cannot be"),
        ([("claim", 901), (GONE, "blocked", 902)], QUIET, "dropped: the recipient"),
        (
            [("claim", 901), (DEAD, "x", 902)],
            BURIED,
            "given up on, in the dead-letter queue",
        ),
        ([("claim", 901), (DEAD, "x", 902)], UNSEEN, "given up on, in the dead-letter queue"),
        ([("claim", 901), (DEAD, "x", 902)], QUIET, "the dead-letter queue does not have it"),
        ([("claim", 901), (DEAD, "x", 902), ("claim", 940)], QUIET, "taken by a worker 10.0 s ago"),
        (
            [("claim", 901), (DEAD, "x", 902), ("claim", 940), ("fail", "y", 941)],
            WAITING,
            "waits in the inbox",
        ),
        ([*STRAIGHT, ("claim", 940)], QUIET, "done"),
    ],
)
def test_where_a_message_is(chat, events, around, expected):
    assert expected in whereabouts(turn(chat, *events), around, 950.0)


def test_callback_s_parts_have_a_queue_of_their_own(chat):
    found = turn(chat, *STRAIGHT, channel="callback")
    assert whereabouts(found, QUIET, 950.0) == "done: its parts went into the callback queue"
    lost = QUIET._replace(undelivered=frozenset({"ts-2"}))
    assert "1 part is in its dead-letter queue" in whereabouts(found, lost, 950.0)
    assert "--queue callback" in whereabouts(found, lost, 950.0)


def test_kinds_without_words():
    assert kinds([]) == "0 messages"
    assert kinds([{"custom": {"a": 1}, "text": ""}]) == "1 message: custom"


# the command


def command(chat, capsys, *words):
    """Run it for scripts; gives what it answers."""
    args = arguments("trace", *words)
    trace.trace(args, chat.stack, chat.resources, Output(as_json=True))
    return json.loads(capsys.readouterr().out)


def said(chat, capsys, *words):
    trace.trace(arguments("trace", *words), chat.stack, chat.resources, Output())
    return capsys.readouterr().out


def test_a_message_for_scripts(chat, capsys):
    happen(chat, queued("Ev1"), *STRAIGHT)
    document = command(chat, capsys, "Ev1", "--channel", "slack")
    [message] = document.pop("messages")
    assert document == {"stack_name": "chat", "id": "Ev1", "conversations": [], "dead_letters": []}
    assert message.pop("steps")[0] == {
        "at": "1970-01-01T00:15:00.000+00:00",
        "step": "received",
        "detail": "verified, put into the inbox",
    }
    assert message == {
        "channel": "slack",
        "message_id": "Ev1",
        "sender_id": "amy",
        "status": "done",
        "where": "done",
        "received_at": "1970-01-01T00:15:00.000+00:00",
        "finished_at": "1970-01-01T00:15:06.000+00:00",
        "last_error": "",
        "parts_sent": 2,
        "claims": 1,
        "failed_attempts": 0,
        "parts": [
            {"at": "1970-01-01T00:15:04.000+00:00", "platform_id": "ts-1", "refusal": ""},
            {"at": "1970-01-01T00:15:05.000+00:00", "platform_id": "ts-2", "refusal": ""},
        ],
    }


def test_a_message_for_people(chat, capsys):
    happen(chat, queued("Ev1"), *STRAIGHT)
    lines = said(chat, capsys, "Ev1", "--channel", "slack").splitlines()
    assert lines[0] == "Ev1 from amy on slack"
    for words in (["00:15:01.000", "+1.0 s", "claimed"], ["+2.0 s", "answered"], ["ts-2"]):
        assert any(all(word in line for word in words) for line in lines), words
    assert "Now: done" in lines


@pytest.mark.parametrize("words", [["Ev1"], ["amy"], ["Ev1", "--json"], ["amy", "--json"]])
def test_words_are_shown_only_when_asked_for(chat, capsys, words):
    happen(chat, queued("Ev1", channel="rest"), *STRAIGHT)
    out = said(chat, capsys, *words) + json.dumps(command(chat, capsys, *words))
    assert "Ev1" in out
    assert "secret" not in out


def test_what_was_answered_on_request(chat, capsys):
    happen(chat, queued("Ev1", channel="rest"), *STRAIGHT)
    assert "secret answer" in said(chat, capsys, "Ev1", "--text")
    assert command(chat, capsys, "Ev1", "--text")["messages"][0]["replies"] == REPLIES


def test_channels_are_found_by_the_stack_s_credentials(chat, capsys):
    ssm = chat.stack.session.client("ssm")
    custom = "myio"
    for name in (f"custom/{custom}", "agent", "rest"):
        ssm.put_parameter(
            Name=f"/chat/credentials/{name}", Value='{"token": "hidden"}', Type="SecureString"
        )
    ssm.put_parameter(Name="/other/credentials/custom/theirs", Value="{}", Type="SecureString")
    names = channel_names(chat.stack)
    assert {custom, "rest", "callback"} <= set(names)
    assert not {"agent", "conversations_api", "theirs", "custom/theirs"} & set(names)

    happen(chat, queued("Ev1", channel=custom), *STRAIGHT)
    happen(chat, queued("Ev1", channel="rest"), *STRAIGHT)
    found = command(chat, capsys, "Ev1")["messages"]
    assert {each["channel"] for each in found} == {custom, "rest"}
    [only] = command(chat, capsys, "Ev1", "--channel", custom)["messages"]
    assert only["channel"] == custom


def test_a_channel_that_is_not_known_is_found_by_a_scan(chat, capsys):
    for number in range(5):
        happen(chat, queued(f"Ev{number}", channel="gone"), *STRAIGHT)
    with pytest.raises(Failure) as failure:
        command(chat, capsys, "Ev3")
    assert "--scan" in failure.value.mend
    [found] = command(chat, capsys, "Ev3", "--scan")["messages"]
    assert (found["channel"], found["message_id"]) == ("gone", "Ev3")
    with pytest.raises(Failure):
        command(chat, capsys, "Ev3", "--scan", "--channel", "rest")


def test_a_sender_for_scripts(chat, capsys):
    for number in range(3):
        message = queued(f"Ev{number}", reply_to={"thread": "T1", "channel": "C1"})
        happen(chat, message, ("claim", 901 + number), ("answer", 905), (DONE, 910))
    happen(chat, queued("Tg1", channel="telegram"), ("claim", 990))
    document = command(chat, capsys, "amy")
    assert document["messages"] == []
    latest, earlier = document["conversations"]
    assert (latest["channel"], latest["reply_to"]) == ("telegram", [])
    assert earlier["last_seen"] == "1970-01-01T00:15:03.000+00:00"
    assert earlier["reply_to"] == ["channel", "thread"]
    assert [each["message_id"] for each in earlier["messages"]] == ["Ev2", "Ev1", "Ev0"]
    assert [each["status"] for each in latest["messages"]] == ["claimed"]
    [only] = command(chat, capsys, "amy", "--channel", "slack")["conversations"]
    assert only["channel"] == "slack"


def test_a_sender_s_latest_messages_only(chat, capsys):
    for number in range(30):
        happen(chat, queued(f"Ev{number}"), ("claim", 901 + number))
    [conversation] = command(chat, capsys, "amy")["conversations"]
    ids = [each["message_id"] for each in conversation["messages"]]
    assert ids == [f"Ev{number}" for number in range(29, 9, -1)]


def test_a_sender_for_people(chat, capsys):
    failing = queued("Ev1", reply_to={"channel": "C0815"})
    happen(chat, failing, ("claim", 901), ("fail", "AgentError: 500", 902))
    chat.send(chat.pair().source, "x", "g")
    out = said(chat, capsys, "amy")
    for part in ("amy on slack", "addressed by channel", "AgentError: 500", "In the inbox: 1"):
        assert part in out
    assert "C0815" not in out


def test_an_id_that_stands_for_nothing(chat, capsys):
    with pytest.raises(Failure, match="'Ev9'") as failure:
        command(chat, capsys, "Ev9", "--channel", "slack")
    reasons = "\n".join(failure.value.details)
    for part in ("too old", "never sent", "another channel than slack", "chat in eu-west-1"):
        assert part in reasons
    assert "inbox" not in reasons
    chat.send(chat.pair().source, "x", "g")
    with pytest.raises(Failure) as failure:
        command(chat, capsys, "Ev9", "--scan")
    assert "1 message" in failure.value.details[0]
    assert "--scan" not in failure.value.mend


@pytest.mark.parametrize("id_", ["Ev1", "amy"])
def test_a_message_that_sqs_gave_up_on_before_any_worker_had_it(chat, capsys, id_):
    chat.bury(queued("Ev1"))
    chat.bury(queued("Ev2", "bob"))
    document = command(chat, capsys, id_)
    [letter] = document["dead_letters"]
    where = letter.pop("where")
    assert letter == {
        "channel": "slack",
        "message_id": "Ev1",
        "sender_id": "amy",
        "received_at": "1970-01-01T00:15:00.000+00:00",
    }
    assert where.startswith("in the dead-letter queue, and the journal does not say why")
    out = said(chat, capsys, id_)
    assert "Ev1 from amy on slack" in out
    assert "python -m ops redrive" in out
    assert "secret" not in out
    with pytest.raises(Failure):
        command(chat, capsys, id_, "--channel", "rest")
    assert chat.ids(chat.pair().dead_letters) == {"amy": ["Ev1"], "bob": ["Ev2"]}, "left there"


def test_a_message_that_sqs_gave_up_on_after_attempts(chat, capsys):
    message = queued("Ev1")
    happen(chat, message, ("claim", 901), ("fail", "RateLimited: status 429", 902))
    chat.bury(message)
    document = command(chat, capsys, "Ev1", "--channel", "slack")
    [found] = document["messages"]
    assert found["where"].startswith("in the dead-letter queue, and the journal does not say why")
    assert document["dead_letters"] == [], "told with the message"
    assert "waits in the inbox" not in said(chat, capsys, "Ev1", "--channel", "slack")


def test_parts_that_the_callback_queue_gave_up_on(chat, capsys):
    happen(chat, queued("Ev1", channel="callback"), *STRAIGHT[:2], ("part", "Ev1:1:x", 904))
    happen(chat, queued("Ev1", channel="callback"), (DONE, 906))
    letter = {"delivery_id": "Ev1:1:x", "message": {"recipient_id": "amy", "text": "secret"}}
    chat.send(chat.pair("callback").dead_letters, json.dumps(letter), "callback:amy")
    [found] = command(chat, capsys, "Ev1")["messages"]
    assert "1 part is in its dead-letter queue" in found["where"]


def test_dead_letters_are_left_alone_where_the_journal_tells_all(chat, capsys):
    happen(chat, queued("Ev1"), *STRAIGHT)
    chat.bury(queued("Ev2"))
    command(chat, capsys, "Ev1", "--channel", "slack")
    [letter] = chat.sqs.receive_message(
        QueueUrl=chat.pair().dead_letters,
        MessageSystemAttributeNames=["ApproximateReceiveCount"],
    )["Messages"]
    assert letter["Attributes"]["ApproximateReceiveCount"] == "1"


def test_dead_letters_that_may_not_be_looked_at(chat, capsys):
    happen(chat, queued("Ev1"), ("claim", 901), (DEAD, "AgentError: x", 902))
    chat.bury(queued("Ev1"))

    def refuse(**given):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "Receive")

    around = look_around(Refusing(chat.sqs, refuse), chat.resources, ["inbox"], Output())
    assert (around.letters, around.unseen) == ((), 1)
    assert "not you" in capsys.readouterr().out


class Refusing:
    """SQS, which does not let us receive."""

    def __init__(self, sqs, refuse):
        self._sqs, self.receive_message = sqs, refuse

    def __getattr__(self, name):
        return getattr(self._sqs, name)


def test_an_item_of_an_older_version_can_be_read(chat):
    item = {
        "pk": {"S": "TURN#slack#Ev1"},
        "sk": {"S": "TURN#amy"},
        "status": {"S": "claimed"},
        "channel": {"S": "slack"},
        "message_id": {"S": "Ev1"},
        "sender_id": {"S": "amy"},
        "received_at": {"N": "900"},
        "claimed_at": {"N": "901"},
        "attempts": {"N": "1"},
    }
    chat.dynamodb.put_item(TableName="state", Item=item)
    found = Turns("state", chat.dynamodb).get("slack", "Ev1", "amy")
    assert [step.name for step in steps(found)] == ["received", "claimed"]
