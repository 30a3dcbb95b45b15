"""A connector in Rasa's style: forms in, pages out, a Bearer check, more routes (test data)."""

import html
import inspect
from typing import Any, Awaitable, Callable, Dict, Optional, Text

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.exceptions import Unauthorized
from sanic.request import Request
from sanic.response import HTTPResponse

VERSION = "7"


class PageInput(InputChannel):
    """A form on an intranet page."""

    @classmethod
    def name(cls) -> Text:
        return "pages"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> InputChannel:
        return cls((credentials or {}).get("token"))

    def __init__(self, token: Optional[Text] = None) -> None:
        self.token = token
        self.seen = 0

    def _check(self, request: Request) -> None:
        if self.token and request.headers.get("Authorization") != "Bearer " + self.token:
            raise Unauthorized("the token is wrong", scheme="Bearer", realm="pages")

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        pages = Blueprint("pages_webhook", inspect.getmodule(self).__name__)

        @pages.route("/", methods=["GET"])
        def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @pages.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            self._check(request)
            if request.token != self.token:
                return HTTPResponse("no", status=403, content_type="text/plain")
            collector = CollectingOutputChannel()
            text = request.form.get("text")
            person = request.form.get("person") or request.ip
            await on_new_message(UserMessage(text, collector, person, input_channel=self.name()))
            answers = "".join(
                "<p>{}</p>".format(html.escape(message.get("text", "")))
                for message in collector.messages
            )
            return response.html("<body>{}</body>".format(answers), headers={"X-Pages": VERSION})

        @pages.get("/version")
        def version(request: Request) -> HTTPResponse:
            return response.text(VERSION)

        @pages.route("/count", methods=["PUT", "DELETE"])
        async def count(request: Request) -> HTTPResponse:
            self._check(request)
            self.seen = 0 if request.method == "DELETE" else self.seen + 1
            return response.empty() if request.method == "DELETE" else response.json(self.seen)

        @pages.get("/logo")
        async def logo(request: Request) -> HTTPResponse:
            return response.raw(b"\x89PNG\xff", content_type="image/png")

        @pages.get("/old")
        async def old(request: Request) -> HTTPResponse:
            return response.redirect("/webhooks/pages/version?from=old page")

        @pages.post("/echo")
        async def echo(request: Request) -> HTTPResponse:
            return response.json(
                {
                    "body": request.body.decode(),
                    "method": request.method,
                    "query": request.args.get("q"),
                    "all": request.args.getlist("q"),
                    "json": request.json,
                    "form": request.form.get("f"),
                    "token": request.token,
                }
            )

        return pages
