"""Connector for text gateways that post HTML-form encoded bodies."""
import hmac
import logging
from collections import OrderedDict
from functools import wraps
from typing import Any, Awaitable, Callable, Dict, Optional, Text
from xml.sax.saxutils import escape

from sanic import Blueprint, response
from sanic.exceptions import (
    Forbidden,
    InvalidUsage,
    NotFound,
    SanicException,
    Unauthorized,
)
from sanic.request import Request
from sanic.response import HTTPResponse

from rasa.core.channels.channel import (
    CollectingOutputChannel,
    InputChannel,
    UserMessage,
)

logger = logging.getLogger(__name__)

KNOWN_STATES = {"queued", "sent", "delivered", "failed"}
MAX_REPORTS = 1000


def _same(left: Optional[Text], right: Text) -> bool:
    return hmac.compare_digest((left or "").encode(), right.encode())


class FormConnector(InputChannel):
    """Form bodies in; plain text or XML out."""

    @classmethod
    def name(cls) -> Text:
        return "form_gateway"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> InputChannel:
        credentials = credentials or {}
        if not credentials.get("bearer_token") or not credentials.get("verify_token"):
            cls.raise_missing_credentials_exception()
        return cls(
            credentials["bearer_token"],
            credentials["verify_token"],
            credentials.get("reply_format", "text"),
        )

    def __init__(
        self, bearer_token: Text, verify_token: Text, reply_format: Text = "text"
    ) -> None:
        self.bearer_token = bearer_token
        self.verify_token = verify_token
        self.reply_format = reply_format
        self.reports: "OrderedDict[Text, Text]" = OrderedDict()

    def get_metadata(self, request: Request) -> Dict[Text, Any]:
        """Everything in the form that is not the message itself."""
        used = {"From", "Body", "MessageId"}
        return {key: request.form.get(key) for key in request.form if key not in used}

    def _remember(self, message_id: Text, state: Text) -> None:
        self.reports[message_id] = state
        self.reports.move_to_end(message_id)
        while len(self.reports) > MAX_REPORTS:
            self.reports.popitem(last=False)

    def _render(self, collector: CollectingOutputChannel) -> HTTPResponse:
        texts = []
        for message in collector.messages:
            if message.get("text"):
                texts.append(message["text"])
            elif message.get("image"):
                texts.append(message["image"])
            for number, button in enumerate(message.get("buttons") or [], start=1):
                texts.append(f"{number}: {button['title']}")

        if not texts:
            return response.empty()
        if self.reply_format == "xml":
            items = "".join(f"<Message>{escape(text)}</Message>" for text in texts)
            return HTTPResponse(
                f'<?xml version="1.0" encoding="UTF-8"?><Response>{items}</Response>',
                status=200,
                content_type="application/xml; charset=utf-8",
            )
        return response.text("\n".join(texts))

    def blueprint(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> Blueprint:
        form_hook = Blueprint("form_gateway_webhook")

        def bearer_required(handler: Callable) -> Callable:
            @wraps(handler)
            async def guarded(request: Request, *args: Any, **kwargs: Any) -> Any:
                if not request.token:
                    raise Unauthorized("Token missing.", scheme="Bearer", realm="form")
                if not _same(request.token, self.bearer_token):
                    raise Forbidden("Token not accepted.")
                return await handler(request, *args, **kwargs)

            return guarded

        @form_hook.exception(SanicException)
        async def on_error(request: Request, exc: SanicException) -> HTTPResponse:
            logger.info(f"{request.method} {request.path}: {exc.status_code} {exc}")
            return response.json(
                {"error": str(exc)},
                status=exc.status_code,
                headers=getattr(exc, "headers", None),
            )

        @form_hook.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @form_hook.route("/webhook", methods=["GET"])
        async def verify(request: Request) -> HTTPResponse:
            """The gateway's check when the address is entered in its console."""
            if request.args.get("mode") != "subscribe":
                raise InvalidUsage("'mode' must be 'subscribe'.")
            if not _same(request.args.get("verify_token"), self.verify_token):
                return response.text("verification failed", status=403)
            return response.text(request.args.get("challenge", ""))

        @form_hook.route("/webhook", methods=["POST"])
        @bearer_required
        async def receive(request: Request) -> HTTPResponse:
            sender, body = request.form.get("From"), request.form.get("Body")
            if not sender or not body:
                raise InvalidUsage("The form needs 'From' and 'Body'.")

            collector = CollectingOutputChannel()
            try:
                await on_new_message(
                    UserMessage(
                        body,
                        collector,
                        sender,
                        input_channel=self.name(),
                        message_id=request.form.get("MessageId"),
                        metadata=self.get_metadata(request),
                    )
                )
            except Exception as e:
                logger.error(f"Message from '{sender}' failed: {e}", exc_info=True)
                return response.text("assistant not available", status=503)
            return self._render(collector)

        @form_hook.route("/delivery", methods=["POST"])
        @bearer_required
        async def delivery_report(request: Request) -> HTTPResponse:
            message_id = request.form.get("MessageId")
            state = (request.form.get("Status") or "").lower()
            if not message_id or state not in KNOWN_STATES:
                raise InvalidUsage("'MessageId' and a known 'Status' are needed.")
            self._remember(message_id, state)
            return response.empty()

        @form_hook.route("/delivery/<message_id:str>", methods=["GET"])
        @bearer_required
        async def delivery_state(request: Request, message_id: Text) -> HTTPResponse:
            if message_id not in self.reports:
                raise NotFound(f"No report for '{message_id}'.")
            return response.json({"id": message_id, "state": self.reports[message_id]})

        return form_hook
