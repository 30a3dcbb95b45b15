"""Channels' credentials, from SSM Parameter Store."""

from __future__ import annotations

import json
import logging
import time

from channels.aws.json_api import JsonApi, ServiceError
from channels.errors import CredentialsError, CredentialsMissing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.settings import Settings

logger = logging.getLogger(__name__)

#: How long a section is used before it is read again (seconds).
MAX_AGE = 300.0


class ParameterStore:
    """Sections of credentials.yml by channel name: one SecureString `<path>/<name>` each.

    Read once and kept for `max_age` seconds; a section that cannot be read again is used on.
    """

    def __init__(
        self,
        path: str,
        ssm: JsonApi,
        *,
        max_age: float = MAX_AGE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read below `path` through `ssm`."""
        self._path = path
        self._ssm = ssm
        self._max_age = max_age
        self._clock = clock
        self._sections: dict[str, tuple[float, str, dict[str, Any]]] = {}

    @classmethod
    def from_settings(cls, settings: Settings) -> ParameterStore:
        """The store of a Lambda's settings."""
        return cls(settings.credentials_path, JsonApi("ssm", settings.environment))

    def __call__(self, name: str) -> dict[str, Any]:
        """A channel's settings: the same object for as long as they have not changed.

        Raises CredentialsMissing when there are none, CredentialsError when reading fails.
        """
        read_at, text, section = self._sections.get(name, (0.0, "", {}))
        if text and self._clock() - read_at < self._max_age:
            return section
        try:
            latest = self._read(name)
        except ServiceError as error:
            if not text:
                raise _credentials_error(name, error) from error
            logger.warning("credentials of %s: used on, reading failed: %s", name, error.code)
            latest = text
        if latest != text:
            section = _section(name, latest)
        self._sections[name] = (self._clock(), latest, section)
        return section

    def _read(self, name: str) -> str:
        parameters = {"Name": f"{self._path}/{name}", "WithDecryption": True}
        value: str = self._ssm.call("GetParameter", parameters)["Parameter"]["Value"]
        return value


def _credentials_error(name: str, error: ServiceError) -> CredentialsError:
    if error.code == "ParameterNotFound":
        return CredentialsMissing(
            f"'{name}' has no credentials: add it to credentials.yml and run "
            f"'python -m ops credentials push credentials.yml' (README, 'Credentials')"
        )
    return CredentialsError(f"the credentials of '{name}' cannot be read: {error}")


def _section(name: str, text: str) -> dict[str, Any]:
    try:
        section = json.loads(text)
    except ValueError:
        section = None
    if not isinstance(section, dict):
        raise CredentialsError(f"the SSM parameter of '{name}' holds no JSON object: push it again")
    return section
