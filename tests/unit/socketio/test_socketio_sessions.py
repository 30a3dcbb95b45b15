"""Connections and sessions, with DynamoDB's own judgement of conditions."""

import asyncio
import json

import jwt
import pytest
from moto import mock_aws

from channels.aws.sockets.rooms_table import StoredMessage
from channels.channel import UserMessage
from channels.errors import PlatformUnavailable, RateLimited, RecipientGone, SendError
from channels.socketio.frames import offset_of
from channels.turns.parts import Parts
from tests.unit.socketio.surroundings import Surroundings

KEY = "k" * 32


@pytest.fixture
def here():
    with mock_aws():
        yield Surroundings(session_persistence=True)


def answer(here, text, *, session="s", message_id="m1", sent=0, end=True, connection=None):
    """Let the bot answer a message; gives the marks of its parts."""
    reply_to = {"connection": connection} if connection else {"room": session}
    message = UserMessage("hi", sender_id=session, message_id=message_id, reply_to=reply_to)
    output = here.channel.output_for(message)
    marks = []
    output.parts = Parts(sent, lambda parts, platform_id: marks.append(platform_id))

    async def send():
        for each in [text] if isinstance(text, str) else text:
            await output.send_text_message(session, each)
        if end:
            await output.end_turn(session)

    asyncio.run(send())
    return marks


def said(*texts):
    return [f'42["bot_uttered",{{"text":"{text}"}}]' for text in texts]


def test_a_client_connects_asks_for_its_session_and_is_answered(here):
    assert here.connect("a", {"EIO": "4", "transport": "websocket"}) == 200
    assert here.opened == ["a"]
    assert here.send("a", "40") == ['40{"sid":"a"}']
    confirm = here.send("a", '420["session_request",{"session_id":"s"}]')
    assert confirm == ['42["session_confirm","s"]', "430[]"]
    assert here.send("a", '421["user_uttered",{"message":"hi","session_id":"s"}]') == ["431[]"]
    [message] = here.inbox.queued
    assert (message.sender_id, message.reply_to) == ("s", {"room": "s"})
    assert answer(here, "Hey!") == ["1"]
    assert here.gateway.to("a") == [*said("Hey!"), "2"]


def test_both_devices_of_a_session_hear_the_answer_and_nobody_else(here):
    for name, session, version in (("a", "s", "4"), ("b", "s", "3"), ("c", "other", "4")):
        here.client(name, session, version)
    answer(here, "Hey!")
    assert here.gateway.to("a") == [*said("Hey!"), "2"]
    assert here.gateway.to("b") == said("Hey!")
    assert here.gateway.to("c") == []


def test_an_answer_that_a_lost_transport_swallowed_comes_after_reconnecting(here):
    here.client("a", "s")
    here.gateway.lost.add("a")
    answer(here, "Hey!")
    assert here.gateway.to("a") == []
    assert here.client("b", "s") == [
        '40{"sid":"b"}',
        '42["session_confirm","s"]',
        *said("Hey!"),
        "2",
    ]
    here.send("b", "3")
    assert here.client("c", "s")[2:] == [], "it is confirmed, and comes once"


def test_what_was_received_is_not_said_again(here):
    here.client("a", "s")
    answer(here, "Hey!")
    here.send("a", "3")
    here.disconnect("a")
    assert here.client("b", "s")[2:] == []


def test_an_answer_waits_for_a_session_that_is_away_for_a_day(here):
    here.client("a", "s")
    here.disconnect("a")
    answer(here, ["one", "two"])
    here.now += 86_399
    assert here.client("b", "s")[2:] == [*said("one", "two"), "2"]
    here.disconnect("b")
    here.now += 2
    assert here.client("c", "s")[2:] == []


def test_a_connection_that_is_gone_is_cleared_up_after(here):
    here.client("a", "s")
    here.gateway.open.discard("a")
    answer(here, "Hey!")
    assert not {key for key in here.dynamodb.stored() if "CONN#a" in key}


def test_a_client_that_forgets_its_session_request_is_answered(here):
    here.client("a", "s")
    here.disconnect("a")
    here.client("b")
    here.send("b", '42["user_uttered",{"message":"hi","session_id":"s"}]')
    answer(here, "Hey!")
    assert here.gateway.to("b") == [*said("Hey!"), "2"]


