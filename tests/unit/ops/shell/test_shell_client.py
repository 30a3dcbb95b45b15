"""The shell against a real server: what is sent, and every way an answer can fail."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from ops.failure import Failure
from ops.loopback import is_loopback
from ops.shell.client import RestClient, webhook_url
from ops.shell.messages import AnswerError
from tests.unit.ops.shell.shell_server import Answer, lines, serving

HELLO = {"recipient_id": "me", "text": "Hello"}
BYE = {"recipient_id": "me", "text": "Bye"}


def exchange(answer: Answer, **settings: Any) -> tuple[list[dict[str, Any]], str]:
    """The messages that came, and the error's text ("" when there was none)."""
    got: list[dict[str, Any]] = []
    with serving(lambda _: answer) as server, RestClient(server.url, "me", **settings) as client:
        try:
            got.extend(client.send("hi"))
        except AnswerError as error:
            return got, str(error).replace(server.url, "URL")
    return got, ""


def test_it_sends_what_rasas_shell_sends() -> None:
    with serving(lambda _: Answer(lines(HELLO))) as server, RestClient(server.url, "me") as client:
        assert list(client.send("hi")) == [HELLO]

    (request,) = server.received
    assert request.path == "/webhooks/rest/webhook?stream=true"
    assert request.body == {"sender": "me", "message": "hi"}
    assert "authorization" not in request.headers


def test_no_stream_asks_for_the_array() -> None:
    with (
        serving(lambda _: Answer([json.dumps([HELLO, BYE], indent=1).encode()])) as server,
        RestClient(server.url, "me", stream=False) as client,
    ):
        assert list(client.send("hi")) == [HELLO, BYE]

    assert server.received[0].path == "/webhooks/rest/webhook"


def test_the_token_goes_into_a_header_never_into_the_url() -> None:
    with (
        serving(lambda _: Answer()) as server,
        RestClient(server.url, "me", token="s3cret") as client,
    ):
        assert list(client.send("hi")) == []

    (request,) = server.received
    assert request.headers["authorization"] == "Bearer s3cret"
    assert "s3cret" not in request.path


@pytest.mark.parametrize("token", ["a b", "a\nb", "schlüssel"])
def test_a_token_no_header_can_carry_is_refused_without_echo(token: str) -> None:
    with pytest.raises(Failure, match="Authorization header") as raised:
        RestClient("http://127.0.0.1:1", "me", token=token)

    assert token not in str(raised.value)


def test_a_message_is_there_before_the_next_one_is_written() -> None:
    read = Event()

    def chunks() -> Iterator[bytes]:
        yield lines(HELLO)[0]
        assert read.wait(10)
        yield lines(BYE)[0]

    with (
        serving(lambda _: Answer(chunks())) as server,
        RestClient(server.url, "me", timeout=10) as client,
    ):
        answer = client.send("hi")
        first = next(answer)
        read.set()

        assert [first, *answer] == [HELLO, BYE]


def test_a_stream_that_arrives_whole_is_the_same() -> None:
    assert exchange(Answer([b"".join(lines(HELLO, BYE))])) == ([HELLO, BYE], "")


@pytest.mark.parametrize("said", [[], [HELLO]], ids=["at once", "after a message"])
def test_silence_ends_in_a_timeout(said: list[dict[str, Any]]) -> None:
    over = Event()

    def chunks() -> Iterator[bytes]:
        yield from lines(*said)
        over.wait(10)

    with (
        serving(lambda _: Answer(chunks())) as server,
        RestClient(server.url, "me", timeout=0.2) as client,
    ):
        answer = client.send("hi")
        got = [next(answer) for _ in said]
        with pytest.raises(AnswerError) as raised:
            next(answer)
        over.set()

    assert got == said
    assert str(raised.value) == (
        "No answer within 0.2 s. Wait longer with --request-timeout or "
        "RASA_SHELL_STREAM_READING_TIMEOUT_IN_SECONDS."
    )


def test_nobody_listens() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unheard.getsockname()[1]}"
        with RestClient(url, "me") as client, pytest.raises(AnswerError) as raised:
            list(client.send("hi"))

    assert str(raised.value) == (
        f"Nothing answers at {url}/webhooks/rest/webhook. Run 'make up' for a local stack, "
        f"or check --url."
    )


def test_https_to_a_plain_server() -> None:
    with serving(lambda _: Answer()) as server:
        url = server.url.replace("http:", "https:")
        with RestClient(url, "me") as client, pytest.raises(AnswerError, match="No secure conn"):
            list(client.send("hi"))


def test_a_connection_that_breaks_off() -> None:
    got, error = exchange(Answer(lines(HELLO), broken=True))

    assert got == [HELLO]
    assert error.startswith("The answer broke off")


