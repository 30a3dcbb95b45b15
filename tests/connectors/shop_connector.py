"""A connector in Rasa's style: JSON in, the bot's messages as the response (test data)."""

import inspect
import logging
from typing import Any, Awaitable, Callable, Dict, Optional, Text

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

logger = logging.getLogger(__name__)


class ShopInput(InputChannel):
    """The chat widget of a web shop."""

    @classmethod
    def name(cls) -> Text:
        return "shop"

    def get_metadata(self, request: Request) -> Optional[Dict[Text, Any]]:
        return {"basket": request.json.get("basket"), "page": request.args.get("page")}

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        shop_webhook = Blueprint(
            "shop_webhook_{}".format(type(self).__name__), inspect.getmodule(self).__name__
        )

        @shop_webhook.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok", "shop": "open"})

        @shop_webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            customer = request.json.get("customer")
            if customer is None:
                return response.json({"error": "customer is missing"}, status=422)
            collector = CollectingOutputChannel()
            try:
                await on_new_message(
                    UserMessage(
                        request.json.get("question"),
                        collector,
                        customer,
                        input_channel=self.name(),
                        metadata=self.get_metadata(request),
                    )
                )
            except Exception:
                logger.exception("no answer for a customer")
                return response.json({"error": "no answer"}, status=500)
            return response.json(
                {"answers": [m["text"] for m in collector.messages if "text" in m]}
            )

        return shop_webhook
