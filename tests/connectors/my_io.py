"""The smallest connector that Rasa's documentation teaches, in our own words (test data).

The calls are the same and in the same order: `def name():` without a parameter, a blueprint named
after the class and its module, a collector whose messages are the response.
"""

import inspect
from typing import Awaitable, Callable, Text

import rasa.utils.endpoints
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse


class MyIO(InputChannel):
    def name() -> Text:
        return "myio"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[None]]) -> Blueprint:
        routes = Blueprint(
            "routes_{}".format(type(self).__name__), inspect.getmodule(self).__name__
        )

        @routes.route("/", methods=["GET"])
        async def is_alive(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.route("/webhook", methods=["POST"])
        async def take(request: Request) -> HTTPResponse:
            person = request.json.get("sender")
            said = request.json.get("text")
            answers = CollectingOutputChannel()
            message = UserMessage(
                said,
                answers,
                person,
                input_channel=self.name(),
                metadata=self.get_metadata(request),
            )
            await on_new_message(message)
            return response.json(answers.messages)

        return routes
