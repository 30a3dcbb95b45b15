"""The REST channel: a JSON request, and the bot's messages as its response.

    POST /webhooks/rest/webhook    {"sender": "me", "message": "hi", "metadata": {...}}
    200                            [{"recipient_id": "me", "text": "Hey!", "buttons": [...]}]

Rasa's channel, plus what Rasa leaves out: optional authentication, validated input, and an honest
status when the agent fails (Rasa responds with 200 `[]`).
"""

from __future__ import annotations

import json

from channels.auth.bearer import BearerAuthentication
from channels.channel import CollectingOutputChannel, InputChannel
from channels.errors import AgentError
from channels.http.response import Response, error_document
from channels.rest.json_message import json_message, json_metadata
from channels.rest.settings import SECTION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.channel import OnNewMessage, UserMessage
    from channels.http.request import Request


class RestInput(InputChannel):
    """Input channel of REST clients; credentials `token`, `jwt_key`, `jwt_method`, all optional.

    With `token`, a request must carry `Authorization: Bearer <token>`; with `jwt_key`, a JWT with
    the algorithm `jwt_method` (HS256) and an expiry. With both, either is accepted.
    """

    answers_in_request = True

    @classmethod
    def name(cls) -> str:
        """`rest`."""
        return "rest"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> RestInput:
        """Make the channel from its settings; an empty section means no authentication."""
        settings = credentials or {}
        SECTION.of(settings).refuse_empty("token", "jwt_key")
        return cls(settings.get("token"), settings.get("jwt_key"), settings.get("jwt_method"))

    def __init__(
        self, token: str | None = None, jwt_key: str | None = None, jwt_method: str | None = None
    ) -> None:
        """Check the settings; raises CredentialsError for an invalid one, such as an empty one."""
        self._callers = BearerAuthentication(
            self.name(), token, jwt_key, jwt_method, page=SECTION.page
        )

    def verify(self, request: Request) -> None:
        """Check the bearer token if one is configured."""
        self._callers.verify(request)

    def parse(self, request: Request) -> list[UserMessage]:
        """The request's message; raises PayloadError naming what is wrong with it."""
        return [json_message(request, self.name(), self.get_metadata(request))]

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """The body's `metadata`; None if it has none."""
        return json_metadata(request)

    async def answer(
        self, request: Request, messages: list[UserMessage], on_new_message: OnNewMessage
    ) -> Response:
        """The bot's messages: a JSON array, or with `?stream=true` one JSON object per line.

        With `?stream=chunks`, streamed replies also appear chunk by chunk (`ChunksOutput`). If the
        agent fails, its messages so far are kept: next to the error in the error document, or
        before the error's line in a stream. API Gateway buffers a Lambda's response, so a stream's
        lines arrive together.
        """
        failure: AgentError | None = None
        collected: list[dict[str, Any]] = []
        stream = request.args.get("stream", "").lower()
        for message in messages:
            output = ChunksOutput() if stream == "chunks" else CollectingOutputChannel()
            message.output_channel = output
            collected = output.messages
            try:
                await on_new_message(message)
            except AgentError as error:
                failure = error
        if stream in ("true", "chunks"):
            return _stream(collected, failure)
        if failure is not None:
            return Response.error(failure.status, str(failure), messages=collected)
        return Response.json(collected)


class ChunksOutput(CollectingOutputChannel):
    """Collects messages, and streamed replies in chunks; the frames are those of Rasa's demo.

        {"recipient_id": "me", "type": "stream_start"}
        {"recipient_id": "me", "type": "stream_chunk", "chunk": "Once "}
        {"recipient_id": "me", "type": "stream_end"}
        {"recipient_id": "me", "text": "Once upon a time.", "streamed": true}

    The message that repeats a whole stream is marked `streamed`: clients that showed the chunks
    skip it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._repeats = False

    async def send_response_chunk_start(self, recipient_id: str, **kwargs: Any) -> None:
        """Collect the start of a streamed reply."""
        await self._collect(recipient_id, type="stream_start")

    async def send_response_chunk(self, recipient_id: str, chunk: str, **kwargs: Any) -> None:
        """Collect a chunk of the reply."""
        await self._collect(recipient_id, type="stream_chunk", chunk=chunk)

    async def send_response_chunk_end(self, recipient_id: str, **kwargs: Any) -> None:
        """Collect the end of the reply; the next message with a text repeats it."""
        await self._collect(recipient_id, type="stream_end")
        self._repeats = True

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Collect a text, marked if it was streamed."""
        first = len(self.messages)
        await super().send_text_message(recipient_id, text, **kwargs)
        self._mark(first)

    async def send_text_with_buttons(
        self, recipient_id: str, text: str | None, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Collect text and buttons, marked if the text was streamed."""
        first = len(self.messages)
        await super().send_text_with_buttons(recipient_id, text, buttons, **kwargs)
        if text:
            self._mark(first)

    def _mark(self, first: int) -> None:
        if self._repeats:
            self._repeats = False
            for message in self.messages[first:]:
                message["streamed"] = True


def _stream(collected: list[dict[str, Any]], failure: AgentError | None) -> Response:
    lines: list[dict[str, Any]] = list(collected)
    if failure is not None:
        lines.append({"error": error_document(failure.status, str(failure))})
    body = "".join(json.dumps(line) + "\n" for line in lines)
    return Response.text(body, content_type="application/x-ndjson")
