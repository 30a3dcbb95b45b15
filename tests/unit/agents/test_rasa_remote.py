"""The Rasa agent over the remote channel: finding it, what is asked, and answers that break off."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

import pytest

from channels.agents.rasa import RasaAgent
from channels.errors import AgentError, AgentTimeout, AgentUnavailable, CredentialsError
from tests.servers.rasa_script import Cut, Hang, Raw, ReceivedRequest, Reply, Reset, Step
from tests.servers.rasa_server import READY
from tests.unit.agents.turns import ITEMS, AgentOf, Clock, Recorder, Serve, ask, ask_in_vain

REMOTE = "/webhooks/remote/webhook"
REST = "/webhooks/rest/webhook"

START: dict[str, Any] = {"type": "stream_start", "recipient_id": "x"}
END: dict[str, Any] = {"type": "stream_end", "recipient_id": "x"}


def chunk(text: str) -> dict[str, Any]:
    return {"type": "stream_chunk", "recipient_id": "x", "chunk": text}


class Streaming(Recorder):
    """Keeps chunks and tracker states too, in the order in which they come."""

    async def send_response_chunk_start(self, recipient_id: str, **kwargs: Any) -> None:
        self.sent.append({"start": recipient_id})

    async def send_response_chunk(self, recipient_id: str, chunk: str, **kwargs: Any) -> None:
        self.sent.append({"chunk": chunk})

    async def send_response_chunk_end(self, recipient_id: str, **kwargs: Any) -> None:
        self.sent.append({"end": recipient_id})

    def attach_tracker_state(self, tracker: Any) -> None:
        super().attach_tracker_state(tracker)
        self.sent.append({"state": self.tracker_state})


def paths(requests: Iterable[ReceivedRequest]) -> list[str]:
    return [request.path for request in requests]


class TestFinding:
    def test_it_is_found_by_one_request_and_asked_from_then_on(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        server = serve(ITEMS, remote=READY)
        agent = agent_of(server, remote=None, remote_token="t0k")
        for _ in range(3):
            assert ask(agent) == ITEMS
        assert paths(server.requests) == [REMOTE] * 3
        assert [probe["authorization"] for probe in server.probes] == ["Bearer t0k"]
        assert server.connections == 1

    @pytest.mark.parametrize(
        "answer",
        [
            None,
            {"status": "ok"},
            {**READY, "protocol": 2},
            {**READY, "authorized": False},
            Reply(body=b"<html>"),
            Reply(body=b"[]"),
            Reply(body=b"[" * 20_000),
            Reply(401),
            Reply(403),
            Reply(302, headers={"Location": "/login"}),
        ],
        ids=str,
    )
    def test_a_server_that_has_it_not_is_asked_over_rest_and_only_once_about_it(
        self, serve: Serve, agent_of: AgentOf, answer: Any
    ) -> None:
        server = serve(ITEMS, remote=answer)
        agent = agent_of(server, remote=None)
        assert ask(agent) == ask(agent) == ITEMS
        assert paths(server.requests) == [REST] * 2
        assert len(server.probes) == (0 if answer is None else 1)

    @pytest.mark.parametrize(
        "answer", [Reply(500), Reply(503), Cut(), Reset(), Reply(body=[Cut()])], ids=str
    )
    def test_no_clear_answer_is_a_no_for_this_message_only(
        self, serve: Serve, agent_of: AgentOf, answer: Any
    ) -> None:
        server = serve(ITEMS, remote=answer)
        agent = agent_of(server, remote=None)
        assert ask(agent) == ITEMS
        server.remote = READY
        assert ask(agent) == ITEMS
        assert paths(server.requests) == [REST, REMOTE]

    def test_a_server_that_hangs_when_asked_is_given_up_on(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        server = serve(ITEMS, remote=Hang())
        assert ask(agent_of(server, remote=None, connect_timeout=0.2)) == ITEMS
        assert paths(server.requests) == [REST]

    def test_one_that_gets_it_later_is_found_within_minutes(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        clock = Clock()
        server = serve(ITEMS)
        agent = agent_of(server, remote=None, wall_clock=clock)
        ask(agent)
        server.remote = READY
        clock.now += 299
        ask(agent)
        clock.now += 2
        ask(agent)
        assert paths(server.requests) == [REST, REST, REMOTE]

    def test_one_that_loses_it_is_asked_over_rest_with_the_same_message(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        server = serve(ITEMS, remote=READY)
        agent = agent_of(server, remote=None)
        ask(agent)
        server.remote = None
        assert ask(agent) == ask(agent) == ITEMS
        assert paths(server.requests) == [REMOTE, REST, REST]

    def test_a_server_that_is_not_there_is_said_to_be(self, agent_of: AgentOf) -> None:
        error, _ = ask_in_vain(agent_of("http://127.0.0.1:9", remote=None))
        assert type(error) is AgentUnavailable
        assert "is it running" in str(error)

    def test_true_asks_nothing_and_falls_back_to_nothing(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        server = serve(ITEMS, remote=READY)
        agent = agent_of(server, remote=True)
        assert ask(agent) == ITEMS
        server.remote = None
        error, _ = ask_in_vain(agent)
        assert type(error) is AgentUnavailable
        assert "has the channel 'remote'" in str(error)
        assert server.probes == []

    def test_false_never_asks(self, serve: Serve, agent_of: AgentOf) -> None:
        server = serve(ITEMS, remote=READY)
        ask(agent_of(server, remote=False))
        assert (paths(server.requests), server.probes) == ([REST], [])


class TestSettings:
    def test_the_section_has_keys_for_it(self, serve: Serve) -> None:
        server = serve(ITEMS, remote=READY, prefix="/bots/a")
        settings = {
            "remote_token": " t0k ",
            "tracker_state": True,
            "params": {"region": "eu"},
            "headers": {"X-Team": "support"},
        }
        url = f"{server.url}/webhooks/remote/"
        ask(RasaAgent.from_credentials(url, settings, timeout=20))
        (request,) = server.requests
        assert request.path == f"/bots/a{REMOTE}"
        assert request.args == {"region": "eu"}
        assert request.headers["authorization"] == "Bearer t0k"
        assert request.headers["x-team"] == "support"
        assert request.json["tracker_state"] is True

    def test_the_token_is_not_sent_to_the_rest_channel(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        server = serve(ITEMS)
        ask(agent_of(server, remote=None, remote_token="t0k"))
        assert "authorization" not in server.requests[0].headers

    @pytest.mark.parametrize(
        ("settings", "key"),
        [
            ({"remote": "yes"}, "remote"),
            ({"tracker_state": 1}, "tracker_state"),
            ({"remote_token": 5}, "remote_token"),
            ({"remote_token": " "}, "remote_token"),
            ({"remote_token": "a\nb"}, "remote_token"),
            ({"remote_token": "\N{SNOWMAN}"}, "remote_token"),
            (
                {"remote_token": "t", "basic_auth": {"username": "u", "password": "p"}},
                "remote_token",
            ),
        ],
    )
    def test_what_cannot_serve_is_named(self, settings: dict[str, Any], key: str) -> None:
        with pytest.raises(CredentialsError, match=f"agent: '{key}'.*docs/agents.md"):
            RasaAgent.from_credentials("http://rasa", settings, timeout=20)


class TestTurn:
    def test_the_request_has_all_that_is_known_of_a_message(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        server = serve(ITEMS, remote=READY)
        ask(
            agent_of(server, remote=True),
            message_id="Ev1 \N{SNOWMAN}",
            metadata={"a": [None]},
            input_channel="slack",
        )
        assert server.requests[0].json == {
            "sender": "user-1",
            "message": "hi",
            "metadata": {"a": [None]},
            "input_channel": "slack",
            "message_id": "Ev1 \N{SNOWMAN}",
        }

    def test_chunks_and_states_come_in_their_place(self, serve: Serve, agent_of: AgentOf) -> None:
        state = {"type": "tracker_state", "tracker_state": {"slots": {"a": 1}}}
        lines = [state, ITEMS[0], START, chunk("Once "), chunk("upon"), END, {"text": "Once upon"}]
        server = serve(lines, remote=READY)
        sent = ask(agent_of(server, remote=True, tracker_state=True), output=Streaming())
        assert sent == [
            {"state": {"slots": {"a": 1}}},
            ITEMS[0],
            {"start": "user-1"},
            {"chunk": "Once "},
            {"chunk": "upon"},
            {"end": "user-1"},
            {"text": "Once upon"},
        ]

    def test_a_chunk_is_passed_on_while_rasa_still_works(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        arrived = threading.Event()

        class Showing(Streaming):
            async def send_response_chunk(self, recipient_id: str, chunk: str, **_: Any) -> None:
                arrived.set()

        def turn(request: ReceivedRequest) -> Iterable[Step]:
            yield START
            yield chunk("first")
            yield END
            yield {"text": "seen" if arrived.wait(10) else "nobody saw the first"}

        sent = ask(agent_of(serve(turn, remote=READY), remote=True), output=Showing())
        assert sent[-1] == {"text": "seen"}

    @pytest.mark.parametrize(
        ("lines", "calls"),
        [
            ([chunk("a"), END], ["start", "chunk", "end"]),
            (
                [START, chunk("a"), START, chunk("b"), END],
                ["start", "chunk", "end", "start", "chunk", "end"],
            ),
            ([START, chunk("a")], ["start", "chunk", "end"]),
            ([END], []),
            ([START, START, END, END], ["start", "end", "start", "end"]),
        ],
    )
    def test_whatever_the_server_says_the_calls_are_in_order(
        self, serve: Serve, agent_of: AgentOf, lines: list[Any], calls: list[str]
    ) -> None:
        sent = ask(agent_of(serve(lines, remote=READY), remote=True), output=Streaming())
        assert [next(iter(each)) for each in sent] == calls

    def test_a_message_may_have_a_type_of_its_own(self, serve: Serve, agent_of: AgentOf) -> None:
        lines = [{"type": "survey", "text": "a"}]
        assert ask(agent_of(serve(lines, remote=READY), remote=True)) == lines


class TestBrokenTurn:
    @pytest.mark.parametrize(
        ("steps", "kind", "cause"),
        [
            ([Reply(body=b'{"text": "a"}\n')], AgentError, "its last line is missing"),
            ([Cut()], AgentError, "IncompleteRead"),
            ([Reset()], AgentError, "ConnectionResetError"),
            ([Raw(b"{broken\n")], AgentError, "not valid JSON"),
            ([{"error": {"status": 500}}], AgentError, "with status 500"),
            ([{"error": {"status": 503}}], AgentUnavailable, "with status 503"),
            ([{"error": {"status": 504}}], AgentTimeout, "with status 504"),
            ([{"error": {"status": ["secret"]}}], AgentError, "see its log"),
            ([{"type": "stream_chunk", "chunk": 5}], AgentError, "stream_chunk without"),
            ([{"type": "tracker_state"}], AgentError, "tracker_state without"),
            ([Hang()], AgentTimeout, "within 0.5 seconds"),
        ],
        ids=str,
    )
    def test_a_turn_that_dies_in_the_middle_of_a_stream_fails_and_ends_no_stream(
        self,
        serve: Serve,
        agent_of: AgentOf,
        steps: list[Any],
        kind: type[AgentError],
        cause: str,
    ) -> None:
        answer = steps[0] if isinstance(steps[0], Reply) else [START, chunk("Once "), *steps]
        agent = agent_of(serve(answer, remote=READY), remote=True, timeout=0.5)
        error, sent = ask_in_vain(agent, output=Streaming())
        assert type(error) is kind
        assert cause in str(error)
        assert [next(iter(each)) for each in sent] in (["start", "chunk"], ["text"])

    @pytest.mark.parametrize(
        ("status", "kind", "mend"),
        [
            (401, AgentUnavailable, "'remote_token'"),
            (400, AgentError, "log"),
            (503, AgentUnavailable, "log"),
        ],
    )
    def test_a_refused_request_says_what_to_mend(
        self,
        serve: Serve,
        agent_of: AgentOf,
        status: int,
        kind: type[AgentError],
        mend: str,
    ) -> None:
        error, _ = ask_in_vain(agent_of(serve(Reply(status), remote=READY), remote=True))
        assert type(error) is kind
        assert mend in str(error)

    def test_a_whole_turn_is_whole_though_the_connection_hangs_after_it(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        lines = [*ITEMS, {"type": "end"}, Hang()]
        server = serve({"hi": lines, "again": ITEMS}, remote=READY)
        agent = agent_of(server, remote=True)
        assert ask(agent) == ITEMS
        assert ask(agent, "again") == ITEMS
        assert server.connections == 2

    def test_too_large_an_answer_ends_the_turn(self, serve: Serve, agent_of: AgentOf) -> None:
        agent = agent_of(serve([chunk("x" * 1000)] * 20, remote=READY), remote=True)
        agent.max_reply_size = 10_000
        error, _ = ask_in_vain(agent)
        assert "larger than 10000 bytes" in str(error)

    def test_what_the_server_says_of_an_error_is_not_repeated(
        self, serve: Serve, agent_of: AgentOf, caplog: pytest.LogCaptureFixture
    ) -> None:
        line = {"error": {"status": 500, "message": "secret", "description": "secret"}}
        error, _ = ask_in_vain(agent_of(serve([line], remote=READY), remote=True))
        assert "secret" not in str(error) + caplog.text
