"""The stand-in of a platform: base of the others in this folder."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from tests.e2e.conftest import free_port
from tests.servers.recording_server import Answer, Recorded

SECRET = "s" * 32
JSON = {"content-type": "application/json"}

#: The address that platforms call: something in front of the local stack, as a tunnel would be,
#: that has another host and another path.
PUBLIC_PORT = free_port()
PUBLIC_BASE_URL = f"http://127.0.0.1:{PUBLIC_PORT}/assistant"

#: A request: body and headers.
Posted = tuple[bytes, dict[str, str]]


class Administration(Protocol):
    """The part of a platform's API by which bots are registered."""

    def answer(self, request: Recorded) -> Answer:
        """What it says to a call; None to one that is none of its."""
        ...


class Platform:
    """What one platform's users do, and what its server answers."""

    name: ClassVar[str]
    #: Most characters of one text.
    longest: ClassVar[int]
    #: The bot's answer is the response to the request.
    answers_in_request: ClassVar[bool] = False
    #: The example below events/<name> that is replayed; "" for one that its server has to know.
    example: ClassVar[str] = ""
    #: The key in PEM format that proves its requests and the key's id, where its key set is ours.
    private_key: tuple[str, str] | None = None
    #: Its administration API, where it has one.
    administration: Administration | None = None
    #: What registering needs in the environment.
    administrator: ClassVar[dict[str, str]] = {}

    def credentials(self, url: str) -> dict[str, Any]:
        """The channel's section of credentials.yml, with the platform's API at `url`."""
        raise NotImplementedError

    def message(self, text: str, number: int) -> Posted:
        """A user's message."""
        raise NotImplementedError

    def click(self, payload: str, number: int, calls: list[Recorded]) -> Posted:
        """A click on the button of a payload, which one of the bot's `calls` has shown."""
        raise NotImplementedError

    def unsigned(self, text: str, number: int) -> Posted:
        """A message without the platform's proof."""
        body, headers = self.message(text, number)
        return body, {name: value for name, value in headers.items() if not name.startswith("x-")}

    def respond(self, request: Recorded, number: int) -> Answer:
        """What the platform says to the call of that number, to its administration's too."""
        administered = self.administration.answer(request) if self.administration else None
        return administered or self.answer(request, number)

    def answer(self, request: Recorded, number: int) -> Answer:
        """What the platform says to a call by which the bot talks."""
        raise NotImplementedError

    def limited(self) -> Answer:
        """What it says to one too many."""
        return 429, b"{}", {**JSON, "retry-after": "1"}

    def content(self, request: Recorded) -> str:
        """What a call carries, readable."""
        return request.body.decode()

    def texts(self, request: Recorded) -> list[str]:
        """The texts of a call that posts a message."""
        body = request.json if request.body.startswith(b"{") else {}
        return [body["text"]] if "text" in body else []
