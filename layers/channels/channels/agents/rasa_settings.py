"""The settings of the section `agent` of credentials.yml besides Rasa's EndpointConfig.

agent:
  remote: true          # use the remote channel; false: never; if unset, find out
  remote_token: secret  # the channel's `token` in the Rasa server's credentials.yml
  tracker_state: true   # fetch the tracker's state for output channels (Rasa Pro)
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
    """How the remote channel is used; `wanted` is None if the agent must find out."""

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
    """Read the section; raise CredentialsError naming the first invalid key."""
    token = credentials.get("remote_token")
    if not isinstance(token, str | None):
        raise _refused("remote_token", A_TEXT)
    if token is not None and not token.strip():
        raise _refused("remote_token", "must be a non-empty string")
    if token is not None and endpoint.basic_auth is not None:
        raise _refused(
            "remote_token", "cannot be combined with 'basic_auth': both use the same header"
        )
    if token is not None and not (token.isascii() and token.strip().isprintable()):
        raise _refused("remote_token", "must be a single line of ASCII characters")
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
