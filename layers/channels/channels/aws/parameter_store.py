"""Read channels' credentials from SSM Parameter Store."""

from __future__ import annotations

import json
import logging
import threading
import time

from channels.aws.client.json_api import JsonApi, ServiceError
from channels.errors import CredentialsError, CredentialsMissing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.wiring.settings import Settings

logger = logging.getLogger(__name__)

#: How long a section is used before it is read again (seconds).
MAX_AGE = 300.0

#: How long a folder's list of names is used (seconds): anybody may request channels that do not
#: exist, and SSM serves 40 requests a second for the whole account.
LIST_AGE = 10.0


class ParameterStore:
    """Sections of credentials.yml by channel name: one SecureString `<path>/<name>` each.

    A section is read once, even if several threads request it, and kept for `max_age` seconds; if
    it cannot be read again, the old one stays in use. Names missing from a folder of sections
    (`custom/<name>`) are looked up in a list of the folder's names.
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
        self._lists: dict[str, tuple[float, set[str]]] = {}
        self._lock = threading.Lock()

    @classmethod
    def from_settings(cls, settings: Settings) -> ParameterStore:
        """Make the store that a Lambda's settings describe."""
        return cls(settings.credentials_path, JsonApi("ssm", settings.environment))

    def __call__(self, name: str) -> dict[str, Any]:
        """Return a channel's settings: the same object until they change.

        Raises CredentialsMissing if there are none, CredentialsError if they cannot be read.
        """
        with self._lock:
            return self._section(name)

    def _section(self, name: str) -> dict[str, Any]:
        read_at, text, section = self._sections.get(name, (0.0, "", {}))
        if text and self._clock() - read_at < self._max_age:
            return section
        try:
            if not text and self._is_known_as_missing(name):
                raise _missing(name)
            latest = self._read(name)
        except ServiceError as error:
            if not text:
                self._list(name, error)
                raise _credentials_error(name, error) from error
            logger.warning(
                "credentials of %s: could not be read again, the old ones stay in use: %s",
                name,
                error.code,
            )
            latest = text
        if latest != text:
            section = _parsed(name, latest)
        self._sections[name] = (self._clock(), latest, section)
        return section

    def _read(self, name: str) -> str:
        parameters = {"Name": f"{self._path}/{name}", "WithDecryption": True}
        value: str = self._ssm.call("GetParameter", parameters)["Parameter"]["Value"]
        return value

    def _is_known_as_missing(self, name: str) -> bool:
        folder, slash, _ = name.rpartition("/")
        listed = self._lists.get(folder) if slash else None
        if listed is None or self._clock() - listed[0] >= LIST_AGE:
            return False
        return name not in listed[1]

    def _list(self, name: str, error: ServiceError) -> None:
        """Remember which sections the folder of a missing section has."""
        folder, slash, _ = name.rpartition("/")
        if not slash or error.code != "ParameterNotFound":
            return
        names: set[str] = set()
        parameters: dict[str, Any] = {"Path": f"{self._path}/{folder}", "WithDecryption": False}
        try:
            while True:
                page = self._ssm.call("GetParametersByPath", parameters)
                found = (parameter["Name"] for parameter in page["Parameters"])
                names |= {each.removeprefix(f"{self._path}/") for each in found}
                if not page.get("NextToken"):
                    break
                parameters["NextToken"] = page["NextToken"]
        except ServiceError as failure:
            logger.warning("sections of %s: could not be listed: %s", folder, failure.code)
            return
        self._lists[folder] = (self._clock(), names)


def _missing(name: str) -> CredentialsMissing:
    return CredentialsMissing(
        f"'{name}' has no credentials: add it to credentials.yml and run "
        f"'python -m ops credentials push credentials.yml' (docs/credentials.md)"
    )


def _credentials_error(name: str, error: ServiceError) -> CredentialsError:
    if error.code == "ParameterNotFound":
        return _missing(name)
    return CredentialsError(f"the credentials of '{name}' cannot be read: {error}")


def _parsed(name: str, text: str) -> dict[str, Any]:
    try:
        section = json.loads(text)
    except ValueError:
        section = None
    if not isinstance(section, dict):
        raise CredentialsError(f"the SSM parameter of '{name}' is not a JSON object: push it again")
    return section
