"""What a Lambda's environment says; the only place that reads it."""

from __future__ import annotations

import os

from channels.aws.client.endpoints import domain_of, region_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Settings:
    """The settings of one Lambda, from its environment variables.

    `agent`, `rasa_url`, `public_base_url` are the template's parameters (empty when not given).
    `stack_name` is the stack of the metrics, empty where none are wanted (`sam local`).
    `credentials_path` is the prefix of the channels' SSM parameters, empty where there are none to
    read: in `sam local invoke`, which runs without AWS. `agent_timeout` bounds a turn (seconds).
    The `..._url`s of queues, `state_table` and `socket_opener` name the stack's own resources;
    `sockets_url` is where connections of the WebSocket API are posted to, `websocket_url` where
    browsers reach it, `frame_ancestors` who may embed the chat page (a content security policy's
    sources);
    `apology` is the text for users whose message was given up on; empty where not needed.
    `captures_events` says whether webhooks keep their requests for a while, `captures_text` whether
    with what users wrote.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Read an environment; nothing is required."""
        self.environment = environment
        self.agent = environment.get("AGENT", "")
        self.rasa_url = environment.get("RASA_URL", "")
        self.public_base_url = environment.get("PUBLIC_BASE_URL", "").rstrip("/")
        self.agent_timeout = float(environment.get("AGENT_TIMEOUT", "25"))
        self.inbox_queue_url = environment.get("INBOX_QUEUE_URL", "")
        self.inbox_dead_letter_url = environment.get("INBOX_DEAD_LETTER_URL", "")
        self.callback_queue_url = environment.get("CALLBACK_QUEUE_URL", "")
        self.callback_dead_letter_url = environment.get("CALLBACK_DEAD_LETTER_URL", "")
        self.state_table = environment.get("STATE_TABLE", "")
        self.socket_checks_url = environment.get("SOCKET_CHECKS_QUEUE_URL", "")
        self.socket_opener = environment.get("SOCKET_OPENER_FUNCTION", "")
        self.sockets_url = _sockets_url(environment)
        self.websocket_url = _websocket_url(environment)
        self.frame_ancestors = environment.get("FRAME_ANCESTORS") or "*"
        self.apology = environment.get("APOLOGY_TEXT", "")
        captures = environment.get("CAPTURE_EVENTS", "off")
        self.captures_events = captures in ("on", "with-text")
        self.captures_text = captures == "with-text"
        level = environment.get("LOG_LEVEL") or "INFO"
        self.log_level = "WARNING" if level == "WARN" else level
        self.is_sam_local = environment.get("AWS_SAM_LOCAL") == "true"
        self.stack_name = "" if self.is_sam_local else environment.get("STACK_NAME", "")
        self.credentials_path = "" if self.is_sam_local else environment.get("CREDENTIALS_PATH", "")

    def trace(self) -> str:
        """X-Ray's header of the invocation, which Lambda sets anew for each; "" without one."""
        return self.environment.get("_X_AMZN_TRACE_ID", "")

    @classmethod
    def from_environment(cls) -> Settings:
        """The settings of this process."""
        return cls(os.environ)


def _sockets_url(environment: Mapping[str, str]) -> str:
    """The @connections endpoint of the WebSocket API, "" without one.

    The API's own address, also where clients use another one: a custom domain maps paths. MiniStack
    has it below AWS_ENDPOINT_URL.
    """
    api, stage = environment.get("SOCKET_API", ""), environment.get("SOCKET_STAGE", "")
    given = environment.get("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI")
    if given or not api:
        return given or ""
    local = environment.get("AWS_ENDPOINT_URL")
    if local:
        return f"{local.rstrip('/')}/_aws/execute-api/{api}/{stage}"
    region = region_of(environment)
    return f"https://{api}.execute-api.{region}.{domain_of(region)}/{stage}"


def _websocket_url(environment: Mapping[str, str]) -> str:
    """The address in WEBSOCKET_URL; API Gateway's own one where MiniStack has it, if that runs."""
    url = environment.get("WEBSOCKET_URL", "").rstrip("/")
    local = environment.get("AWS_ENDPOINT_URL")
    host, _, stage = url.removeprefix("wss://").partition("/")
    api, is_api_gateway, _ = host.partition(".execute-api.")
    if not (local and is_api_gateway):
        return url
    return f"{local.replace('http', 'ws', 1).rstrip('/')}/_aws/execute-api/{api}/{stage}"
