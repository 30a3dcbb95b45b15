"""A Rasa server with the remote channel: Sanic, the channel's own file, and a bot in Rasa's place.

    with remote_server(token="secret") as url:
        ...
    python tests/servers/remote_server.py '{"port": 5005, "token": "secret"}'    # what it runs

The bot knows a few words (`Bot`), has response variations by channel like a Rasa domain, and
records what it was asked (`GET /asked`).
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CHANNEL = ROOT / "integrations" / "rasa_server" / "remote_channel.py"

#: The bot's greeting by channel; None is for all others.
GREETINGS: dict[Any, dict[str, Any]] = {
    None: {"text": "Hey!", "buttons": [{"title": "hi", "payload": "/greet"}], "custom": None},
    "slack": {"custom": {"blocks": [{"type": "section"}]}, "text": None},
}

#: A message of every kind, with the keys that Rasa adds to it.
ALL_KINDS: dict[str, Any] = {
    "text": "a\n\nb \N{SNOWMAN}",
    "quick_replies": [{"title": "q", "payload": "/q", "image_url": "https://example.com/q.png"}],
    "custom": {"deep": [{"er": None}, 1.5, True]},
    "image": "https://example.com/a.png",
    "attachment": {"type": "file", "payload": {"url": "https://example.com/b.pdf"}},
    "elements": [{"title": "card", "default_action": {"url": "https://example.com"}}],
    "button_type": "vertical",
}

STREAMED = ["Once ", "upon ", "a time."]


class Tracker:
    """A conversation's tracker, as far as a channel can see it."""

    def __init__(self, turns: int) -> None:
        self._turns = turns

    def current_state(self, verbosity: str) -> dict[str, Any]:
        return {"slots": {"turns": self._turns}, "verbosity": verbosity}


class Bot:
    """Replies by the message's first word, in place of Rasa's agent."""

    def __init__(self, errors: dict[str, type[Exception]], *, pro: bool) -> None:
        self.asked: list[dict[str, Any]] = []
        self._errors = errors
        self._pro = pro
        self._go_on = asyncio.Event()

    async def handle_message(self, message: Any) -> None:
        output, sender = message.output_channel, message.sender_id
        self.asked.append(
            {
                "text": message.text,
                "sender": sender,
                "channel": output.name(),
                "input_channel": message.input_channel,
                "message_id": message.message_id,
                "metadata": message.metadata,
            }
        )
        if self._pro:
            output.attach_tracker_state(Tracker(len(self.asked)))
        word = (message.text or "").partition(" ")[0]
        await getattr(self, f"_{word or 'nothing'}", self._hi)(output, sender)

    async def _hi(self, output: Any, sender: str) -> None:
        response = GREETINGS.get(output.name(), GREETINGS[None])
        await output.send_response(sender, dict(response))

    async def _nothing(self, output: Any, sender: str) -> None:
        """Only listen."""

    async def _kinds(self, output: Any, sender: str) -> None:
        await output.send_response(sender, dict(ALL_KINDS))

    async def _methods(self, output: Any, sender: str) -> None:
        """Call these methods, as custom actions and voice channels of Rasa Pro do themselves."""
        await output.send_text_message(sender, "t", timestamp=1)
        await output.send_image_url(sender, "i")
        await output.send_attachment(sender, "f")
        await output.send_text_with_buttons(sender, "b", [{"title": "x"}])
        await output.send_quick_replies(sender, "q", [{"title": "y"}])
        await output.send_elements(sender, [{"title": "e"}])
        await output.send_custom_json(sender, {"c": 1})

    async def _stream(self, output: Any, sender: str) -> None:
        await output.send_response_chunk_start(sender)
        for chunk in STREAMED:
            await output.send_response_chunk(sender, chunk)
        await output.send_response_chunk_end(sender)
        await output.send_response(sender, {"text": "".join(STREAMED)})

    async def _fail(self, output: Any, sender: str) -> None:
        await output.send_response(sender, {"text": "before"})
        raise KeyError("a secret of the bot's")

    async def _midstream(self, output: Any, sender: str) -> None:
        await output.send_response_chunk_start(sender)
        await output.send_response_chunk(sender, "Once ")
        raise ConnectionError("the model is gone")

    async def _unready(self, output: Any, sender: str) -> None:
        raise self._errors["AgentNotReady"]

    async def _locked(self, output: Any, sender: str) -> None:
        raise self._errors["LockError"]

    async def _wait(self, output: Any, sender: str) -> None:
        """Say something, and the rest when somebody says `go`."""
        await output.send_response(sender, {"text": "first"})
        await self._go_on.wait()
        await output.send_response(sender, {"text": "second"})

    async def _go(self, output: Any, sender: str) -> None:
        self._go_on.set()


def main(options: dict[str, Any]) -> None:
    """Serve until the process ends; print the address when it can be reached."""
    from sanic import Sanic, response

    # This file may run without the repository on its path, in an environment like Rasa's.
    stand_ins = _load("rasa_classes", ROOT / "tests" / "rasa_classes.py")
    stand_ins.install(pro=options.get("pro", False))
    channel = _load("remote_channel", CHANNEL)
    errors = {name: getattr(stand_ins, name) for name in ("AgentNotReady", "LockError")}
    app = Sanic("rasa", configure_logging=False)  # it would log to stdout
    section = {key: options[key] for key in ("token", "allow_unsigned") if key in options}
    remote = channel.RemoteInput.from_credentials(section)
    bots: list[Bot] = []

    async def on_new_message(message: Any) -> None:
        await bots[0].handle_message(message)

    app.blueprint(remote.blueprint(on_new_message), url_prefix=f"/webhooks/{remote.url_prefix()}")

    @app.get("/asked")
    async def asked(request: Any) -> Any:
        return response.json(bots[0].asked)

    @app.listener("after_server_start")
    async def ready(*_: Any) -> None:
        bots.append(Bot(errors, pro=options.get("pro", False)))
        sys.stdout.write(f"http://127.0.0.1:{options['port']}\n")
        sys.stdout.flush()

    single = {"single_process": True} if hasattr(Sanic, "serve_single") else {}
    app.run("127.0.0.1", options["port"], access_log=False, motd=False, **single)


def _load(name: str, path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def remote_server(port: int, **options: Any) -> Iterator[str]:
    """Run the server in its own process; return its address."""
    command = [sys.executable, str(Path(__file__)), json.dumps({"port": port, **options})]
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            assert url, "the server did not start"
            yield url
        finally:
            process.terminate()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
