"""Keep connections to a server alive from one request to the next.

A POST is sent at most once. urllib3 checks a kept connection before writing and replaces one that
the server has closed. Once a byte is written, nothing is repeated, neither after a broken
connection nor for a status or a Retry-After: the server may have seen the request, and a message
must not reach the bot twice. Redirects are not followed.
"""

from __future__ import annotations

import logging
import socket
import time
from typing import TYPE_CHECKING

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    from urllib3 import BaseHTTPResponse, HTTPResponse

#: Seconds after which an idle connection is not used again. Sanic, Rasa's server, closes one after
#: 5 s (before its version 23.3), and a frozen Lambda does not notice.
_MAX_IDLE = 4.0

#: The number of idle connections kept; more may be open while more threads send requests.
_KEPT = 10

_READ_SIZE = 65_536


class HttpPool:
    """A pool of kept-alive connections, safe for any number of threads.

    `ssl_context` replaces the default certificate check. `wall_clock` returns seconds and keeps
    running while a Lambda is frozen, which `time.monotonic` may not. `server_hostname` is the name
    that TLS requests and checks when URLs contain an address.
    """

    def __init__(
        self,
        ssl_context: ssl.SSLContext | None = None,
        wall_clock: Callable[[], float] = time.time,
        *,
        server_hostname: str | None = None,
    ) -> None:
        # Below these levels urllib3 logs the URL, with the token in its query.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
        logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
        self._pool = PoolManager(
            maxsize=_KEPT, ssl_context=ssl_context, server_hostname=server_hostname
        )
        self._pool.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
        self._wall_clock = wall_clock
        self._last_used = wall_clock()

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        timeout: float,
        connect_timeout: float,
    ) -> BaseHTTPResponse:
        """Send a POST and return the response once its headers have arrived, with its body unread.

        `timeout` bounds the whole request, `connect_timeout` connecting to the server (seconds).
        Raises urllib3's errors. The caller passes the response to `release`.
        """
        limits = Timeout(total=timeout, connect=connect_timeout)
        return self._send("POST", url, body, headers, limits)

    def get(self, url: str, headers: Mapping[str, str], *, timeout: float) -> BaseHTTPResponse:
        """Send a GET, as `post` does; `timeout` bounds connecting to the server too."""
        return self._send("GET", url, None, headers, Timeout(total=timeout))

    def _send(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
        timeout: Timeout,
    ) -> BaseHTTPResponse:
        # Both directions: a clock that was set back says nothing about the idle time either.
        if abs(self._wall_clock() - self._last_used) > _MAX_IDLE:
            self._pool.clear()
        return self._pool.urlopen(
            method,
            url,
            body=body,
            headers=headers,
            timeout=timeout,
            retries=False,
            redirect=False,
            preload_content=False,
        )

    def read(self, response: BaseHTTPResponse, timeout: float) -> bytes:
        """Return the next bytes of a response as they arrive (decompressed), b"" at its end.

        Waits up to `timeout` seconds. Raises urllib3's errors.
        """
        sock: socket.socket | None = getattr(response.connection, "reading", None)
        if sock is not None:
            sock.settimeout(timeout)
        return response.read1(_READ_SIZE)

    def release(self, response: BaseHTTPResponse) -> None:
        """Keep the response's connection if it was read to the end; otherwise close it."""
        response.close()
        response.release_conn()
        self._last_used = self._wall_clock()

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._pool.clear()


# http.client drops the socket when the server announces that it will close the connection, although
# the body is still unread. `reading` keeps the socket so that every read can have a timeout.


class _HTTPConnection(HTTPConnection):
    reading: socket.socket | None = None

    def getresponse(self) -> HTTPResponse:  # type: ignore[override] # as urllib3's own
        self.reading = self.sock
        return super().getresponse()


class _HTTPSConnection(HTTPSConnection):
    reading: socket.socket | None = None

    def getresponse(self) -> HTTPResponse:  # type: ignore[override] # as urllib3's own
        self.reading = self.sock
        return super().getresponse()


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection
