"""A server's address, and settings with the keys of Rasa's EndpointConfig.

    agent:
      token: secret                 # sent as the query parameter `token_name`
      token_name: token
      params: {region: eu}          # further query parameters
      headers: {X-Team: support}
      basic_auth: {username: u, password: p}
      cafile: /opt/certificates.pem # instead of the system's certificates
      timeout: 20                   # seconds, for a whole turn

All keys are optional. Source: `rasa.utils.endpoints.EndpointConfig`, Rasa 3.6; `timeout` is ours.
"""

from __future__ import annotations

import math
import re
import ssl
from typing import TYPE_CHECKING, NamedTuple

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from channels.errors import CredentialsError
from channels.section import A_TEXT, shown

if TYPE_CHECKING:
    from typing import Any, NoReturn

#: The keys of Rasa's EndpointConfig, and `timeout`.
KEYS = ("params", "headers", "basic_auth", "token", "token_name", "cafile", "timeout")

#: The documentation page of each section of credentials.yml.
_PAGES = {"agent": "docs/agents.md", "callback": "docs/channels/callback.md"}

#: The channel paths that RasaUrl may already end with.
_CHANNEL = re.compile(r"/webhooks/(rest|remote)(/webhook)?$")

#: RFC 9110: the characters allowed in a header's name, and those not allowed in its value.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_HEADERS = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


class Endpoint(NamedTuple):
    """The settings of a section: `params` include the token, `timeout` is in seconds or None."""

    params: dict[str, str]
    headers: dict[str, str]
    basic_auth: tuple[str, str] | None
    ssl_context: ssl.SSLContext | None
    timeout: float | None


def webhook_url(rasa_url: str, channel: str = "rest") -> str:
    """Return the URL of a channel of a Rasa server, by default the REST channel, without a query.

    `rasa_url` is the server's address, with its path prefix if it has one, or the channel's full
    URL; a trailing slash makes no difference. Raises CredentialsError, without repeating the URL,
    if `rasa_url` is not a URL or contains what belongs in credentials.yml.
    """
    try:
        url = parse_url(rasa_url.strip())
    except LocationParseError:
        _refuse_url("is not a URL: it must look like https://rasa.example.com")
    if url.scheme not in ("http", "https") or not url.host:
        _refuse_url("must begin with http:// or https:// and a host name")
    if url.auth is not None:
        _refuse_url(
            "contains a user name or password: move them to 'basic_auth' in section 'agent'"
        )
    if url.query is not None or url.fragment is not None:
        _refuse_url("has a query: move its parameters to 'params' or 'token' in section 'agent'")
    prefix = _CHANNEL.sub("", (url.path or "").rstrip("/"))
    return url._replace(path=f"{prefix}/webhooks/{channel}/webhook").url


def read_endpoint(section: str, credentials: Any) -> Endpoint:
    """Read the settings of `section`; raise CredentialsError naming the first invalid key.

    Other keys of the section are ignored: their own readers check them.
    """
    if not isinstance(credentials, dict):
        raise CredentialsError(f"{section}: the section must be a mapping of settings")
    given = {key: value for key, value in credentials.items() if value is not None}
    params = _pairs(section, "params", given)
    if "token" in given:
        name = _text(section, "token_name", given.get("token_name", "token"))
        params[name] = _text(section, "token", given["token"])
    return Endpoint(
        params,
        _headers(section, given),
        _basic_auth(section, given),
        _ssl_context(section, given),
        _timeout(section, given),
    )


def _pairs(section: str, key: str, given: dict[str, Any]) -> dict[str, str]:
    pairs = given.get(key, {})
    if not isinstance(pairs, dict):
        _refuse(section, key, "must be a mapping of names to values")
    return {str(name): _scalar(section, f"{key}.{name}", pairs[name]) for name in pairs}


def _scalar(section: str, key: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        _refuse(section, key, "must be a string or a number")
    return str(value)


def _text(section: str, key: str, value: object) -> str:
    if not isinstance(value, str | None):
        _refuse(section, key, A_TEXT)
    if value is None or not value.strip():
        _refuse(section, key, "must be a text that is not empty")
    return value.strip()


def _headers(section: str, given: dict[str, Any]) -> dict[str, str]:
    headers = _pairs(section, "headers", given)
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            _refuse(section, f"headers.{name}", "is not a valid header name")
        if _NOT_IN_HEADERS.search(value):
            _refuse(section, f"headers.{name}", "must be a single line of Latin-1 characters")
    return headers


def _basic_auth(section: str, given: dict[str, Any]) -> tuple[str, str] | None:
    if "basic_auth" not in given:
        return None
    pair = given["basic_auth"]
    if not isinstance(pair, dict):
        _refuse(section, "basic_auth", "must be a mapping with 'username' and 'password'")
    username = _text(section, "basic_auth.username", pair.get("username"))
    if ":" in username:
        _refuse(section, "basic_auth.username", "must not contain a colon (RFC 7617)")
    return username, _text(section, "basic_auth.password", pair.get("password"))


def _ssl_context(section: str, given: dict[str, Any]) -> ssl.SSLContext | None:
    if "cafile" not in given:
        return None
    try:
        return ssl.create_default_context(cafile=_text(section, "cafile", given["cafile"]))
    except ssl.SSLError:
        _refuse(section, "cafile", "must be a file of certificates in PEM format")
    except OSError as error:
        _refuse(section, "cafile", f"cannot be read: {error.strerror}")


def _timeout(section: str, given: dict[str, Any]) -> float | None:
    timeout = given.get("timeout")
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        _refuse(section, "timeout", "must be a number of seconds")
    if not (math.isfinite(timeout) and timeout > 0):
        _refuse(section, "timeout", "must be more than 0 seconds")
    return float(timeout)


def _refuse(section: str, key: str, problem: str) -> NoReturn:
    raise CredentialsError(f"{section}: '{shown(key)}' {problem} ({_PAGES[section]})")


def _refuse_url(problem: str) -> NoReturn:
    raise CredentialsError(f"The parameter RasaUrl {problem} (docs/agents.md)")
