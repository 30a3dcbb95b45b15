"""`stack.json`: where the local stack is, for people's scripts and for the other commands."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ops.failure import Failure

NAME = "stack.json"


@dataclass(frozen=True)
class StackFile:
    """A running local stack.

    `http_url` is the base to which `/webhooks/...` is appended; `endpoint_url` is the AWS endpoint;
    `resources` maps the template's logical ids to physical ones. `socketio_url` is one host for
    long polling and WebSockets, with Socket.IO's own path. URLs of parts that the template does not
    have are None.
    """

    http_url: str
    websocket_url: str | None
    socketio_url: str | None
    endpoint_url: str
    stack_name: str
    webchat_url: str | None
    resources: dict[str, str]

    def write(self, local_dir: Path) -> None:
        """Put the file into the stack's folder, all of it or nothing."""
        complete = local_dir / f"{NAME}.new"
        complete.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        complete.replace(local_dir / NAME)

    @classmethod
    def read(cls, local_dir: Path) -> StackFile | None:
        """The file of a stack's folder, None where no stack is up."""
        try:
            text = (local_dir / NAME).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError) as error:
            raise Failure(
                f"{local_dir / NAME} is not what `ops up` writes",
                "Run `make down`, then `make up`.",
            ) from error


def remove(local_dir: Path) -> None:
    """Take the file away: the stack is down."""
    (local_dir / NAME).unlink(missing_ok=True)
