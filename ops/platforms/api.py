"""Calls of a platform's administration API, with errors for the person at the terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from channels.clients.platform_api import ApiResponse, PlatformApi
from channels.errors import PlatformUnavailable, RateLimited
from channels.messages.fields import as_object
from ops.failure import Failure


class Refused(Failure):
    """The platform does not accept what it is asked: credentials, rights or settings are wrong."""


class Unreachable(Failure):
    """The platform could not be asked."""


@dataclass(frozen=True)
class Call:
    """One request of an API: path below its base URL, and what goes along.

    `headers` and bodies hold secrets and are never shown.
    """

    method: str
    path: str
    json: Any = field(default=None, repr=False)
    form: Mapping[str, Any] | None = field(default=None, repr=False)
    params: Mapping[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] | None = field(default=None, repr=False)


class AdminApi:
    """One platform's API below one base URL.

    `skew` is how far the platform's clock is ahead of this machine's (seconds), None as long as no
    answer has told.
    """

    def __init__(
        self,
        title: str,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        proxy: str | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Call `base_url` of the platform called `title`, through the proxy that is given or set.

        `proxy` is that of the credentials; without one those of the environment count.
        """
        self.base_url = base_url
        self.skew: float | None = None
        self._title = title
        self._auth = auth
        self._now = now
        session = requests.Session()
        session.proxies.update(
            {"http": proxy, "https": proxy}
            if proxy
            else requests.utils.get_environ_proxies(base_url, no_proxy=None)
        )
        # The checks read every answer, also those of what is not the platform.
        self._api = PlatformApi(base_url, headers, session, answers=None)

    def call(self, call: Call) -> ApiResponse:
        """The answer to a call, of whatever status below 500; Unreachable without one."""
        try:
            answer = self._api.call(
                call.method,
                call.path,
                json=call.json,
                form=call.form,
                params=call.params,
                headers=call.headers,
                auth=self._auth,
            )
        except (PlatformUnavailable, RateLimited) as error:
            raise Unreachable(
                f"{self._title} cannot be asked: {error}",
                "Try again in a minute; is there a network, and a proxy in between?",
            ) from error
        self._note_clock(answer.headers.get("date"))
        return answer

    def get(self, path: str, **params: str) -> ApiResponse:
        """The answer to a GET."""
        return self.call(Call("GET", path, params=params or None))

    def _note_clock(self, date: str | None) -> None:
        if self.skew is None and date:
            try:
                self.skew = parsedate_to_datetime(date).timestamp() - self._now()
            except ValueError:
                return


def document(answer: ApiResponse) -> dict[str, Any]:
    """The JSON object of an answer, {} where it has none."""
    return as_object(answer.json)
