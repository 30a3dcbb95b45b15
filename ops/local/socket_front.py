"""One address for the HTTP API and the WebSocket API of the local stack.

Socket.IO clients that begin with long polling move to a WebSocket of the same host and path. On AWS
CloudFront brings both APIs under one host (socket_front/template.yaml); here a small proxy does, by
the same rule. A process of its own: `python -m ops.local.socket_front PORT HTTP_URL WEBSOCKET_URL`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping

from aiohttp import (
    ClientError,
    ClientSession,
    ClientWebSocketResponse,
    WSMsgType,
    WSServerHandshakeError,
    web,
)
from multidict import CIMultiDict
from yarl import URL

#: Socket.IO's path; what else is asked for is the HTTP API's.
PATH = "/socket.io"

#: Headers of one connection (RFC 9110, 7.6.1), and those that the library writes itself.
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding"}
    | {"upgrade", "host", "content-length", "expect"}
)
_OF_THE_HANDSHAKE = "sec-websocket-"

_LARGEST_BODY = 10 * 1024 * 1024  # bytes, API Gateway's own limit

_SESSION = web.AppKey("session", ClientSession)


def is_websocket(request: web.BaseRequest) -> bool:
    """Whether a request is for the WebSocket API."""
    at_socket_io = request.path == PATH or request.path.startswith(f"{PATH}/")
    return at_socket_io and request.query.get("transport") == "websocket"


def front(http_url: str, websocket_url: str) -> web.Application:
    """The proxy in front of the APIs with these addresses."""

    async def forward(request: web.Request) -> web.StreamResponse:
        try:
            if is_websocket(request):
                target = URL(f"{websocket_url}/?{request.rel_url.raw_query_string}", encoded=True)
                return await _forward_socket(request, target)
            return await _forward_http(request, URL(f"{http_url}{request.raw_path}", encoded=True))
        except ClientError as error:
            return web.Response(status=502, text=f"the API does not answer: {type(error).__name__}")

    async def with_session(app: web.Application) -> None:
        app[_SESSION] = ClientSession(auto_decompress=False)

    async def without_session(app: web.Application) -> None:
        await app[_SESSION].close()

    app = web.Application(client_max_size=_LARGEST_BODY)
    app.router.add_route("*", "/{path:.*}", forward)
    app.on_startup.append(with_session)
    app.on_cleanup.append(without_session)
    return app


async def _forward_http(request: web.Request, target: URL) -> web.Response:
    async with request.app[_SESSION].request(
        request.method,
        target,
        headers=_end_to_end(request.headers),
        data=await request.read(),
        allow_redirects=False,
    ) as answer:
        body = await answer.read()
        return web.Response(status=answer.status, headers=_end_to_end(answer.headers), body=body)


async def _forward_socket(request: web.Request, target: URL) -> web.StreamResponse:
    headers = _end_to_end(request.headers)
    for name in [each for each in headers if each.lower().startswith(_OF_THE_HANDSHAKE)]:
        del headers[name]
    try:
        session = request.app[_SESSION]
        async with session.ws_connect(target, headers=headers, max_msg_size=0) as behind:
            before = web.WebSocketResponse(max_msg_size=0)
            await before.prepare(request)
            await _join(before, behind)
            return before
    except WSServerHandshakeError as error:
        return web.Response(status=error.status)


async def _join(before: web.WebSocketResponse, behind: ClientWebSocketResponse) -> None:
    """Pass on what either side says until one of them closes."""
    ways = [asyncio.create_task(_pass_on(*way)) for way in ((before, behind), (behind, before))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        await before.close()


async def _pass_on(
    source: web.WebSocketResponse | ClientWebSocketResponse,
    target: web.WebSocketResponse | ClientWebSocketResponse,
) -> None:
    async for message in source:
        if message.type == WSMsgType.TEXT:
            await target.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await target.send_bytes(message.data)


def _end_to_end(headers: Mapping[str, str]) -> CIMultiDict[str]:
    return CIMultiDict(
        (name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP
    )


def main() -> None:
    """Serve until the process is ended."""
    port, http_url, websocket_url = sys.argv[1:]
    web.run_app(
        front(http_url, websocket_url),
        host="127.0.0.1",
        port=int(port),
        print=None,
        access_log=None,
    )


if __name__ == "__main__":
    main()
