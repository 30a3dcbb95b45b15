import hashlib
import json
import zlib

import pytest

from channels.agents.chat import history_key
from channels.aws.keys import key, sqs_id
from channels.aws.sockets.connections_table import ConnectionsTable
from channels.aws.sockets.recoveries_table import RecoveriesTable
from channels.aws.sockets.rooms_table import RoomsTable, StoredMessage
from channels.aws.state.state_table import StateTable
from channels.messages.payloads import key_of
from channels.socketio.connection import Connection
from channels.turns.awaited_reply import answer_key
from channels.turns.inbox_message import InboxMessage
from channels.turns.journal import DONE
from channels.twilio.choices import choices_key
from ops.erasure import forget
from ops.erasure.personal_items import payloads_of
from ops.failure import Failure
from ops.output import Output
from tests.unit.ops.moto_stack import arguments, moto_stack, queued

LONG = "/book" + json.dumps({"wish": "zebra" * 300})
COMMON = "/book" + json.dumps({"wish": "horse" * 300})


@pytest.fixture
def chat():
    with moto_stack() as found:
        yield found


def run(chat, *words, capsys):
    status = forget.forget(arguments("forget", *words, "--json"), chat.stack, chat.resources,
                           Output(as_json=True))  # fmt: skip
    assert status == 0
    return json.loads(capsys.readouterr().out)


def put(chat, pk, sk="MEMORY", **attributes):
    attributes = {"ttl": {"N": "99999999999"}, **attributes}
    chat.dynamodb.put_item(TableName="state", Item={"pk": {"S": pk}, "sk": {"S": sk}, **attributes})


def remember(chat, name, where, value="zebra"):
    put(chat, key("MEMORY", name, where), value={"S": value})


def talk(chat, message_id, sender, channel="slack", payload="/p", replies=None):
    """A turn, from its first claim to its end."""
    message = queued(message_id, sender, channel)
    journal = chat.journal(lambda: 1000.0)
    journal.claim(message, 1)
    buttons = [{"title": "T", "payload": payload}]
    journal.answered(message, replies or [{"text": "zebra", "buttons": buttons}])
    journal.sent(message, 1, "ts-1")
    journal.finished(message, DONE)
    return message


def table(chat):
    """The keys of everything in the table."""
    items = chat.dynamodb.scan(TableName="state")["Items"]
    return {(item["pk"]["S"], item["sk"]["S"]) for item in items}


def capture(chat, channel, request_id, senders, body):
    event = {"rawPath": f"/webhooks/{channel}/webhook", "body": json.dumps(body)}
    put(
        chat,
        key("CAPTURE", channel),
        f"{1_767_225_600_250}#{request_id}",
        event={"B": zlib.compress(json.dumps(event).encode())},
        senders={"L": [{"S": each} for each in senders]},
        status={"N": "200"},
        left_out={"N": "0"},
    )


def test_everything_of_one_person_is_erased_and_nothing_of_another(chat, capsys):
    for sender in ("amy", "bob"):
        for number in range(45):  # more than the conversation's record remembers
            talk(chat, f"{sender}-{number}", sender)
        remember(chat, "agent", history_key("slack", sender))
        remember(chat, "slack", answer_key(f"{sender}-3"))
        capture(chat, "slack", f"R-{sender}", [sender], {})
        chat.bury(queued(f"{sender}-dead", sender))
    mine = {each for each in table(chat) if "amy" in str(each)}
    others = table(chat) - mine
    answer = run(chat, "slack", "amy", capsys=capsys)
    assert answer["erased"] == {
        "conversation": 1,
        "turn": 45,
        "answer waited for": 1,
        "what the agent remembers": 1,
        "captured event": 1,
        "dead letter": 1,
    }
    assert len(mine) == 49
    assert table(chat) == others
    assert chat.ids(chat.pair().dead_letters) == {"bob": ["bob-dead"]}
    assert run(chat, "slack", "amy", capsys=capsys)["erased"] == {}


def test_a_dry_run_erases_nothing(chat, capsys):
    talk(chat, "m1", "amy")
    chat.bury(queued("m2", "amy"))
    before = table(chat)
    answer = run(chat, "slack", "amy", "--dry-run", capsys=capsys)
    assert answer["found"] == {"conversation": 1, "turn": 1, "dead letter": 1}
    assert answer["erased"] == {}
    assert table(chat) == before
    assert chat.ids(chat.pair().dead_letters) == {"amy": ["m2"]}


def test_the_same_sender_on_another_channel_is_somebody_else(chat, capsys):
    talk(chat, "m1", "amy", "slack")
    talk(chat, "m1", "amy", "telegram")
    run(chat, "slack", "amy", capsys=capsys)
    assert table(chat) == {
        ("SENDER#amy", "CONV#telegram"),
        ("TURN#telegram#m1", "TURN#amy"),
    }


def test_senders_of_one_message_id_and_ids_that_begin_alike(chat, capsys):
    random = [{"text": hashed(15_000)}]
    for sender in ("amy", "amy#1", "amy2"):
        talk(chat, "m1", sender, replies=random)
    pieces = {each for each in table(chat) if each[1].startswith("REPLIES#amy#1")}
    assert ("TURN#slack#m1", "REPLIES#amy#1") in pieces
    answer = run(chat, "slack", "amy", capsys=capsys)
    assert answer["erased"]["turn"] == 1
    assert answer["erased"]["part of a long answer"] > 0
    left = table(chat)
    assert ("SENDER#amy#1", "CONV#slack") in left
    assert ("TURN#slack#m1", "REPLIES#amy#1#1") in left
    assert ("TURN#slack#m1", "REPLIES#amy#1") not in left
    assert ("TURN#slack#m1", "REPLIES#amy2#1") in left


