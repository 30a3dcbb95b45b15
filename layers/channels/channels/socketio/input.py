"""The Socket.IO channel: Rasa's clients and chat widgets, on API Gateway's WebSocket API.

    wss://<api>.execute-api.<region>.amazonaws.com/<stage>/?EIO=4&transport=websocket

Rasa's channel, with its settings and events. `protocol` reads the frames that come over the socket,
`handlers.sockets.frames` stores and answers them; there is no webhook, only a health check.
"""

from __future__ import annotations

from channels.channel import InputChannel
from channels.errors import VerificationError
from channels.http.blueprint import Blueprint
from channels.http.response import Response
from channels.socketio.settings import SECTION, ProtocolSettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from channels.auth.bearer import JwtVerifier
    from channels.channel import OnNewMessage, UserMessage
    from channels.http.request import Request
    from channels.socketio.output import SocketIOOutput


class SocketIOInput(InputChannel):
    """Input channel of Socket.IO clients.

    Credentials, all optional: Rasa's `user_message_evt`, `bot_message_evt`, `namespace`,
    `session_persistence`, `socketio_path`, `jwt_key`, `jwt_method`, `metadata_key`; ours
    `allowed_origins` (a list) and `keepalive`.
    """

    @classmethod
    def name(cls) -> str:
        """`socketio`."""
        return "socketio"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> SocketIOInput:
        """Make the channel from its settings; raises CredentialsError naming an invalid one."""
        settings = credentials or {}
        SECTION.of(settings).refuse_empty("jwt_key", "allowed_origins")
        return cls(
            settings.get("user_message_evt", "user_uttered"),
            settings.get("bot_message_evt", "bot_uttered"),
            settings.get("namespace"),
            settings.get("session_persistence", False),
            settings.get("socketio_path", "/socket.io"),
            settings.get("jwt_key"),
            settings.get("jwt_method", "HS256"),
            settings.get("metadata_key", "metadata"),
            allowed_origins=settings.get("allowed_origins"),
            keepalive=settings.get("keepalive", True),
        )

    def __init__(  # noqa: PLR0913, PLR0917 - Rasa's parameters
        self,
        user_message_evt: str = "user_uttered",
        bot_message_evt: str = "bot_uttered",
        namespace: str | None = None,
        session_persistence: bool = False,
        socketio_path: str | None = "/socket.io",
        jwt_key: str | None = None,
        jwt_method: str | None = "HS256",
        metadata_key: str | None = "metadata",
        *,
        allowed_origins: list[str] | None = None,
        keepalive: bool = True,
    ) -> None:
        """Check the settings; raises CredentialsError for an invalid one.

        `socketio_path` is Rasa's and has no effect: the path is that of the API's stage. The JWT
        key is tested with the first token (or by `check_credentials`), because its library takes
        longer to load than everything else.
        """
        self.bot_message_evt = _text("bot_message_evt", bot_message_evt)
        self.allowed_origins = _origins(allowed_origins)
        self.keepalive = _switch("keepalive", keepalive)
        self._jwt_key = None if jwt_key is None else _text("jwt_key", jwt_key)
        self._jwt_method = _text("jwt_method", jwt_method or "HS256")
        self._verifier: JwtVerifier | None = None
        self.protocol = ProtocolSettings(
            user_message_evt=_text("user_message_evt", user_message_evt),
            bot_message_evt=self.bot_message_evt,
            namespace=_namespace(namespace),
            session_persistence=_switch("session_persistence", session_persistence),
            metadata_key=_text("metadata_key", metadata_key or "metadata"),
            claims=None if self._jwt_key is None else self._claims,
        )

    @classmethod
    def check_credentials(cls, credentials: dict[str, Any]) -> None:
        """Check the settings, and that the JWT key works."""
        channel = cls.from_credentials(credentials)
        if channel._jwt_key is not None:
            channel._jwt()

    def verify(self, request: Request) -> None:
        """Refuse every request: nothing comes over HTTP."""
        raise VerificationError("the socketio channel has no webhook")

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The channel's health check; API Gateway serves the sockets."""
        routes = Blueprint(self.name())

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> Response:
            return Response.json({"status": "ok"})

        return routes

    def output_for(self, message: UserMessage) -> SocketIOOutput:
        """The output to a message's session, or to its connection if it has no session."""
        return self._output(message.reply_to, message.message_id)

    def get_output_channel(self) -> SocketIOOutput:
        """An output for messages that the bot sends unprompted; the recipient is a session."""
        return self._output(None, None)

    def _output(self, reply_to: dict[str, Any] | None, message_id: str | None) -> SocketIOOutput:
        from channels.socketio.output import SocketIOOutput

        return SocketIOOutput(
            self.sockets,
            self.bot_message_evt,
            reply_to=reply_to,
            message_id=message_id,
        )

    def _claims(self, token: str) -> dict[str, Any] | None:
        return self._jwt().claims(token)

    def _jwt(self) -> JwtVerifier:
        from channels.auth.bearer import JwtVerifier

        if self._verifier is None:
            self._verifier = JwtVerifier(self._jwt_key or "", self._jwt_method, SECTION)
        return self._verifier


def _text(key: str, value: object) -> str:
    text = SECTION.setting(key, value).text()
    if text is None:
        _refuse(key, "must be a text that is not empty: remove the line to do without")
    return text


def _switch(key: str, value: object) -> bool:
    if value is not None and not isinstance(value, bool):
        _refuse(key, "must be true or false")
    return bool(value)


def _namespace(value: object) -> str:
    """The namespace with its leading slash, which clients may leave out, as in Rasa."""
    if value is None or value == "":
        return "/"
    name = "/" + _text("namespace", value).lstrip("/")
    if any(character in name for character in ",?") or not name.isprintable():
        _refuse("namespace", "must not contain commas, question marks or control characters")
    return name


def _origins(value: object) -> frozenset[str] | None:
    """Web origins in lower case, without a trailing slash; None allows every origin."""
    if value is None:
        return None
    origins = [value] if isinstance(value, str) else value
    if not isinstance(origins, list) or not origins:
        _refuse("allowed_origins", "must be a list of origins, such as https://www.example.com")
    return frozenset(_text("allowed_origins", each).rstrip("/").lower() for each in origins)


def _refuse(key: str, problem: str) -> NoReturn:
    raise SECTION.wrong(key, problem)
