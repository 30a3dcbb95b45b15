"""The Rasa agent: asks a Rasa server over its remote channel or its REST channel.

    POST <RasaUrl>/webhooks/rest/webhook?stream=true
    X-Message-Id: <message id>
    {"sender": "...", "message": "...", "metadata": {...}, "input_channel": "slack"}

The messages of the response are passed on one by one while Rasa still works on the turn. The remote
channel, if the server has it (`rasa_remote`), takes the same request with the message's id, and
returns more.
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
from channels.agents.rasa_errors import check_status, failure
from channels.agents.rasa_remote import RemoteAnswer, RemoteChannel
from channels.agents.rasa_settings import read_remote
from channels.clients.endpoint import read_endpoint, webhook_url
from channels.clients.http_pool import HttpPool
from channels.errors import AgentError, AgentTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from urllib3 import BaseHTTPResponse

    from channels.channel import UserMessage

logger = logging.getLogger(__name__)

#: Timeout for connecting (seconds).
_CONNECT_TIMEOUT = 5.0

#: Seconds to wait for the end of a response whose last line has arrived.
_LAST_BYTES = 1.0

#: Visible characters, besides letters and digits, that the X-Message-Id header contains unescaped.
_AS_IS = "!\"#$&'()*+,/:;<=>?@[\\]^`{|}"


class RasaAgent:
    """Replies with a Rasa server's messages; one instance serves any number of threads.

    Rasa has no message ids, and its `metadata` belongs to the user. The id is therefore sent as the
    header `X-Message-Id`, percent-encoded unless it is visible ASCII, so that a server or proxy can
    recognise a repeated message.
    """

    #: Larger responses, counted after decompression, end the turn with an AgentError (bytes).
    max_reply_size = 10_485_760

    @classmethod
    def from_credentials(
        cls, rasa_url: str, credentials: dict[str, Any], *, timeout: float
    ) -> RasaAgent:
        """Make the agent from the parameter RasaUrl and the section `agent` of credentials.yml.

        The section has the keys of Rasa's EndpointConfig (see `clients.endpoint`) and those of
        `rasa_settings`, all optional. Its `timeout` can only shorten the given one (seconds, for a
        whole turn). Raises CredentialsError naming the invalid setting.
        """
        endpoint = read_endpoint("agent", credentials)
        remote = read_remote(credentials, endpoint)
        return cls(
            rasa_url,
            params=endpoint.params,
            headers=endpoint.headers,
            basic_auth=endpoint.basic_auth,
            timeout=min(timeout, endpoint.timeout or timeout),
            connections=HttpPool(endpoint.ssl_context),
            remote=remote.wanted,
            remote_token=remote.token,
            tracker_state=remote.tracker_state,
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
        connections: HttpPool | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        remote: bool | None = False,
        remote_token: str = "",
        tracker_state: bool = False,
    ) -> None:
        """Take the server's address and what to send with each request; open no connection yet.

        `params` go into the query (a token too), `basic_auth` is (username, password). `timeout`
        limits a turn from its first byte to its last, `connect_timeout` connecting to the server;
        both and the clocks are in seconds. `remote` says whether to use the remote channel, None to
        find out. Raises CredentialsError for an invalid URL.
        """
        query = urlencode({**(params or {}), "stream": "true"})
        self._url = f"{webhook_url(url)}?{query}"
        self._headers = _headers(headers, basic_auth)
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._connections = connections or HttpPool()
        self._clock = clock
        self._tracker_state = tracker_state
        self._remote = RemoteChannel(
            webhook_url(url, "remote"),
            params or {},
            _with_token(self._headers, remote_token),
            self._connections,
            (clock, wall_clock),
            wanted=remote,
        )

    async def handle_message(self, message: UserMessage) -> None:
        """Ask Rasa and pass each of its messages to `message.output_channel` as it arrives.

        Blocks while it waits for Rasa. The `recipient_id` in Rasa's messages is left out: the
        recipient is `message.sender_id`. Raises AgentTimeout if the turn does not end in time, and
        AgentError if Rasa cannot be reached or its response is invalid; messages before that were
        sent. A response without messages is valid.
        """
        deadline = self._clock() + self._timeout
        try:
            if not (self._has_remote(deadline) and await self._ask_remote(message, deadline)):
                await self._ask_rest(message, deadline)
        except AgentError as error:
            logger.warning("%r: the agent failed: %s", message, error)
            raise

    def _has_remote(self, deadline: float) -> bool:
        try:
            return self._remote.is_used(min(self._connect_timeout, self._remaining(deadline)))
        except exceptions.HTTPError as error:
            raise failure(error) from None

    async def _ask_rest(self, message: UserMessage, deadline: float) -> None:
        response = self._post(self._url, self._headers, _body(message), message, deadline)
        try:
            check_status(response.status, "rest")
            for bot_message in bot_messages(self._read(response, deadline)):
                bot_message.pop("recipient_id", None)
                await message.output_channel.send_response(message.sender_id, bot_message)
        finally:
            self._connections.release(response)

    async def _ask_remote(self, message: UserMessage, deadline: float) -> bool:
        """Ask over the remote channel; return False if the server turns out to have lost it."""
        body = _body(
            message, message_id=message.message_id, tracker_state=self._tracker_state or None
        )
        response = self._post(self._remote.url, self._remote.headers, body, message, deadline)
        try:
            if response.status in (404, 405) and self._remote.gone():
                return False
            check_status(response.status, "remote")
            answer = RemoteAnswer(message)
            for line in bot_messages(self._read(response, deadline)):
                if await answer.take(line):
                    self._finish(response)
                    return True
            raise AgentError("Rasa's answer broke off: its last line is missing; see Rasa's log")
        finally:
            self._connections.release(response)

    def _finish(self, response: BaseHTTPResponse) -> None:
        """Read the end of a complete response, so that the connection can be kept."""
        try:
            self._connections.read(response, _LAST_BYTES)
        except exceptions.HTTPError as error:
            logger.info("the connection to Rasa cannot be kept: %s", type(error).__name__)

    def _post(
        self,
        url: str,
        headers: HTTPHeaderDict,
        body: bytes,
        message: UserMessage,
        deadline: float,
    ) -> BaseHTTPResponse:
        headers = headers.copy()
        headers["X-Message-Id"] = quote(message.message_id, safe=_AS_IS, errors="backslashreplace")
        try:
            return self._connections.post(
                url,
                body,
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
        return (
            self._too_slow() if isinstance(error, exceptions.ReadTimeoutError) else failure(error)
        )


def _headers(given: Mapping[str, str] | None, basic_auth: tuple[str, str] | None) -> HTTPHeaderDict:
    headers = HTTPHeaderDict(given)
    headers["Content-Type"] = "application/json"
    if basic_auth is not None:
        pair = b64encode(":".join(basic_auth).encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    return headers


def _with_token(headers: HTTPHeaderDict, token: str) -> HTTPHeaderDict:
    headers = headers.copy()
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _body(message: UserMessage, **further: str | bool | None) -> bytes:
    body = {
        "sender": message.sender_id,
        "message": message.text,
        "metadata": message.metadata,
        "input_channel": message.input_channel,
        **{key: value for key, value in further.items() if value is not None},
    }
    try:
        return json.dumps(body, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise AgentError(
            f"the message's metadata cannot be written as JSON ({type(error).__name__})"
        ) from None
