"""The Slack channel: events, clicks, slash commands, shortcuts and forms of a workspace.

    POST /webhooks/slack/webhook    signed by Slack: Events API, interactivity and commands

Rasa's channel, plus what Rasa leaves out: an event that Slack sends again is recognised by its id
and never dropped because of a header, all interactive elements are read, and no ordinary request
causes a 500.
"""

from __future__ import annotations

import hashlib
import time

from channels.channel import InputChannel, UserMessage
from channels.errors import PayloadError, VerificationError
from channels.http.response import Response
from channels.messages.fields import text_of
from channels.slack.events import EventFilter
from channels.slack.interactions import incoming_of_form, interaction_of
from channels.slack.settings import API_BASE, SECTION
from channels.slack.signature import SignatureVerifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.http.request import Request
    from channels.slack.api import SlackApi
    from channels.slack.incoming import Incoming
    from channels.slack.output import SlackBot

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"

#: What counts as one conversation: one of Rasa's names, or several of our parts.
_GRANULARITIES = ("sender", "channel", "thread")
_PARTS = ("team", "channel", "thread", "user")


class SlackInput(InputChannel):
    """Input channel of Slack apps.

    Credentials: Rasa's `slack_token`, `slack_signing_secret` (both needed), `slack_channel`,
    `proxy`, `use_threads`, `conversation_granularity`; its `slack_retry_reason_header`,
    `slack_retry_number_header` and `errors_ignore_retry` are accepted without effect, since a
    redelivered event is recognised by its id. Ours: `api_base`, `edits`, `ephemeral`, `typing`,
    `allow_unsigned`, and parts joined by colons (`team:channel:user`) as
    `conversation_granularity`.
    """

    #: Slack publishes no limit for its requests. A message of 40,000 characters with its blocks and
    #: files stays far below this one.
    max_body_size = 1_048_576

    methods = ("GET", "POST")

    @classmethod
    def name(cls) -> str:
        """`slack`."""
        return "slack"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> SlackInput:
        """Create the channel from its section; raises CredentialsError for an invalid setting."""
        if not credentials:
            cls.raise_missing_credentials_exception()
        given, granularity = SECTION.of(credentials), credentials.get("conversation_granularity")
        return cls(
            given["slack_token"].text() or "",
            given["slack_channel"].text(),
            given["proxy"].text(),
            use_threads=given["use_threads"].switch(),
            slack_signing_secret=given["slack_signing_secret"].text(),
            conversation_granularity="sender" if granularity is None else granularity,
            api_base=given["api_base"].url(API_BASE),
            edits=given["edits"].switch(),
            ephemeral=given["ephemeral"].switch(),
            typing=given["typing"].text(),
            allow_unsigned=given["allow_unsigned"].switch(),
        )

    def __init__(  # noqa: PLR0913, PLR0917 (Rasa's parameters, and ours)
        self,
        slack_token: str,
        slack_channel: str | None = None,
        proxy: str | None = None,
        slack_retry_reason_header: str = "x-slack-retry-reason",
        slack_retry_number_header: str = "x-slack-retry-num",
        errors_ignore_retry: list[str] | None = None,
        use_threads: bool | None = False,
        slack_signing_secret: str | None = "",
        conversation_granularity: str = "sender",
        *,
        api_base: str | None = None,
        edits: bool = False,
        ephemeral: bool = False,
        typing: str | None = None,
        allow_unsigned: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Rasa's parameters in Rasa's order, then ours; `now()` is in seconds since 1970.

        Raises CredentialsError without a `slack_token`, or without a `slack_signing_secret` unless
        `allow_unsigned` lets everybody in.
        """
        secret = (slack_signing_secret or "").strip()
        if not slack_token:
            raise SECTION.wrong("slack_token", "is needed: the app's bot token, xoxb-...")
        if not secret and not allow_unsigned:
            raise SECTION.wrong(
                "slack_signing_secret", "is needed: the app's page 'Basic Information' shows it"
            )
        self.slack_token = slack_token
        self.slack_channel = slack_channel
        self.proxy = proxy
        self.use_threads = bool(use_threads)
        self.api_base = api_base or API_BASE
        self._ephemeral = ephemeral
        self._typing = typing
        self._granularity = SECTION.granularity(conversation_granularity, _GRANULARITIES, _PARTS)
        self._events = EventFilter(slack_channel, edits=edits)
        self._verifier = SignatureVerifier(secret, now) if secret else None
        self._api: SlackApi | None = None

    def handshake(self, request: Request) -> Response | None:
        """Respond to `url_verification`, which is signed, and to `ssl_check` with a plain 200."""
        if request.method == "GET" or request.content_type == _FORM:
            if _is_ssl_check(request):
                return Response.text("")
        elif b"url_verification" in request.body:
            self.verify(request)
            body = request.json
            if isinstance(body, dict) and body.get("type") == "url_verification":
                if not isinstance(body.get("challenge"), str):
                    raise PayloadError("'challenge' must be a string")
                return Response.text(body["challenge"])
        return None

    def verify(self, request: Request) -> None:
        """Check Slack's signature of the exact bytes of the body, and its age."""
        if self._verifier is None:
            return
        timestamp = request.headers.get("x-slack-request-timestamp")
        signature = request.headers.get("x-slack-signature")
        if not self._verifier.is_valid(request.body, timestamp, signature):
            raise VerificationError(
                "missing, wrong or stale X-Slack-Signature: is 'slack_signing_secret' the one on "
                "the app's page 'Basic Information'? (docs/channels/slack.md)"
            )

    def parse(self, request: Request) -> list[UserMessage]:
        """Return the messages of an event or a form post; none if it is not for the bot.

        A message without an id from Slack gets a digest of the signed body, so that it has the same
        id if Slack sends it again.
        """
        return [
            self._message(incoming, incoming.message_id or _digest(request.body, number))
            for number, incoming in enumerate(self._incoming(request))
        ]

    def _incoming(self, request: Request) -> list[Incoming]:
        if request.content_type == _FORM:
            return incoming_of_form(request.form)
        if request.content_type != _JSON:
            return []
        body = request.json
        if not isinstance(body, dict):
            raise PayloadError("the body must be a JSON object")
        return self._events.incoming(body)

    def acknowledgement(self, request: Request) -> Response:
        """Respond with an empty 200, as Rasa does; a menu that asks for its options gets none."""
        if request.content_type == _FORM and b"block_suggestion" in request.body:
            interaction = interaction_of(request.form)
            if interaction and text_of(interaction, "type") == "block_suggestion":
                return Response.json({"options": []})
        return Response.text("")

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        """Return Rasa's `out_channel`, `thread_id` and `users`, plus keys per kind of message."""
        messages = self.parse(request)
        return messages[0].metadata if messages else None

    def enrich(self, message: UserMessage) -> bool:
        """Restore the payload of a button whose payload was too long for Slack."""
        action = (message.metadata or {}).get("action")
        if action and self.memory is not None:
            from channels.slack.payloads import restored

            message.text = restored(self.memory, action["values"], action["titles"])
        return True

    def output_for(self, message: UserMessage) -> SlackBot:
        """Return the output to the channel of `message`, and to its thread if it has one."""
        to = message.reply_to or {}
        return self._output(
            to.get("channel") or to.get("user") or self.slack_channel,
            to.get("thread_ts"),
            user=to.get("user"),
            response_url=to.get("response_url"),
        )

    def get_output_channel(self) -> SlackBot:
        """Return the output for messages the bot starts: to `slack_channel`, or the recipient."""
        return self._output(self.slack_channel, None)

    def _output(self, channel: str | None, thread_ts: str | None, **to: str | None) -> SlackBot:
        from channels.slack.api import SlackApi
        from channels.slack.output import SlackBot

        if self._api is None:
            self._api = SlackApi(self.slack_token, self.api_base, self.proxy)
        return SlackBot(
            self.slack_token,
            channel,
            thread_ts,
            self.proxy,
            api=self._api,
            memory=self.memory,
            ephemeral=self._ephemeral,
            typing=self._typing,
            **to,
        )

    def _message(self, incoming: Incoming, message_id: str) -> UserMessage:
        is_threaded = self.use_threads or incoming.in_thread
        reply_to = {
            "channel": incoming.channel,
            "user": incoming.user,
            "thread_ts": incoming.thread if is_threaded else "",
            "response_url": incoming.response_url,
        }
        return UserMessage(
            incoming.text,
            sender_id=_sender_id(self._granularity, incoming),
            input_channel=self.name(),
            message_id=message_id,
            metadata=incoming.metadata,
            reply_to={key: value for key, value in reply_to.items() if value},
        )


def _digest(body: bytes, number: int) -> str:
    return f"{hashlib.sha256(body).hexdigest()}:{number}"


def _is_ssl_check(request: Request) -> bool:
    if request.method == "GET":
        return bool(request.args.get("ssl_check") == "1")
    return b"ssl_check=1" in request.body and request.form.get("ssl_check") == "1"


def _sender_id(granularity: str, incoming: Incoming) -> str:
    """The conversation's id: Rasa's `user`, `user_channel`, `user_channel_thread`, or ours."""
    parts = {
        "team": incoming.team,
        "channel": incoming.channel,
        "thread": incoming.metadata["thread_id"] or "",
        "user": incoming.user,
    }
    rasas = {"sender": "user", "channel": "user channel", "thread": "user channel thread"}
    if granularity in rasas:
        ids = [parts[part] for part in rasas[granularity].split()]
        return "_".join(ids) if all(ids) else incoming.user
    return ":".join(parts[part] for part in granularity.split(":"))
