"""The shell's side of the REST channel: one conversation, sent message by message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError, ReadTimeoutError

from ops.failure import Failure
from ops.loopback import is_loopback
from ops.shell.messages import AnswerError, error_text, items_of, lines_of, parse

TIMEOUT_VARIABLE = "RASA_SHELL_STREAM_READING_TIMEOUT_IN_SECONDS"
"""Rasa's environment variable for the longest wait, in seconds."""

_WEBHOOK = "/webhooks/rest/webhook"
_CONNECT_TIMEOUT = 10.0  # seconds; a server that is there accepts at once


class RestClient:
    """Posts a user's messages to a REST channel and reads the bot's, as they come."""

    def __init__(
        self,
        url: str,
        sender: str,
        *,
        token: str | None = None,
        timeout: float = 30.0,
        stream: bool = True,
    ) -> None:
        """Talk to `url` (see `webhook_url`) as `sender`.

        `timeout` is the longest wait in seconds for the next message of an answer. Raises
        Failure for an address or a token that cannot be used.
        """
        self.url = webhook_url(url)
        self._sender = sender
        self._token = _header_token(token)
        self._timeout = timeout
        self._stream = stream
        self._session = requests.Session()
        # A proxy set for the internet cannot reach this machine's own addresses.
        self._session.trust_env = not is_loopback(urlsplit(self.url).hostname or "")
        # Always set: requests would otherwise send a login of ~/.netrc along.
        self._session.auth = self._authorize

    def __enter__(self) -> RestClient:
        """Use as a context manager that closes the connection."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._session.close()

    def send(self, text: str) -> Iterator[dict[str, Any]]:
        """The bot's messages to a message of the user, each as soon as it is here.

        Raises AnswerError when the server cannot be reached, refuses, fails, is silent for too
        long or answers what is no message; messages that came before that were yielded.
        """
        try:
            with self._post(text) as response:
                if response.status_code not in range(200, 300):
                    yield from _items_before_failure(response.content)
                    raise self._refusal(response)
                if self._stream:
                    yield from items_of(lines_of(response.iter_content(None)))
                else:
                    yield from items_of([response.content])
        except requests.RequestException as error:
            raise AnswerError(self._explain(error)) from error

    def _post(self, text: str) -> requests.Response:
        """Rasa's shell sends sender and message, nothing else."""
        return self._session.post(
            self.url,
            params={"stream": "true"} if self._stream else None,
            json={"sender": self._sender, "message": text},
            timeout=(min(_CONNECT_TIMEOUT, self._timeout), self._timeout),
            stream=True,
            allow_redirects=False,
        )

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def _refusal(self, response: requests.Response) -> AnswerError:
        status = response.status_code
        if status in range(300, 400):
            target = response.headers.get("location", "elsewhere")
            return AnswerError(f"{self.url} redirects to {target}: give that with --url.")
        if status in (401, 403):
            return AnswerError(f"{status}: {self._token_advice()}")
        if status in (404, 405):
            return AnswerError(
                f"{status}: there is no REST channel at {self.url}. Give --url the stack's address "
                f"(what stands before {_WEBHOOK})."
            )
        text = _failure_text(status, response.reason, response.content)
        who = "The assistant failed" if status >= 500 else "The message was refused"
        return AnswerError(f"{who}: {text}")

    def _token_advice(self) -> str:
        if self._token:
            return (
                "the token was refused. It must be the 'token' of section 'rest' in the deployed "
                "credentials, or a JWT that is still valid."
            )
        return "the channel wants a token: set CHANNELS_TOKEN, or give --token."

    def _explain(self, error: requests.RequestException) -> str:
        """Cause and mend of a failed exchange; requests' own texts may hold a proxy's password."""
        cause = error.args[0] if error.args else None
        if isinstance(error, requests.ReadTimeout) or isinstance(cause, ReadTimeoutError):
            return (
                f"No answer within {self._timeout:g} s. Wait longer with --request-timeout or "
                f"{TIMEOUT_VARIABLE}."
            )
        if isinstance(error, requests.exceptions.ProxyError):
            return "The proxy in HTTP_PROXY or HTTPS_PROXY cannot be used: mend or unset it."
        if isinstance(error, requests.exceptions.SSLError):
            return (
                f"No secure connection to {self.url}: check that --url needs https, the server's "
                f"certificate, and the clock here."
            )
        # urllib3 names why its only try failed: refused, unknown name, no way there, too slow.
        if isinstance(getattr(cause, "reason", None), ConnectTimeoutError):
            return (
                f"Nothing answers at {self.url}. Run 'make up' for a local stack, or check --url."
            )
        return f"The answer broke off ({type(error).__name__}). Send the message again."


def webhook_url(url: str) -> str:
    """The address to post to, of a stack's base address or of the REST webhook itself.

    Raises Failure for what is no plain HTTP address.
    """
    try:
        parts = urlsplit(url.strip())
        requests.PreparedRequest().prepare_url(url.strip(), None)
        plain = parts.scheme in ("http", "https") and parts.hostname
    except ValueError:
        plain = False
    if not plain:
        raise Failure(
            "The address of the assistant is no HTTP address",
            "Write it as http://127.0.0.1:5005 or https://example.com/path.",
        )
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise Failure(
            "The address of the assistant has a '?', a '#' or a user name",
            "Give the address only; a token belongs into CHANNELS_TOKEN.",
        )
    base = parts.path.rstrip("/").removesuffix("/webhook").removesuffix("/webhooks/rest")
    return f"{parts.scheme}://{parts.netloc}{base}{_WEBHOOK}"


def _header_token(token: str | None) -> str | None:
    """The token; http.client would show an unusable one in its error."""
    token = (token or "").strip()
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise Failure(
            "The token has characters that no Authorization header can carry",
            "Check CHANNELS_TOKEN or --token for blanks, line ends and letters beyond ASCII.",
        )
    return token or None


def _items_before_failure(body: bytes) -> Iterator[dict[str, Any]]:
    """What the agent had said before it failed, which `rest` puts beside the error."""
    messages = _json_object(body).get("messages")
    if isinstance(messages, list):
        yield from (item for item in messages if isinstance(item, dict))


def _failure_text(status: int, reason: str, body: bytes) -> str:
    """`502 Bad Gateway: why`; the why is Rasa's `message`, or API Gateway's."""
    error = _json_object(body)
    return error_text({"description": reason, **error, "status": status})


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        document = parse(body)
    except AnswerError:
        return {}  # a gateway's HTML page: the status says all there is to say
    return document if isinstance(document, dict) else {}