def test_leaving_a_session_for_another(here):
    here.client("a", "s")
    assert here.send("a", '42["session_request",{"session_id":"t"}]') == [
        '42["session_confirm","t"]'
    ]
    answer(here, "for s", session="s")
    answer(here, "for t", session="t")
    assert here.gateway.to("a") == [*said("for t"), "2"]


def test_numbers_of_one_session_say_nothing_in_another(here):
    here.client("a", "s")
    for number in range(5):
        answer(here, f"{number}", message_id=f"m{number}")
    here.send("a", '42["session_request",{"session_id":"t"}]')
    answer(here, "first of t", session="t")
    assert said("first of t")[0] in here.gateway.to("a")


def test_an_answer_on_its_way_does_not_follow_its_client_into_another_session(here):
    here.client("a", "s")

    def read_and_left(session):  # between the worker's reading and its post
        here.rooms.connections.members = usual
        found = usual(session)
        here.send("a", '42["session_request",{"session_id":"t"}]')
        return found

    usual, here.rooms.connections.members = here.rooms.connections.members, read_and_left
    answer(here, "for s", session="s")
    assert here.gateway.to("a") == []
    answer(here, "for t", session="t", message_id="m2")
    assert here.gateway.to("a") == [*said("for t"), "2"]


def test_what_was_missed_in_a_session_is_not_sent_after_leaving_it(here):
    answer(here, ["one", "two"], session="s", end=False)
    here.client("a")
    connection = here.rooms.connections.get("a")
    here.rooms.connections.join(connection, "s", 0)
    here.send("a", '42["session_request",{"session_id":"t"}]')
    here.rooms.replay(connection)
    assert here.gateway.to("a") == []
    answer(here, "for t", session="t", message_id="m2")
    assert here.gateway.to("a") == [*said("for t"), "2"]


def test_a_client_that_says_what_it_has_is_spared_that_and_learns_what_the_server_knows(here):
    answer(here, ["one", "two", "three"], end=False)
    for name, has, confirmed, texts in (
        ("a", 2, 2, ["three"]),
        ("b", 9, 3, []),
        ("c", 0, 0, ["one", "two", "three"]),
    ):
        here.connect(name, {"EIO": "4", "recovery": "1"})
        here.send(name, "40")
        data = {"session_id": "s", "offset": offset_of(has)}
        frames = [
            json.loads(each[2:])
            for each in here.send(name, f'42["session_request",{json.dumps(data)}]')
            if each != "2"
        ]
        assert frames[0] == ["session_confirm", "s", offset_of(confirmed)]
        assert [frame[1]["text"] for frame in frames[1:]] == texts


def test_what_a_client_says_that_it_has_brings_nothing_back(here):
    here.client("a", "s")
    answer(here, ["one", "two"])
    here.send("a", "3")
    here.client("b")
    data = {"session_id": "s", "offset": offset_of(1)}
    assert here.send("b", f'42["session_request",{json.dumps(data)}]') == [
        '42["session_confirm","s"]'
    ]


def test_leaving_the_namespace_leaves_the_session(here):
    here.client("a", "s")
    here.send("a", "41")
    answer(here, "Hey!")
    assert here.gateway.to("a") == []
    assert here.send("a", '42["user_uttered",{}]')[0].startswith("44")


def test_a_turn_goes_on_after_a_part_that_was_marked(here):
    here.client("a", "s")
    assert answer(here, ["one", "two"], sent=1) == ["1"]
    assert here.gateway.to("a") == [*said("two"), "2"]


def test_a_part_whose_attempt_was_cut_off_is_the_same_message(here):
    here.client("a", "s")
    answer(here, "one", end=False)
    answer(here, "one")
    assert here.gateway.to("a") == [*said("one", "one"), "2"], "the worker died before its mark"
    here.send("a", "3")
    assert here.client("b", "s")[2:] == []


@pytest.mark.parametrize("failure", [PlatformUnavailable("503"), RateLimited("429")])
def test_one_device_that_cannot_be_reached_gets_it_later_and_the_other_once(here, failure):
    here.client("a", "s")
    here.client("b", "s")
    here.gateway.failures["b"] = [failure]
    with pytest.raises(type(failure)):
        answer(here, "Hey!")
    answer(here, "Hey!")
    assert here.gateway.to("a") == [*said("Hey!"), "2"]
    assert here.gateway.to("b") == [*said("Hey!"), "2"]


