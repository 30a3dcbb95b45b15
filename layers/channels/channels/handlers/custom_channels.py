"""The Lambda handler of all custom channels: `/webhooks/<name>` for the classes in `addons`.

The stack's credentials, stored by `python -m ops credentials push`, say which class serves a name
and with which settings. A class is imported when its channel is called, so that a class that cannot
be imported does not stop the others.
"""

from __future__ import annotations

from channels.channel import InputChannel
from channels.errors import CredentialsMissing
from channels.handlers.pipeline import Pipeline, check_size
from channels.http.error_responses import respond_to_event
from channels.http.paths import split_path
from channels.http.response import Response
from channels.telemetry.logs import begin_request
from channels.wiring.registry import BUILT_IN, is_route
from channels.wiring.services import services_of
from channels.wiring.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.http.request import Request
    from channels.wiring.services import Services


def custom_webhook(services: Services | None = None) -> CustomWebhook:
    """Return the Lambda handler of the custom channels.

    `services` are by default those of the Lambda's environment.
    """
    return CustomWebhook(services or services_of(Settings.from_environment()))


class CustomWebhook:
    """Serves custom channels below `/webhooks/<name>`; called as a Lambda handler."""

    def __init__(self, services: Services) -> None:
        """Take the services; no channel is loaded yet."""
        self._services = services
        self._serving = Pipeline(services)

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Respond to an API Gateway event."""
        name = _name_of(event)
        begin_request(event, context, name)
        answer = respond_to_event(
            f"channel {name}" if name else "custom channels",
            event,
            lambda request: self._respond(request, context),
            self._services.public_base_url,
        )
        self._serving.count_refusal(name, answer)
        return self._serving.captured(event, answer, self._services.channels)

    def _respond(self, request: Request, context: Any) -> Response:
        name, route = split_path(request.path)
        if not is_route(name) or name in BUILT_IN:
            return Response.error(404, f"no route '{request.path}'")
        try:
            channel = self._services.channels(name)
        except CredentialsMissing:
            return Response.error(404, f"no channel '{name}'")
        check_size(request, channel.max_body_size)
        in_our_style = type(channel).blueprint is InputChannel.blueprint
        if in_our_style and route == "" and request.method == "GET":
            return Response.json({"status": "ok"})
        return self._serving.respond(name, channel, request, route, context)


def _name_of(event: Any) -> str:
    """Return the channel's name for logs and metrics, "" if the path has no valid name."""
    path = event.get("rawPath") or event.get("path") if isinstance(event, dict) else None
    name, _ = split_path(path) if isinstance(path, str) else ("", "")
    return name if is_route(name) else ""
