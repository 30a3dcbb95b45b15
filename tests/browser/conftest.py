"""A browser, the chat page, a server that it talks to, and a site that embeds it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from channels.settings import Settings
from channels.webchat import Webchat
from tests.browser.socket_server import socket_server
from tests.browser.web_server import PREFIX, lambda_answers, site_answers, web_server
from tests.node_scripts import run_node

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "functions" / "webchat" / "static"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in a hook of its own
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests on one xdist worker: one browser at a time is enough for a machine."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser; without one the test is skipped, unless in CI."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        missing = "Chromium is needed: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@pytest.fixture(scope="session")
def socket_url() -> Iterator[str]:
    """Where the page finds its server, as the template's WEBSOCKET_URL says."""
    with socket_server() as url:
        yield url


@pytest.fixture(scope="session")
def page_url(socket_url: str) -> Iterator[str]:
    """The chat page."""
    handler = Webchat(STATIC, Settings({"WEBSOCKET_URL": socket_url}))
    with web_server(lambda_answers(handler)) as url:
        yield f"{url}{PREFIX}/webchat"


@pytest.fixture(scope="session")
def alone_url() -> Iterator[str]:
    """The chat page of a Lambda that was told of no server."""
    with web_server(lambda_answers(Webchat(STATIC, Settings({})))) as url:
        yield f"{url}/webchat"


@pytest.fixture(scope="session")
def site_url(page_url: str) -> Iterator[str]:
    """A page of another origin that embeds the chat."""
    with web_server(site_answers(f"{page_url}/embed.js")) as url:
        yield url.replace("127.0.0.1", "localhost")


@pytest.fixture
def visit(
    chromium: str, page_url: str, alone_url: str, site_url: str, tmp_path: Path
) -> Callable[[str], dict[str, Any]]:
    """`visit("case")` runs a case of tests/node/webchat in a fresh browser and gives its report."""

    def run(case: str) -> dict[str, Any]:
        given = {
            "case": case,
            "chromium": chromium,
            "pageUrl": page_url,
            "aloneUrl": alone_url,
            "siteUrl": site_url,
            "folder": os.environ.get("SCREENSHOTS") or str(tmp_path),
        }
        report: dict[str, Any] = run_node("webchat/run.mjs", given)
        return report

    return run