def test_long_payloads_go_unless_others_were_shown_them_too(chat, capsys):
    for payload in (LONG, COMMON):
        remember(chat, "slack", key_of(payload), payload)
    talk(chat, "m1", "amy", payload=LONG)
    talk(chat, "m2", "amy", payload=COMMON)
    talk(chat, "m3", "bob", payload=COMMON)
    assert run(chat, "slack", "amy", capsys=capsys)["erased"]["payload of a button"] == 1
    memories = {pk for pk, sk in table(chat) if sk == "MEMORY"}
    assert memories == {key("MEMORY", "slack", key_of(COMMON))}


def test_offered_choices(chat, capsys):
    remember(chat, "twilio", choices_key("+15005550006"))
    remember(chat, "twilio", choices_key("+15005550007"))
    run(chat, "twilio", "+15005550006", capsys=capsys)
    assert table(chat) == {("MEMORY#twilio#choices:+15005550007", "MEMORY")}


def test_sessions_and_connections(chat, capsys):
    state = StateTable("state", Boto(chat.dynamodb))
    connections, recoveries = ConnectionsTable(state), RecoveriesTable(state)
    rooms = RoomsTable(state)
    for session in ("s-amy", "s-bob"):
        connection = Connection(f"c-{session}", "eio4", sid=f"sid-{session}", pid=f"p-{session}")
        connections.add(connection, "")
        connections.join(connection, session, 0)
        recoveries.remember(connection)
        sequence, _ = rooms.number_part(session, "part")
        rooms.keep(session, StoredMessage(sequence, "bot_uttered", {"text": "zebra"}, session))
        talk(chat, f"m-{session}", session, "socketio")
    others = {each for each in table(chat) if "s-bob" in str(each)}
    answer = run(chat, "socketio", "s-amy", capsys=capsys)
    assert answer["erased"]["session"] == 3
    assert answer["erased"]["connection"] == 1
    assert answer["erased"]["recovery of a connection"] == 1
    assert table(chat) == others


def test_a_conversation_without_a_session_is_found_by_its_sid(chat, capsys):
    state = StateTable("state", Boto(chat.dynamodb))
    connections, recoveries = ConnectionsTable(state), RecoveriesTable(state)
    for name in ("one", "two"):
        connection = Connection(f"c-{name}", "eio4", sid=f"sid-{name}", pid=f"p-{name}")
        connections.add(connection, "")
        recoveries.remember(connection)
    run(chat, "socketio", "sid-one", capsys=capsys)
    assert table(chat) == {("CONN#c-two", "META"), ("PID#p-two", "META")}


def test_captured_events_that_only_say_the_id(chat, capsys):
    capture(chat, "slack", "R1", [], {"user": "amy"})
    capture(chat, "slack", "R2", ["bob"], {"user": "bob", "text": "xxx"})
    capture(chat, "slack", "R3", [], {"user": "amyx"})
    assert run(chat, "slack", "amy", capsys=capsys)["erased"] == {"captured event": 1}
    assert len(table(chat)) == 2


def test_dead_letters_of_the_callback_queue(chat, capsys):
    for recipient in ("amy", "bob"):
        document = {"delivery_id": f"d-{recipient}", "message": {"recipient_id": recipient}}
        url = chat.pair("callback").dead_letters
        chat.send(url, json.dumps(document), sqs_id("callback", recipient))
    assert run(chat, "callback", "amy", capsys=capsys)["erased"] == {"dead letter": 1}
    [(_, left)] = chat.drain(chat.pair("callback").dead_letters)
    assert json.loads(left)["delivery_id"] == "d-bob"


def test_more_dead_letters_than_a_queue_shows_at_once(chat, capsys):
    for number in range(25):
        chat.bury(queued(f"m{number}", "amy"))
        chat.bury(queued(f"n{number}", "bob"))
    assert run(chat, "slack", "amy", capsys=capsys)["erased"] == {"dead letter": 25}
    assert list(chat.ids(chat.pair().dead_letters)) == ["bob"]


def test_what_waits_in_a_queue_is_told(chat, capsys):
    message: InboxMessage = queued("m1", "amy")
    chat.send(chat.pair().source, message.to_json(), sqs_id("slack", "amy"))
    answer = run(chat, "slack", "amy", capsys=capsys)
    assert answer["waiting"] == {"inbox": 1, "callback": 0}
    assert answer["remains"]
    forget.forget(arguments("forget", "slack", "amy"), chat.stack, chat.resources, Output())
    said = capsys.readouterr().out
    assert "1 message in the inbox queue" in said
    assert "nothing is known of this sender" in said


def test_a_channel_that_the_stack_does_not_have(chat):
    with pytest.raises(Failure, match="no channel 'slak'"):
        forget.checked_channel("slak", chat.stack)
    assert forget.checked_channel("slack", chat.stack) == "slack"


def test_payloads_wherever_they_stand():
    replies = [{"quick_replies": [{"payload": "a"}]}, {"custom": {"x": [{"payload": "b"}]}}, "c"]
    assert list(payloads_of(replies)) == ["a", "b"]
    assert list(payloads_of(None)) == []


def hashed(number):
    """Text that zlib cannot make much shorter."""
    return "".join(hashlib.sha256(str(each).encode()).hexdigest() for each in range(number))


class Boto:
    """The small client's call, by boto3."""

    def __init__(self, dynamodb):
        self._dynamodb = dynamodb

    def call(self, operation, parameters):
        names = {
            "PutItem": "put_item",
            "GetItem": "get_item",
            "UpdateItem": "update_item",
            "TransactWriteItems": "transact_write_items",
        }
        return getattr(self._dynamodb, names[operation])(**parameters)
