"""The Rasa agent: asks a Rasa server over its REST channel, with `stream=true`.

    POST <RasaUrl>/webhooks/rest/webhook?stream=true
    X-Message-Id: <message id>
    {"sender": "...", "message": "...", "metadata": {...}, "input_channel": "slack"}

The answer's messages are sent on one by one while Rasa still works on the turn.
"""

from __future__ import annotations

import json
import logging
import time
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from urllib3 import HTTPHeaderDict, exceptions

from channels.agents.answer import bot_messages
from channels.connections import Connections
from channels.endpoint import read_endpoint, rest_webhook_url
from channels.errors import AgentError, AgentTimeout, AgentUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from urllib3 import BaseHTTPResponse

    from channels.channel import UserMessage

logger = logging.getLogger(__name__)

#: Seconds to wait for a connection.
_CONNECT_TIMEOUT = 5.0

#: Visible characters that stand in the header X-Message-Id as they are, beside letters and digits.
_AS_IS = "!\"#$&'()*+,/:;<=>?@[\\]^`{|}"


class RasaAgent:
    """Answers with a Rasa server's messages; one instance serves any number of threads.

    Rasa knows no message ids, and its `metadata` belongs to the user: the id travels as the header
    `X-Message-Id`, percent-encoded where it is not visible ASCII, for a server or proxy that wants
    to tell a repeated message.
    """

    #: Larger answers, counted after decompression, end the turn with an AgentError (bytes).
    max_reply_size = 10_485_760

    @classmethod
    def from_credentials(
        cls, rasa_url: str, credentials: dict[str, Any], *, timeout: float
    ) -> RasaAgent:
        """Make the agent of the parameter RasaUrl and the section `agent` of credentials.yml.

        The section has the keys of Rasa's EndpointConfig (see `endpoint`), all optional; its
        `timeout` can only shorten the given one (seconds, for a whole turn). Raises
        CredentialsError that names the setting that cannot serve.
        """
        endpoint = read_endpoint("agent", credentials)
        return cls(
            rasa_url,
            params=endpoint.params,
            headers=endpoint.headers,
            basic_auth=endpoint.basic_auth,
            timeout=min(timeout, endpoint.timeout or timeout),
            connections=Connections(endpoint.ssl_context),
        )

    def __init__(  # noqa: PLR0913 - the keys of Rasa's EndpointConfig, by name
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        basic_auth: tuple[str, str] | None = None,
        timeout: float = 25.0,
        connect_timeout: float = _CONNECT_TIMEOUT,
        connections: Connections | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the server's address and what to send with each request; nothing is opened yet.

        `params` go into the query (a token too), `basic_auth` is (username, password). `timeout`
        bounds a turn from its first byte to its last, `connect_timeout` the way to the server;
        both and `clock` are in seconds. Raises CredentialsError for a URL that cannot serve.
        """
        query = urlencode({**(params or {}), "stream": "true"})
        self._url = f"{rest_webhook_url(url)}?{query}"
        self._headers = HTTPHeaderDict(headers)
        self._headers["Content-Type"] = "application/json"
        if basic_auth is not None:
            pair = b64encode(":".join(basic_auth).encode()).decode()
            self._headers["Authorization"] = f"Basic {pair}"
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._connections = connections or Connections()
        self._clock = clock

    async def handle_message(self, message: UserMessage) -> None:
        """Ask Rasa and hand each of its messages to `message.output_channel` as it arrives.

        Blocks while it waits for Rasa. The `recipient_id` in Rasa's messages is left out: the
        recipient is `message.sender_id`. Raises AgentTimeout when the turn is not over in time
        and AgentError when Rasa cannot be asked or its answer is no answer; what came before was
        sent. An answer without messages is none too many.
        """
        deadline = self._clock() + self._timeout
        try:
            response = self._post(message, deadline)
            try:
                _check_status(response.status)
                for bot_message in bot_messages(self._read(response, deadline)):
                    bot_message.pop("recipient_id", None)
                    await message.output_channel.send_response(message.sender_id, bot_message)
            finally:
                self._connections.release(response)
        except AgentError as error:
            logger.warning("%r: the agent failed: %s", message, error)
            raise

    def _post(self, message: UserMessage, deadline: float) -> BaseHTTPResponse:
        headers = self._headers.copy()
        headers["X-Message-Id"] = quote(message.message_id, safe=_AS_IS, errors="backslashreplace")
        try:
            return self._connections.post(
                self._url,
                _body(message),
                headers,
                timeout=self._remaining(deadline),
                connect_timeout=self._connect_timeout,
            )
        except exceptions.HTTPError as error:
            raise self._failure(error) from None

    def _read(self, response: BaseHTTPResponse, deadline: float) -> Iterator[bytes]:
        left = self.max_reply_size
        while chunk := self._read_some(response, deadline):
            left -= len(chunk)
            if left < 0:
                raise AgentError(f"Rasa's answer is larger than {self.max_reply_size} bytes")
            yield chunk

    def _read_some(self, response: BaseHTTPResponse, deadline: float) -> bytes:
        try:
            return self._connections.read(response, self._remaining(deadline))
        except exceptions.HTTPError as error:
            raise self._failure(error) from None

    def _remaining(self, deadline: float) -> float:
        remaining = deadline - self._clock()
        if remaining <= 0:
            raise self._too_slow()
        return remaining

    def _too_slow(self) -> AgentTimeout:
        return AgentTimeout(
            f"Rasa did not finish its turn within {self._timeout:g} seconds: see its log (a turn "
            f"that raises an exception never ends)"
        )

    def _failure(self, error: exceptions.HTTPError) -> AgentError:
        """What an error of urllib3 means. Its own text may quote the answer and is left out."""
        if isinstance(error, exceptions.ReadTimeoutError):
            return self._too_slow()
        kind, text = next(
            (kind, text) for cause, kind, text in _FAILURES if isinstance(error, cause)
        )
        origins = (error.__cause__, *reversed(error.args), error)
        origin = next(origin for origin in origins if isinstance(origin, Exception))
        return kind(f"{text} ({type(origin).__name__})")


#: Statuses by which a server may refuse one message and take the next; with any other it is down,
#: overloaded or set up wrongly, and the message can wait.
_OF_THE_MESSAGE = (400, 408, 409, 411, 413, 414, 415, 422, 500)

#: Errors of urllib3, the special before the general.
_FAILURES: tuple[tuple[type[Exception], type[AgentError], str], ...] = (
    (
        exceptions.NameResolutionError,
        AgentUnavailable,
        "the host name in RasaUrl is not known: check its spelling, and whether the function's "
        "network can resolve it",
    ),
    (
        exceptions.NewConnectionError,
        AgentUnavailable,
        "no connection to Rasa: is it running, and does RasaUrl have its host and port?",
    ),
    (
        exceptions.ConnectTimeoutError,
        AgentUnavailable,
        "no connection to Rasa in time: does a firewall stand between it and the function?",
    ),
    (
        exceptions.SSLError,
        AgentUnavailable,
        "no secure connection to Rasa: check its certificate, 'cafile' in the section 'agent', "
        "and whether its port speaks https",
    ),
    (
        exceptions.ProtocolError,
        AgentError,
        "the connection to Rasa broke before its answer was complete: see its log",
    ),
    (exceptions.DecodeError, AgentError, "Rasa's answer cannot be decompressed"),
    (exceptions.HTTPError, AgentError, "the request to Rasa failed"),
)


def _body(message: UserMessage) -> bytes:
    body = {
        "sender": message.sender_id,
        "message": message.text,
        "metadata": message.metadata,
        "input_channel": message.input_channel,
    }
    try:
        return json.dumps(body, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise AgentError(
            f"the message's metadata cannot be written as JSON ({type(error).__name__})"
        ) from None


def _check_status(status: int) -> None:
    if 200 <= status < 300:
        return
    raise _status_error(status)(f"Rasa answered with status {status}: {_mend(status)}")


def _status_error(status: int) -> type[AgentError]:
    """Whether a status says something of this message, or of any message."""
    if status == AgentTimeout.status:
        return AgentTimeout
    return AgentError if status in _OF_THE_MESSAGE else AgentUnavailable


def _mend(status: int) -> str:
    if 300 <= status < 400:
        return "redirects are not followed, give RasaUrl the final address"
    if status in (401, 403, 407):
        return "check 'token', 'basic_auth' and 'headers' in the section 'agent' of credentials.yml"
    if status in (404, 405):
        return "check RasaUrl, and that the server's own credentials.yml has the channel 'rest'"
    return "see the server's log"
