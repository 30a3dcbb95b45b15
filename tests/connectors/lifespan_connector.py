"""A connector with listeners and cookies, which only the real Sanic has (test data)."""

from typing import Any, Awaitable, Callable, Text

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse


class LifespanInput(InputChannel):
    """Uses what it opened when the server started."""

    @classmethod
    def name(cls) -> Text:
        return "lifespan"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        lifespan = Blueprint("lifespan_webhook", __name__)
        heard = []

        @lifespan.listener("before_server_start")
        async def opened(app: Any, *_: Any) -> None:
            heard.append("start")

        @lifespan.listener("before_server_stop")
        async def closed(app: Any, *_: Any) -> None:
            heard.append("stop")

        @lifespan.get("/heard")
        async def tell(request: Request) -> HTTPResponse:
            answer = response.json(heard)
            answer.add_cookie("a", "1")
            answer.add_cookie("b", "2")
            return answer

        return lifespan


class BrokenStartInput(LifespanInput):
    """Cannot open what it needs."""

    @classmethod
    def name(cls) -> Text:
        return "broken_start"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        broken = Blueprint("broken_webhook", __name__)

        @broken.listener("before_server_start")
        async def fails(app: Any, *_: Any) -> None:
            raise OSError("no such file")

        @broken.get("/x")
        async def never(request: Request) -> HTTPResponse:
            return response.text("x")

        return broken
