"""The agent behind all channels: whether it can be reached from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from channels.agents.rasa_settings import SECTION, read_remote
from channels.clients.endpoint import Endpoint, read_endpoint, webhook_url
from channels.errors import CredentialsError
from channels.wiring.credentials import unknown_keys
from ops.findings import Findings
from ops.stack.site import is_private

_TIMEOUT = (5.0, 10.0)  # seconds: to connect, and for each wait
_REST = "/webhooks/rest/webhook"
_RUN = "Start it (`rasa run --enable-api`), or correct the parameter RasaUrl."


def examine_agent(
    parameters: Mapping[str, str],
    section: Mapping[str, Any],
    findings: Findings,
    *,
    is_local: bool,
) -> None:
    """Whether the agent that the stack's parameters name answers; `section` is `agent`'s.

    A server in the private network of a stack on AWS is reached from there only.
    """
    if agent := parameters.get("Agent"):
        findings.ok(f"{agent}: an agent of your own, which only the worker can load")
        return
    url = parameters.get("RasaUrl")
    if not url:
        findings.ok("the demo assistant, which needs nothing")
        return
    for each in unknown_keys("agent", SECTION, dict(section)):
        findings.warn(each.what, "Correct the section 'agent', and push it.")
    try:
        endpoint = read_endpoint("agent", dict(section))
        remote = read_remote(dict(section), endpoint)
        server = _Server(webhook_url(url).removesuffix(_REST), endpoint, section.get("cafile"))
    except CredentialsError as error:
        findings.error(str(error), "Correct the parameter RasaUrl or the section 'agent'.")
        return
    try:
        _examine_rasa(server, remote.token, remote.wanted, findings)
    except requests.RequestException as error:
        told = f"Rasa at {server.url} cannot be reached from here: {type(error).__name__}"
        if is_private(server.url) and not is_local:
            findings.unknown(told, "It is in a private network: run this from within it.")
        else:
            findings.error(told, _RUN)


class _Server:
    """A Rasa server, asked with what the section `agent` says."""

    def __init__(self, url: str, endpoint: Endpoint, cafile: object) -> None:
        self.url = url
        self._endpoint = endpoint
        self._verify = str(cafile) if cafile else True

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> requests.Response:
        return requests.get(
            f"{self.url}{path}",
            params=self._endpoint.params,
            headers={**self._endpoint.headers, **(headers or {})},
            auth=self._endpoint.basic_auth,
            verify=self._verify,
            timeout=_TIMEOUT,
            allow_redirects=False,
        )


def _examine_rasa(
    server: _Server, remote_token: str, wanted: bool | None, findings: Findings
) -> None:
    answer = server.get("/version")
    if not answer.ok:
        findings.error(f"{server.url}/version answers {answer.status_code}: no Rasa server", _RUN)
        return
    findings.ok(f"Rasa {_field(answer, 'version') or 'of an unknown version'} at {server.url}")
    headers = {"Authorization": f"Bearer {remote_token}"} if remote_token else {}
    remote = server.get("/webhooks/remote/", headers) if wanted is not False else None
    if remote is not None and remote.ok and _field(remote, "protocol") is not None:
        findings.ok("asked over the remote channel")
        return
    if remote_token or wanted:
        told = (
            "does not take 'remote_token'"
            if remote is not None
            and remote.status_code
            in (
                401,
                403,
            )
            else "has no remote channel"
        )
        findings.error(
            f"Rasa {told}",
            "integrations/rasa_server/remote_channel.py, and `token` of its section in the "
            "server's credentials.yml, the same as 'remote_token'.",
        )
        return
    if server.get("/webhooks/rest/").ok:
        findings.ok("asked over REST")
    else:
        findings.error(
            "Rasa has no REST channel", "Add the line `rest:` to the server's credentials.yml."
        )


def _field(answer: requests.Response, name: str) -> Any:
    try:
        document = answer.json()
    except ValueError:
        return None
    return document.get(name) if isinstance(document, dict) else None
