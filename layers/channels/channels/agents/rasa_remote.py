"""The remote channel of a Rasa server (integrations/rasa_server): detecting it, reading its lines.

Its address is requested once, with the token. The channel is used only if the server responds as
the remote channel does and accepts the token. A server that gets the channel is thus found without
a new deployment, and a server without it is asked over REST as before.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from urllib3 import exceptions

from channels.errors import AgentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from urllib3 import HTTPHeaderDict

    from channels.channel import UserMessage
    from channels.clients.http_pool import HttpPool

logger = logging.getLogger(__name__)

#: The version of the remote channel's protocol that this client speaks.
_PROTOCOL = 1

#: How long a server counts as lacking the channel before it is asked again (seconds).
_ASK_AGAIN = 300.0

#: The most bytes to read of the response about the channel.
_MAX_ANSWER = 65_536

#: Errors that any request would have met.
_NO_CONNECTION = (
    exceptions.NewConnectionError,
    exceptions.ConnectTimeoutError,
    exceptions.SSLError,
)


class RemoteChannel:
    """Remembers whether a server has the remote channel, for any number of threads."""

    def __init__(
        self,
        url: str,
        params: Mapping[str, str],
        headers: HTTPHeaderDict,
        connections: HttpPool,
        clocks: tuple[Callable[[], float], Callable[[], float]],
        *,
        wanted: bool | None = None,
    ) -> None:
        """Take the webhook's URL, and its query parameters and headers.

        If `wanted` is True or False, the server is not asked. The first of the two `clocks` never
        goes back, the second keeps running while a Lambda is frozen (seconds).
        """
        query = f"?{urlencode(params)}" if params else ""
        self.url = f"{url}{query}"
        self.headers = headers
        self._health_url = f"{url.removesuffix('/webhook')}{query}"
        self._connections = connections
        self._clock, self._wall_clock = clocks
        self._wanted = wanted
        self._is_there: bool | None = None
        self._asked_at = 0.0

    def is_used(self, timeout: float) -> bool:
        """Return whether to use the channel; raise urllib3's error if no connection can be made.

        Waits up to `timeout` seconds if the server must be asked. An unclear response means no, for
        this time only.
        """
        if self._wanted is not None:
            return self._wanted
        if self._is_there is False and abs(self._wall_clock() - self._asked_at) > _ASK_AGAIN:
            self._is_there = None
        if self._is_there is None:
            self._is_there = self._ask(timeout)
            self._asked_at = self._wall_clock()
        return bool(self._is_there)

    def gone(self) -> bool:
        """Record that the server has lost the channel.

        Return False if it is wanted nevertheless.
        """
        if self._wanted:
            return False
        self._is_there, self._asked_at = False, self._wall_clock()
        return True

    def _ask(self, timeout: float) -> bool | None:
        """Return the server's answer, None if there was no clear one."""
        try:
            status, body = self._get(timeout)
        except _NO_CONNECTION:
            raise
        except exceptions.HTTPError as error:
            logger.warning(
                "could not ask Rasa whether it has the remote channel: %s", type(error).__name__
            )
            return None
        if status != 200:
            return None if status >= 500 else False
        return _speaks(body)

    def _get(self, timeout: float) -> tuple[int, bytes]:
        end = self._clock() + timeout
        response = self._connections.get(self._health_url, self.headers, timeout=timeout)
        body = b""
        try:
            while len(body) < _MAX_ANSWER and (left := end - self._clock()) > 0:
                piece = self._connections.read(response, left)
                if not piece:
                    break
                body += piece
        finally:
            self._connections.release(response)
        return response.status, body


def _speaks(body: bytes) -> bool:
    """Return whether a response is the remote channel's, in a known version, to a known caller."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return False
    if not isinstance(answer, dict) or answer.get("protocol") != _PROTOCOL:
        return False
    if answer.get("authorized") is not True:
        logger.warning(
            "Rasa has the remote channel but refuses the token: set 'remote_token' in the section "
            "'agent' of credentials.yml; until then its REST channel is used"
        )
        return False
    return True


class RemoteAnswer:
    """Passes the lines of one turn on to the message's output channel.

    Whatever the server sends, the chunk methods are called in order: start, chunks, end. A stream
    that breaks off gets no end: the part shown of it is not a reply.
    """

    def __init__(self, message: UserMessage) -> None:
        """Reply to `message`."""
        self._output = message.output_channel
        self._recipient = message.sender_id
        self._streams = False

    async def take(self, line: dict[str, Any]) -> bool:
        """Pass a line on; return True for the last one. Raises AgentError for an invalid line."""
        match line:
            case {"type": "end"}:
                await self._end()
                return True
            case {"type": "stream_start"}:
                await self._end()
                await self._start()
            case {"type": "stream_chunk", "chunk": str(chunk)}:
                await self._start()
                await self._output.send_response_chunk(self._recipient, chunk)
            case {"type": "stream_end"}:
                await self._end()
            case {"type": "tracker_state", "tracker_state": dict(state)}:
                self._output.attach_tracker_state(state)
            case {"type": "stream_chunk" | "tracker_state" as kind}:
                raise AgentError(f"Rasa's answer is not understood: a {kind} without its content")
            case _:
                sent = {key: value for key, value in line.items() if key != "recipient_id"}
                await self._output.send_response(self._recipient, sent)
        return False

    async def _start(self) -> None:
        if not self._streams:
            self._streams = True
            await self._output.send_response_chunk_start(self._recipient)

    async def _end(self) -> None:
        if self._streams:
            self._streams = False
            await self._output.send_response_chunk_end(self._recipient)
