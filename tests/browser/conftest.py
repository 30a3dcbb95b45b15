"""A browser, the chat page, a server that it talks to, and a site that embeds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from channels.handlers.webchat import Webchat
from channels.wiring.settings import Settings
from tests.browser.socket_server import FORGET, aliased, socket_server
from tests.browser.visiting import Browser, find_chromium
from tests.browser.web_server import OTHER, PREFIX, lambda_answers, site_answers, web_server

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "functions" / "webchat" / "static"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser; without one the test is skipped, unless in CI."""
    return find_chromium()


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """The browser, running: it starts with the first case."""
    browser = Browser(chromium)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def socket_url() -> Iterator[str]:
    """Where the page finds its server, as the template's WEBSOCKET_URL says."""
    with socket_server() as url:
        yield url


@pytest.fixture(scope="session")
def origin(socket_url: str) -> Iterator[str]:
    """Two chat pages of one origin, below PREFIX and OTHER: of two stacks, as far as they know."""
    pages = {
        PREFIX: lambda_answers(Webchat(STATIC, Settings({"WEBSOCKET_URL": socket_url}))),
        OTHER: lambda_answers(Webchat(STATIC, Settings({"WEBSOCKET_URL": aliased(socket_url)}))),
    }
    with web_server(lambda target: pages[_prefix(target)](target)) as url:
        yield url


def _prefix(target: str) -> str:
    return OTHER if target.startswith(OTHER) else PREFIX


@pytest.fixture(scope="session")
def page_url(origin: str) -> str:
    """The chat page."""
    return f"{origin}{PREFIX}/webchat"


@pytest.fixture(scope="session")
def other_url(origin: str) -> str:
    """The chat page of another stack."""
    return f"{origin}{OTHER}/webchat"


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


@pytest.fixture(scope="session")
def forget_url(socket_url: str) -> str:
    """Below it a session's id: GET makes the server forget the session."""
    address = urlsplit(socket_url)
    return f"http://{address.netloc}{FORGET}"


@pytest.fixture(scope="session")
def urls(
    page_url: str, other_url: str, alone_url: str, site_url: str, forget_url: str
) -> dict[str, str]:
    """What a case is told of the pages."""
    return {
        "pageUrl": page_url,
        "otherUrl": other_url,
        "aloneUrl": alone_url,
        "siteUrl": site_url,
        "forgetUrl": forget_url,
    }


@pytest.fixture
def visit(browser: Browser, urls: dict[str, str], tmp_path: Path) -> Callable[[str], None]:
    """`visit("case")` runs a case of tests/node/webchat."""
    return partial(browser.visit, folder=tmp_path, **urls)
