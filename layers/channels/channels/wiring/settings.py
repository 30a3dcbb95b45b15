"""A Lambda's environment variables; nothing else reads them."""

from __future__ import annotations

import os

from channels.aws.client.endpoints import domain_of, region_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Settings:
    """The settings of one Lambda, from its environment variables.

    `agent`, `rasa_url` and `public_base_url` are the template's parameters (empty if not given).
    `stack_name` is the stack that metrics are written for; if it is empty (`sam local`), none are
    written. `credentials_path` is the prefix of the channels' SSM parameters; it is empty in `sam
    local invoke`, which runs without AWS. `agent_timeout` limits a turn (seconds). The `..._url`s
    of queues, `state_table` and `socket_opener` name the stack's own resources. `sockets_url` is
    where messages to WebSocket connections are posted, `websocket_url` where browsers connect.
    `frame_ancestors` are the sources, as in a content security policy, that may embed the chat
    page. `apology` is the text sent to users when their message is given up on; empty if not
    needed. `captures_events` says whether webhooks store their requests for a while,
    `captures_text` whether including users' texts.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Read an environment; no variable is required."""
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
        """Return X-Ray's header, which Lambda sets for each invocation; "" if there is none."""
        return self.environment.get("_X_AMZN_TRACE_ID", "")

    @classmethod
    def from_environment(cls) -> Settings:
        """Return the settings of this process."""
        return cls(os.environ)


def _sockets_url(environment: Mapping[str, str]) -> str:
    """Return the @connections endpoint of the WebSocket API, "" if there is none.

    This is the API's own address even if clients use another one, because a custom domain maps
    paths. MiniStack serves it below AWS_ENDPOINT_URL.
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
    """Return WEBSOCKET_URL; on MiniStack, replace API Gateway's own address with the local one."""
    url = environment.get("WEBSOCKET_URL", "").rstrip("/")
    local = environment.get("AWS_ENDPOINT_URL")
    host, _, stage = url.removeprefix("wss://").partition("/")
    api, is_api_gateway, _ = host.partition(".execute-api.")
    if not (local and is_api_gateway):
        return url
    return f"{local.replace('http', 'ws', 1).rstrip('/')}/_aws/execute-api/{api}/{stage}"