def test_an_answer_that_comes_while_a_client_joins_arrives_once(here):
    here.client("a", "s")
    here.rooms.posts.claim("a", "s", 1, 0)  # the joining client's own replay is on its way
    answer(here, "Hey!")
    assert here.gateway.to("a") == []


def test_writes_whose_answers_are_lost_lose_no_message_and_double_none(here):
    here.dynamodb.loses_answers = True
    here.client("a", "s")
    here.client("b", "s")
    answer(here, ["one", "two"], message_id="m1")
    assert here.gateway.to("a")[:2] == here.gateway.to("b")[:2] == [*said("one"), *said("two")]
    here.disconnect("a")
    here.disconnect("b")
    answer(here, "three", message_id="m2")
    frames = here.client("c", "s")
    assert [frame for frame in frames if "bot_uttered" in frame] == [
        *said("one"),  # nobody has said that it has arrived
        *said("two"),
        *said("three"),
    ]


def test_an_answer_in_parts_while_a_client_joins_arrives_whole(here):
    here.client("a", "s")
    here.disconnect("a")
    answer(here, ["one", "two"], message_id="m1", end=False)
    here.client("b")
    # the client has joined, and nothing has been sent to it so far
    here.rooms.connections.join(here.rooms.connections.get("b"), "s", 0)
    answer(here, "three", message_id="m2")
    assert here.gateway.to("b") == [*said("one", "two", "three"), "2"]
    here.rooms.replay(here.rooms.connections.get("b"))
    assert here.gateway.to("b") == []


def test_two_who_post_to_one_connection_leave_nothing_out_and_repeat_nothing(here):
    answer(here, ["one", "two", "three"], end=False)
    here.client("b")
    connection = here.rooms.connections.get("b")
    here.rooms.connections.join(connection, "s", 0)

    def post(connection_id, frame):  # meanwhile the other one goes on
        here.gateway.post = usual
        usual(connection_id, frame)
        here.rooms.replay(here.rooms.connections.get("b"))

    usual, here.gateway.post = here.gateway.post, post
    here.rooms.replay(connection)
    assert [frame for frame in here.gateway.to("b") if frame != "2"] == said("one", "two", "three")


@pytest.mark.parametrize("failure", [PlatformUnavailable("503"), RateLimited("429")])
def test_what_could_not_be_sent_when_joining_comes_before_the_next_answer(here, failure):
    answer(here, ["one", "two"], message_id="m1", end=False)
    here.client("a")
    here.gateway.failures["a"] = [failure]
    assert here.send("a", '42["user_uttered",{"message":"hi","session_id":"s"}]') == []
    assert len(here.inbox.queued) == 1, "the user's message is taken all the same"
    answer(here, "three", message_id="m2")
    assert here.gateway.to("a") == [*said("one", "two", "three"), "2"]


def test_a_message_that_is_refused_for_good_does_not_stop_those_after_it(here):
    answer(here, ["one", "two"], end=False)
    here.gateway.failures["a"] = [None, None, SendError("413")]
    assert here.client("a", "s") == [
        '40{"sid":"a"}',
        '42["session_confirm","s"]',
        *said("two"),
        "2",
    ]


def test_a_device_that_refuses_does_not_keep_the_answer_from_the_others(here, caplog):
    for name in ("a", "b", "c"):
        here.client(name, "s")
    here.gateway.failures["a"] = [SendError("403")]
    here.gateway.open.discard("b")
    answer(here, "Hey!")
    assert "refused a part for good: 403" in caplog.text
    assert [here.gateway.to(name) for name in ("a", "b")] == [[], []]
    assert here.gateway.to("c") == [*said("Hey!"), "2"]


def test_a_session_that_missed_very_many_gets_the_newest_and_the_log_says_which_are_left_out(
    here, caplog
):
    for number in range(1, 113):
        here.rooms.messages.number_part("s", f"p{number}")
        message = StoredMessage(number, "bot_uttered", {"text": f"{number}"}, "s")
        here.rooms.messages.keep("s", message)
    heard = here.client("a", "s")[2:]
    assert heard == [*said(*map(str, range(13, 113))), "2"]
    assert "messages 1 to 12 (12) of its session are too many to send" in caplog.text
    here.send("a", "3")
    assert here.rooms.messages.numbers("s") == (112, 112)