@pytest.mark.parametrize(
    ("status", "settings", "expected"),
    [
        (401, {}, "401: the channel wants a token: set CHANNELS_TOKEN, or give --token."),
        (401, {"token": "s3cret"}, "401: the token was refused."),
        (403, {"token": "s3cret"}, "403: the token was refused."),
        (404, {}, "404: there is no REST channel at URL/webhooks/rest/webhook. Give --url"),
        (405, {}, "405: there is no REST channel at URL/webhooks/rest/webhook."),
        (429, {}, "The message was refused: 429 Too Many Requests"),
        (500, {}, "The assistant failed: 500 Internal Server Error"),
    ],
)
def test_a_status_is_told_with_the_mend(
    status: int, settings: dict[str, Any], expected: str
) -> None:
    got, error = exchange(Answer([b"<html>no JSON</html>"], status), **settings)

    assert got == []
    assert error.startswith(expected)
    assert "s3cret" not in error


@pytest.mark.parametrize(
    ("status", "document", "expected"),
    [
        (
            400,
            {"description": "Bad Request", "status": 400, "message": "'message' must be a string"},
            "The message was refused: 400 Bad Request: 'message' must be a string",
        ),
        (
            504,
            {"description": "Gateway Timeout", "status": 504, "message": "too slow"},
            "The assistant failed: 504 Gateway Timeout: too slow",
        ),
        (503, {"message": "Down"}, "The assistant failed: 503 Service Unavailable: Down"),
    ],
    ids=["rest", "agent", "API Gateway's own"],
)
def test_the_json_message_of_a_failure_is_told(
    status: int, document: dict[str, Any], expected: str
) -> None:
    assert exchange(Answer(lines(document), status)) == ([], expected)


def test_what_the_agent_said_before_it_failed_is_shown() -> None:
    document = {"description": "Bad Gateway", "status": 502, "message": "m", "messages": [HELLO]}

    got, error = exchange(Answer(lines(document), 502), stream=False)

    assert got == [HELLO]
    assert error == "The assistant failed: 502 Bad Gateway: m"


def test_an_error_line_ends_the_stream() -> None:
    failure = {"error": {"description": "Bad Gateway", "status": 502, "message": "m"}}

    assert exchange(Answer(lines(HELLO, failure))) == (
        [HELLO],
        "The assistant failed: 502 Bad Gateway: m",
    )


def test_a_broken_line_is_told() -> None:
    got, error = exchange(Answer([*lines(HELLO), b'{"text": \n']))

    assert got == [HELLO]
    assert "is not a bot's message in JSON" in error


def test_a_redirect_is_told_and_not_followed() -> None:
    answer = Answer(status=301, headers={"location": "https://elsewhere.test/"})

    assert exchange(answer, token="s3cret") == (
        [],
        "URL/webhooks/rest/webhook redirects to https://elsewhere.test/: give that with --url.",
    )


def test_after_a_failure_the_next_message_is_sent() -> None:
    answers = {"one": Answer(status=500), "two": Answer(lines(HELLO))}
    with serving(answers.__getitem__) as server, RestClient(server.url, "me") as client:
        with pytest.raises(AnswerError):
            list(client.send("one"))

        assert list(client.send("two")) == [HELLO]


@pytest.mark.parametrize(
    "given",
    [
        "https://x.test/dev",
        "https://x.test/dev/",
        " https://x.test/dev/webhooks/rest ",
        "https://x.test/dev/webhooks/rest/",
        "https://x.test/dev/webhooks/rest/webhook",
        "https://x.test/dev/webhooks/rest/webhook/",
    ],
)
def test_the_address_may_be_the_base_or_the_webhook(given: str) -> None:
    assert webhook_url(given) == "https://x.test/dev/webhooks/rest/webhook"


@pytest.mark.parametrize(
    ("given", "cause", "mend"),
    [
        ("localhost:5005", "no HTTP address", "http://"),
        ("", "no HTTP address", "http://"),
        ("ftp://x.test", "no HTTP address", "http://"),
        ("http://", "no HTTP address", "http://"),
        ("http://x.test:port/", "no HTTP address", "http://"),
        ("http://.x.test/", "no HTTP address", "http://"),
        ("http://[x.test/", "no HTTP address", "http://"),
        ("http://x.test/?token=s3cret", "'?'", "CHANNELS_TOKEN"),
        ("http://user:s3cret@x.test/", "user name", "CHANNELS_TOKEN"),
        ("http://x.test/#a", "'#'", "CHANNELS_TOKEN"),
    ],
)
def test_what_is_no_plain_address_is_refused_without_its_secret(
    given: str, cause: str, mend: str
) -> None:
    with pytest.raises(Failure) as raised:
        webhook_url(given)

    assert cause in raised.value.cause
    assert mend in raised.value.mend
    assert "s3cret" not in raised.value.cause + raised.value.mend


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("a1b2.execute-api.localhost", True),
        ("x.test", False),
        ("10.0.0.1", False),
        ("notlocalhost", False),
    ],
)
def test_proxies_are_not_used_for_this_machine(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
