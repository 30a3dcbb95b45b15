"""A connector modelled on Rasa's RestInput: a stream on request (test data)."""

import asyncio
import inspect
import json
from asyncio import Queue
from functools import partial
from typing import Any, Awaitable, Callable, Text

import rasa.utils.endpoints
from rasa.core.channels.channel import (
    CollectingOutputChannel,
    InputChannel,
    QueueOutputChannel,
    RestInput,
    UserMessage,
)
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse, ResponseStream


class StreamInput(InputChannel):
    """JSON in; the reply as one document or line by line."""

    @classmethod
    def name(cls) -> Text:
        return "streams"

    async def _turn(self, on_new_message: Any, queue: Queue, text: Text) -> None:
        try:
            await on_new_message(UserMessage(text, QueueOutputChannel(queue), "me"))
        finally:
            await queue.put("END")

    async def _write(self, on_new_message: Any, text: Text, stream: Any) -> None:
        queue: Queue = Queue()
        task = asyncio.ensure_future(self._turn(on_new_message, queue, text))
        while (item := await queue.get()) != "END":
            await stream.write(json.dumps(item) + "\n")
        await task

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[None]]) -> Blueprint:
        streams = Blueprint("streams_webhook", inspect.getmodule(self).__name__)

        @streams.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @streams.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> Any:
            text = request.json.get("message")
            if rasa.utils.endpoints.bool_arg(request, "stream", default=False):
                write = partial(self._write, on_new_message, text)
                return ResponseStream(write, content_type="text/event-stream")
            collector = CollectingOutputChannel()
            await on_new_message(UserMessage(text, collector, "me", input_channel=self.name()))
            return response.json(collector.messages)

        return streams


class OtherRest(RestInput):
    """The REST channel under another name."""

    def name() -> Text:
        return "other_rest"