def test_no_more_than_a_megabyte_is_sent_again(here, caplog):
    for number in range(1, 13):
        here.rooms.messages.number_part("s", f"p{number}")
        message = StoredMessage(number, "bot_uttered", {"text": "x" * 120_000}, "s")
        here.rooms.messages.keep("s", message)
    sent = [frame for frame in here.client("a", "s") if "xxx" in frame]
    assert 6 <= len(sent) <= 9
    assert f"messages 1 to {12 - len(sent)} ({12 - len(sent)})" in caplog.text


class TestReceipts:
    def test_one_ping_waits_at_a_time(self, here):
        here.client("a", "s")
        answer(here, "one", message_id="m1")
        answer(here, "two", message_id="m2")
        assert here.gateway.to("a") == [*said("one"), "2", *said("two")]
        assert here.send("a", "3") == ["2"], "the second is asked for now"
        assert here.rooms.messages.numbers("s")[1] == 1
        assert here.send("a", "3") == []
        assert here.rooms.messages.numbers("s")[1] == 2

    def test_the_answer_to_a_keepalive_confirms_nothing(self, here):
        here.client("a", "s")
        assert here.rooms.posts.claim_ping("a")
        answer(here, "one")
        assert here.gateway.to("a") == said("one")
        assert here.send("a", "3") == ["2"]
        assert here.rooms.messages.numbers("s")[1] == 0

    def test_a_ping_that_was_never_answered_is_not_waited_for(self, here):
        here.client("a", "s")
        here.rooms.posts.claim_ping("a")
        here.now += 61
        answer(here, "one")
        assert here.gateway.to("a") == [*said("one"), "2"]

    def test_of_a_session_that_was_left_nothing_is_asked(self, here):
        here.client("a", "s")
        answer(here, ["one", "two"], session="t", end=False)
        message = UserMessage("hi", sender_id="s", message_id="m2", reply_to={"room": "s"})
        output = here.channel.output_for(message)
        asyncio.run(output.send_text_message("s", "for s"))
        here.gateway.failures["a"] = [None, PlatformUnavailable("503")]
        here.send("a", '42["session_request",{"session_id":"t"}]')
        asyncio.run(output.end_turn("s"))
        assert "2" not in here.gateway.to("a")
        here.send("a", "3")
        assert here.rooms.messages.numbers("t")[1] == 0

    def test_an_answer_without_a_ping(self, here):
        here.client("a", "s")
        assert here.send("a", "3", "3") == []

    def test_clients_that_cannot_tell(self, here):
        here.client("a", "s", "3")
        answer(here, "one")
        assert here.gateway.to("a") == said("one")
        assert here.rooms.messages.numbers("s")[1] == 1

    def test_confirmations_do_not_go_back(self, here):
        answer(here, ["one", "two"])
        here.rooms.messages.confirm("s", 2)
        here.rooms.messages.confirm("s", 1)
        assert here.rooms.messages.numbers("s")[1] == 2


class TestWithoutPersistence:
    @pytest.fixture
    def here(self):
        with mock_aws():
            yield Surroundings()

    def test_the_connection_is_the_conversation(self, here):
        assert here.client("a", "s") == ['40{"sid":"a"}', '42["session_confirm","s"]']
        here.send("a", '42["user_uttered",{"message":"hi","session_id":"s"}]')
        [message] = here.inbox.queued
        assert (message.sender_id, message.reply_to) == ("a", {"connection": "a"})
        answer(here, "Hey!", connection="a")
        assert here.gateway.to("a") == said("Hey!")

    def test_one_that_is_gone_is_recorded(self, here):
        with pytest.raises(RecipientGone):
            answer(here, "Hey!", connection="a")
        here.client("a")
        here.gateway.open.discard("a")
        with pytest.raises(RecipientGone):
            answer(here, "Hey!", connection="a")


