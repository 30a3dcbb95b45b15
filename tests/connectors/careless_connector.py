"""A connector whose author caught too much and checked too little (test data)."""

from typing import Any, Awaitable, Callable, Dict, Optional, Text

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, response
from sanic.exceptions import Unauthorized
from sanic.request import Request
from sanic.response import HTTPResponse


class CarelessOutput(OutputChannel):
    """Sends nothing."""

    async def send_text_message(self, recipient_id: Text, text: Text, **kwargs: Any) -> None:
        return


class CarelessInput(InputChannel):
    """Responds with the status in its settings, whatever happened."""

    @classmethod
    def name(cls) -> Text:
        return "careless"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> InputChannel:
        return cls((credentials or {})["status"])

    def __init__(self, status: int) -> None:
        self.status = status

    def get_output_channel(self) -> OutputChannel:
        return CarelessOutput()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        careless = Blueprint("careless_webhook", __name__)

        @careless.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            try:
                await on_new_message(UserMessage("hi", CarelessOutput(), "me"))
            except Exception as error:
                print(error)
            return response.text("", status=self.status)

        @careless.get("/header")
        async def header(request: Request) -> HTTPResponse:
            return response.text("", headers={"X-As": request.args.get("as")})

        @careless.get("/refusal")
        async def refusal(request: Request) -> HTTPResponse:
            raise Unauthorized("no", scheme="Bearer", realm=request.args.get("as"))

        return careless
