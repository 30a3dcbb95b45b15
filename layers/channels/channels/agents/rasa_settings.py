"""What the section `agent` of credentials.yml says beside Rasa's EndpointConfig.

agent:
  remote: true          # ask over the remote channel, false: never; without it, find out
  remote_token: secret  # the channel's `token` in the Rasa server's credentials.yml
  tracker_state: true   # have the tracker's state for output channels (Rasa Pro)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from channels.clients.endpoint import KEYS, read_endpoint
from channels.errors import CredentialsError
from channels.section import A_TEXT, Section

if TYPE_CHECKING:
    from typing import Any

    from channels.clients.endpoint import Endpoint

SECTION = Section(
    "agent",
    "docs/agents.md",
    keys=(*KEYS, "remote", "remote_token", "tracker_state"),
    elsewhere={"url": "is the stack's parameter RasaUrl"},
)


class Remote(NamedTuple):
    """How the remote channel is used; `wanted` is None where the agent has to find out."""

    wanted: bool | None
    token: str
    tracker_state: bool


def check_credentials(credentials: dict[str, Any]) -> None:
    """Raise CredentialsError for settings that the Rasa agent could not use.

    The file of certificates is not opened: it is in the layer, not on every machine.
    """
    SECTION.of(credentials)["cafile"].text()
    read_remote(credentials, read_endpoint("agent", {**credentials, "cafile": None}))


def read_remote(credentials: dict[str, Any], endpoint: Endpoint) -> Remote:
    """Read the section; raises CredentialsError that names the key that cannot serve."""
    token = credentials.get("remote_token")
    if not isinstance(token, str | None):
        raise _refused("remote_token", A_TEXT)
    if token is not None and not token.strip():
        raise _refused("remote_token", "must be a text that is not empty")
    if token is not None and endpoint.basic_auth is not None:
        raise _refused("remote_token", "cannot go with 'basic_auth': both are sent in one header")
    if token is not None and not (token.isascii() and token.strip().isprintable()):
        raise _refused("remote_token", "must be one line of ASCII characters")
    return Remote(
        _flag(credentials, "remote"),
        (token or "").strip(),
        _flag(credentials, "tracker_state") is True,
    )


def _flag(credentials: dict[str, Any], key: str) -> bool | None:
    value = credentials.get(key)
    if value is not None and not isinstance(value, bool):
        raise _refused(key, "must be true or false")
    return value


def _refused(key: str, problem: str) -> CredentialsError:
    return CredentialsError(f"agent: '{key}' {problem} (docs/agents.md)")