class TestTokens:
    @pytest.fixture
    def here(self):
        with mock_aws():
            yield Surroundings(session_persistence=True, jwt_key=KEY)

    def token(self, here, subject="alice", key=KEY, **claims):
        return jwt.encode({"sub": subject, "exp": 4_000_000_000, **claims}, key, "HS256")

    def connect(self, here, name, subject):
        here.connect(name, {"EIO": "4"})
        return here.send(name, f'40{{"token":"{self.token(here, subject)}"}}')

    def test_in_connect(self, here):
        assert self.connect(here, "a", "alice") == ['40{"sid":"a"}']

    def test_in_the_address(self, here):
        assert here.connect("a", {"EIO": "4", "token": self.token(here)}) == 200
        assert here.send("a", "40") == ['40{"sid":"a"}']
        assert here.connect("b", {"EIO": "3", "token": self.token(here)}) == 200
        assert here.send("b", '421["user_uttered",{"message":"hi"}]') == ["431[]"]

    @pytest.mark.parametrize("version", ["3", "4", None])
    def test_a_wrong_one_in_the_address(self, here, version):
        query = {"token": self.token(here, key="x" * 32)} | ({"EIO": version} if version else {})
        assert here.connect("a", query) == 401

    @pytest.mark.parametrize("claims", [{"exp": 1}, {"exp": None}])
    def test_an_old_one(self, here, claims):
        given = {name: value for name, value in claims.items() if value}
        token = jwt.encode({"sub": "alice", **given}, KEY, "HS256")
        assert here.connect("a", {"EIO": "4", "token": token}) == 401

    def test_socket_io_2_without_one_is_kept_out(self, here):
        assert here.connect("a", {"EIO": "3"}) == 401

    def test_a_refused_connect_ends_the_connection(self, here):
        here.connect("a", {"EIO": "4"})
        assert here.send("a", "40") == ['44{"message":"Authentication error"}']
        assert "a" not in here.gateway.open

    def test_a_session_belongs_to_whom_it_was_made_for(self, here):
        self.connect(here, "a", "alice")
        self.connect(here, "b", "bob")
        request = '42["session_request",{"session_id":"s"}]'
        assert here.send("a", request) == ['42["session_confirm","s"]']
        answer(here, "a secret")
        [confirm] = here.send("b", request)
        assert json.loads(confirm[2:])[1] != "s"
        [refused] = here.send("b", '42["user_uttered",{"message":"hi","session_id":"s"}]')
        assert "belongs to somebody else" in refused
        assert here.inbox.queued == []
        self.connect(here, "a2", "alice")
        assert said("a secret")[0] in here.send("a2", request)


class TestRecovery:
    def connect(self, here, name, auth):
        here.connect(name, {"EIO": "4", "recovery": "1"})
        [frame] = [each for each in here.send(name, f"40{json.dumps(auth)}") if each[:2] == "40"]
        return json.loads(frame[2:])

    @pytest.mark.parametrize("persistent", [True, False])
    def test_a_client_gets_what_it_has_missed(self, here, persistent):
        here.use(session_persistence=persistent)
        first = self.connect(here, "a", {})
        here.send("a", '42["session_request",{"session_id":"s"}]')
        here.send("a", '42["user_uttered",{"message":"hi","session_id":"s"}]')
        session = here.inbox.queued[0].reply_to["room"]
        answer(here, "one", session=session, message_id="m1")
        offset = json.loads(here.gateway.to("a")[0][2:])[2]
        answer(here, "two", session=session, message_id="m2")
        here.gateway.to("a")
        here.disconnect("a")
        here.connect("b", {"EIO": "4", "recovery": "1"})
        auth = json.dumps({"pid": first["pid"], "offset": offset})
        connected, two, *_ = here.send("b", f"40{auth}")
        assert json.loads(connected[2:]) == first
        assert json.loads(two[2:])[1] == {"text": "two"}

    @pytest.mark.parametrize("pid", ["unknown", "", None, 7, ["x"]])
    def test_a_pid_that_is_not_known_is_not_given_again(self, here, pid):
        assert self.connect(here, "a", {"pid": pid, "offset": "x"})["pid"] != pid

    def test_of_another_user(self, here):
        here.use(session_persistence=True, jwt_key=KEY)
        tokens = [
            jwt.encode({"sub": name, "exp": 4_000_000_000}, KEY, "HS256")
            for name in ("alice", "bob")
        ]
        pid = self.connect(here, "a", {"token": tokens[0]})["pid"]
        assert self.connect(here, "b", {"token": tokens[1], "pid": pid})["pid"] != pid
        assert self.connect(here, "c", {"token": tokens[0], "pid": pid})["pid"] == pid
