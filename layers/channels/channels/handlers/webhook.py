"""Make a Lambda handler from a channel: `handler = webhook("rest")`."""

from __future__ import annotations

from channels.channel import InputChannel
from channels.handlers.pipeline import Pipeline, check_size
from channels.http.error_responses import respond_to_event
from channels.http.paths import split_path
from channels.http.response import Response
from channels.telemetry.logs import begin_request
from channels.wiring.registry import channel_class
from channels.wiring.services import services_of
from channels.wiring.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.http.request import Request
    from channels.wiring.services import Services


def webhook(channel: str | InputChannel, services: Services | None = None) -> Webhook:
    """Return the Lambda handler of a channel.

    `channel` is a built-in name or an instance made in Python; `services` are by default those of
    the Lambda's environment.
    """
    if services is None:
        services = services_of(Settings.from_environment())
    return Webhook(channel, services)


class Webhook:
    """Serves one channel below `/webhooks/<channel>`; called as a Lambda handler."""

    def __init__(self, channel: str | InputChannel, services: Services) -> None:
        """Load the channel's class now, as the Lambda starts.

        Its credentials load with a request.
        """
        self._services = services
        self._serving = Pipeline(services)
        self._name = channel if isinstance(channel, str) else channel.name()
        self._class = channel_class(channel) if isinstance(channel, str) else type(channel)
        self._given = None if isinstance(channel, str) else channel

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Respond to an API Gateway event."""
        begin_request(event, context, self._name)
        answer = respond_to_event(
            f"channel {self._name}",
            event,
            lambda request: self._respond(request, context),
            self._services.public_base_url,
        )
        self._serving.count_refusal(self._name, answer)
        return self._serving.captured(event, answer, lambda _: self._channel())

    def _respond(self, request: Request, context: Any) -> Response:
        _, route = split_path(request.path)
        if route == "" and request.method == "GET":
            return Response.json({"status": "ok"})
        check_size(request, self._class.max_body_size)
        return self._serving.respond(self._name, self._channel(), request, route, context)

    def _channel(self) -> InputChannel:
        return self._given or self._services.channels(self._name)
