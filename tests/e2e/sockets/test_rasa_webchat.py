"""The widget that most Rasa users have, rasa-webchat 1.0.1, untouched: it begins with polling."""

from __future__ import annotations

import json
import os

import pytest

from ops import ROOT
from tests.browser.web_server import web_server
from tests.node_scripts import run_node

#: Taken from npm's package by `make test` (Makefile).
WIDGET = ROOT / ".venv" / "rasa-webchat" / "package" / "lib" / "index.js"

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A site</title>
<link rel="icon" href="data:,"></head><body><script src="/widget.js"></script>
<script>WebChat.default({settings}, null)</script></body></html>"""


@pytest.fixture
def page_url(stack):
    if not WIDGET.exists():
        missing = f"rasa-webchat is not there: `make test` puts it into {WIDGET}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    settings = {
        "socketUrl": stack.socketio_url,
        "initPayload": "hi",
        "params": {"storage": "local"},
    }
    page = PAGE.replace("{settings}", json.dumps(settings)).encode()

    def answer(target):
        if target == "/widget.js":
            return 200, {"content-type": "text/javascript"}, WIDGET.read_bytes()
        return 200, {"content-type": "text/html; charset=utf-8"}, page

    with web_server(answer) as url:
        yield url


def test_a_round_trip_and_the_session_kept_over_a_reload(page_url, chromium):
    report = run_node("rasa_webchat.mjs", {"chromium": chromium, "pageUrl": page_url})
    assert report["errors"] == []
    assert report["transports"] == ["polling", "websocket"]
    before = ["Hey! How are you?", "bye", "Bye"]
    assert report["before"] == before
    assert report["after"][:5] == [*before, "again", "You said: again"]
    first, second = report["sessions"]
    assert first == second
    assert len(first) == 32
