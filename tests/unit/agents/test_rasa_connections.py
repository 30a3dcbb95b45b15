"""The Rasa agent's connections: their time limits, keeping them alive, TLS.

Time limits here end a wait that would never end; nothing is measured.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from urllib3 import exceptions

from channels.agents.rasa import RasaAgent
from channels.clients.http_pool import HttpPool
from channels.errors import AgentTimeout, AgentUnavailable
from tests.servers.rasa_script import (
    Answer,
    Cut,
    Fail,
    Hang,
    Raw,
    ReceivedRequest,
    Reply,
    Reset,
    Step,
    Wait,
)
from tests.servers.rasa_server import RasaServer
from tests.unit.agents.turns import (
    ITEMS,
    AgentOf,
    Clock,
    Recorder,
    Serve,
    almost_over,
    ask,
    ask_in_vain,
    certificate_context,
)


class Failing(HttpPool):
    """Connections of which none comes about."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def post(self, *args: Any, **kwargs: Any) -> Any:
        raise self._error


class TestTime:
    def test_a_bot_that_raises_in_a_stream_hangs_and_is_given_up(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        clock = Clock()
        agent = agent_of(serve([*ITEMS[:1], Fail()]), clock=clock)
        error, sent = ask_in_vain(agent, output=Recorder(on_send=almost_over(clock)))
        assert isinstance(error, AgentTimeout)
        assert error.status == 504
        assert "within 20 seconds" in str(error)
        assert sent == ITEMS[:1]

    def test_a_server_that_accepts_and_says_nothing_is_given_up(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        error, _ = ask_in_vain(agent_of(serve(Hang()), timeout=0.3))
        assert isinstance(error, AgentTimeout)

    @pytest.mark.parametrize("keep_alive", [True, False], ids=["chunked", "until it closes"])
    def test_the_limit_is_for_the_whole_turn_not_for_each_message(
        self, serve: Serve, agent_of: AgentOf, keep_alive: bool
    ) -> None:
        clock, taken = Clock(), threading.Semaphore(0)

        def next_message_takes_a_second(message: dict[str, Any]) -> None:
            clock.now += 1.0
            taken.release()

        def turn(request: ReceivedRequest) -> Iterable[Step]:
            for number in range(10):
                yield {"text": str(number)}
                taken.acquire(timeout=10)

        agent = agent_of(serve(turn, keep_alive=keep_alive), timeout=3.5, clock=clock)
        error, messages = ask_in_vain(agent, output=Recorder(on_send=next_message_takes_a_second))
        taken.release(10)
        assert isinstance(error, AgentTimeout)
        assert [message["text"] for message in messages] == ["0", "1", "2", "3"]

    @pytest.mark.parametrize("keep_alive", [True, False], ids=["chunked", "until it closes"])
    def test_the_wait_for_the_next_byte_is_what_is_left_of_the_limit(
        self, serve: Serve, agent_of: AgentOf, keep_alive: bool
    ) -> None:
        clock = Clock()
        server = serve([{"text": "a"}, Wait(10), {"text": "late"}], keep_alive=keep_alive)
        agent = agent_of(server, clock=clock)
        error, sent = ask_in_vain(agent, output=Recorder(on_send=almost_over(clock)))
        assert isinstance(error, AgentTimeout)
        assert sent == [{"text": "a"}]

    def test_bytes_that_make_no_line_do_not_prolong_a_turn(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        def dripping(request: ReceivedRequest) -> Iterable[Step]:
            for _ in range(500):
                yield Raw(b" ")
                yield Wait(0.02)
            yield {"text": "too late"}

        error, sent = ask_in_vain(agent_of(serve(dripping), timeout=0.3))
        assert isinstance(error, AgentTimeout)
        assert sent == []

    def test_a_body_that_drips_does_not_prolong_a_turn(self, agent_of: AgentOf) -> None:
        with DrippingServer(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n") as url:
            error, _ = ask_in_vain(agent_of(url, timeout=0.3))
        assert isinstance(error, AgentTimeout)


class TestConnection:
    def test_a_connection_refused_asks_whether_rasa_runs(self, agent_of: AgentOf) -> None:
        with RasaServer() as server:
            url = server.url
        error, _ = ask_in_vain(agent_of(url))
        assert "is it running" in str(error)
        assert "ConnectionRefusedError" in str(error)
        assert error.status == 502

    def test_a_host_name_that_nobody_knows_is_told(self, agent_of: AgentOf) -> None:
        error, _ = ask_in_vain(agent_of("http://rasa.invalid:5005"))
        assert "the host name in RasaUrl is not known" in str(error)

    def test_a_host_name_that_cannot_be_one_is_told(self, agent_of: AgentOf) -> None:
        error, _ = ask_in_vain(agent_of(f"http://{'x' * 70}.example.com"))
        assert "the request to Rasa failed (LocationParseError)" in str(error)

    def test_a_way_to_the_server_that_takes_too_long_says_nothing_against_the_message(
        self, agent_of: AgentOf
    ) -> None:
        connections = Failing(exceptions.ConnectTimeoutError("timed out"))
        error, _ = ask_in_vain(agent_of("http://rasa", connections=connections))
        assert isinstance(error, AgentUnavailable)
        assert "firewall" in str(error)

    def test_turns_share_a_kept_alive_connection(self, serve: Serve, agent_of: AgentOf) -> None:
        agent = agent_of(server := serve({"hi": ITEMS, "array": Reply(body=b"[]")}))
        for text in ("hi", "unknown", "array", "hi"):
            ask(agent, text)
        assert [request.connection for request in server.requests] == [1, 1, 1, 1]

    def test_a_connection_that_the_server_closed_meanwhile_is_replaced(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        agent = agent_of(server := serve(ITEMS))
        ask(agent, "one")
        server.close_connections()
        assert ask(agent, "two") == ITEMS
        assert [(r.text, r.connection) for r in server.requests] == [("one", 1), ("two", 2)]

    @pytest.mark.parametrize("answer", [Cut(), Reset()], ids=["closed", "reset"])
    def test_a_message_that_a_dying_server_has_read_is_not_sent_again(
        self, serve: Serve, agent_of: AgentOf, answer: Answer
    ) -> None:
        agent = agent_of(server := serve({"fatal": answer}))
        ask(agent, "one")
        ask_in_vain(agent, "fatal")
        ask(agent, "three")
        assert [r.text for r in server.requests] == ["one", "fatal", "three"]

    @pytest.mark.parametrize(("idle", "connections"), [(3.9, 1), (4.1, 2), (-4.1, 2)])
    def test_a_connection_idle_for_too_long_is_not_used_again(
        self, serve: Serve, agent_of: AgentOf, idle: float, connections: int
    ) -> None:
        clock = Clock()
        agent = agent_of(server := serve(ITEMS), connections=HttpPool(wall_clock=clock))
        clock.now += 100  # before the first turn there is nothing to be idle
        ask(agent)
        clock.now += idle
        ask(agent)
        assert server.connections == connections

    def test_a_server_without_keep_alive_is_served_too(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        agent = agent_of(server := serve(ITEMS, keep_alive=False))
        assert ask(agent) == ask(agent) == ITEMS
        assert server.connections == 2

    def test_threads_ask_at_once_and_each_gets_its_own_answer(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        together = threading.Barrier(8)

        def turn(request: ReceivedRequest) -> Iterable[Step]:
            together.wait(10)
            yield {"text": f"you said {request.text}"}
            yield {"text": "that is all"}

        agent = agent_of(server := serve(turn))

        def talk(person: int) -> list[list[dict[str, Any]]]:
            return [ask(agent, f"{person}.{number}") for number in range(5)]

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(talk, range(8)))
        assert answers == [
            [
                [{"text": f"you said {person}.{number}"}, {"text": "that is all"}]
                for number in range(5)
            ]
            for person in range(8)
        ]
        assert server.connections == 8


class TestTls:
    def test_a_server_with_a_certificate_of_ones_own_is_trusted_by_cafile(
        self, serve: Serve, certificate: Path
    ) -> None:
        server = serve(ITEMS, ssl_context=certificate_context(certificate))
        credentials = {"cafile": str(certificate), "token": "abc"}
        agent = RasaAgent.from_credentials(server.url, credentials, timeout=20)
        assert ask(agent) == ask(agent) == ITEMS
        assert server.connections == 1

    @pytest.mark.parametrize("keep_alive", [True, False], ids=["chunked", "until it closes"])
    def test_a_pause_over_tls_is_given_up(
        self, serve: Serve, agent_of: AgentOf, certificate: Path, keep_alive: bool
    ) -> None:
        clock = Clock()
        context = certificate_context(certificate)
        agent = agent_of(
            serve([*ITEMS[:1], Wait(10), *ITEMS], ssl_context=context, keep_alive=keep_alive),
            connections=HttpPool(ssl.create_default_context(cafile=certificate)),
            clock=clock,
        )
        error, sent = ask_in_vain(agent, output=Recorder(on_send=almost_over(clock)))
        assert isinstance(error, AgentTimeout)
        assert sent == ITEMS[:1]

    def test_a_certificate_that_nobody_vouches_for_is_refused(
        self, serve: Serve, agent_of: AgentOf, certificate: Path
    ) -> None:
        server = serve(ITEMS, ssl_context=certificate_context(certificate))
        error, _ = ask_in_vain(agent_of(server))
        assert "SSLCertVerificationError" in str(error)
        assert "'cafile'" in str(error)
        assert server.requests == []

    def test_https_to_a_port_without_tls_is_told(self, serve: Serve, agent_of: AgentOf) -> None:
        error, _ = ask_in_vain(agent_of(serve(ITEMS).url.replace("http:", "https:")))
        assert "whether its port speaks https" in str(error)


class DrippingServer:
    """Says `head`, then a byte now and then; ends with its connection."""

    def __init__(self, head: bytes) -> None:
        self._head = head
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __exit__(self, *exc_info: object) -> None:
        self._done.set()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, contextlib.suppress(ConnectionError):
            connection.recv(65_536)
            connection.sendall(self._head)
            while not self._done.wait(0.02):
                connection.sendall(b" ")
