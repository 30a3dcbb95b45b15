"""functions/webchat/app.py: the chat page's files, their headers, and what is not served."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.handlers.webchat import Webchat
from channels.wiring.settings import Settings

STATIC = Path(__file__).parents[2] / "functions" / "webchat" / "static"
SOCKET = "wss://abc.execute-api.eu-west-1.amazonaws.com/prod"
VENDORED = "vendor/socket.io-4.8.4/socket.io.min.js"
A_YEAR = "public, max-age=31536000, immutable"


def webchat(**environment):
    return Webchat(STATIC, Settings({"WEBSOCKET_URL": SOCKET, **environment}))


@pytest.fixture(scope="module")
def handler():
    return webchat()


def event(name="", method="GET", prefix="/webchat/", query="", **headers):
    return {
        "version": "2.0",
        "rawPath": prefix + name,
        "rawQueryString": query,
        "headers": {key.replace("_", "-"): value for key, value in headers.items()},
        "requestContext": {
            "http": {"method": method, "path": prefix + name},
            "domainName": "abc.execute-api.eu-west-1.amazonaws.com",
        },
        "isBase64Encoded": False,
    }


def body(answer):
    sent = answer["body"]
    return base64.b64decode(sent) if answer["isBase64Encoded"] else sent.encode()


def policy(answer):
    directives = answer["headers"]["content-security-policy"].split("; ")
    return dict(directive.split(" ", 1) for directive in directives)


@pytest.fixture(scope="module")
def page(handler):
    return handler(event(), None)


@pytest.fixture(scope="module")
def version(page):
    return re.search(r'src="(\w+)/chat\.js"', page["body"])[1]


def test_the_lambda_serves_the_page(lambda_handler):
    answer = lambda_handler("webchat")(event(), None)
    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "text/html; charset=utf-8"
    assert "<main>" in answer["body"]


@pytest.mark.parametrize(
    ("query", "location"), [("", "webchat/chat"), ("a=b&c", "webchat/chat?a=b&c")]
)
def test_the_page_is_below(handler, query, location):
    answer = handler(event(prefix="/stage/webchat", query=query), None)
    assert answer["statusCode"] == 308
    assert answer["headers"]["location"] == location


@pytest.mark.parametrize("prefix", ["/webchat/", "/prod/webchat/", "/webchat/webchat/"])
def test_whatever_stands_before_it_the_page_is_served(handler, page, prefix):
    assert handler(event("chat", prefix=prefix), None) == page
    assert handler(event(prefix=prefix), None) == page


def test_the_page_names_its_socket_and_allows_no_other(page):
    assert f'data-websocket-url="{SOCKET}"' in page["body"]
    assert "{{" not in page["body"]
    assert policy(page)["connect-src"] == "wss://abc.execute-api.eu-west-1.amazonaws.com"


def test_without_a_socket_the_page_may_connect_nowhere():
    answer = webchat(WEBSOCKET_URL="")(event(), None)
    assert policy(answer)["connect-src"] == "'none'"
    assert 'data-websocket-url=""' in answer["body"]


def test_on_ministack_the_socket_is_below_its_address():
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4567"}
    answer = webchat(**environment)(event(), None)
    assert 'data-websocket-url="ws://127.0.0.1:4567/_aws/execute-api/abc/prod"' in answer["body"]
    assert policy(answer)["connect-src"] == "ws://127.0.0.1:4567"
    custom = webchat(WEBSOCKET_URL="wss://chat.example.com/socket.io/", **environment)
    assert 'data-websocket-url="wss://chat.example.com/socket.io"' in custom(event(), None)["body"]


def test_an_address_cannot_leave_its_attribute():
    answer = webchat(WEBSOCKET_URL='wss://a.example/"><script>')(event(), None)
    assert html.escape('wss://a.example/"><script>') in answer["body"]
    assert '"><script>' not in answer["body"]


def test_nothing_but_the_page_s_own_files_runs(page):
    allowed = policy(page)
    assert allowed["default-src"] == "'none'"
    assert allowed["script-src"] == allowed["style-src"] == "'self'"
    assert allowed["base-uri"] == allowed["form-action"] == "'none'"
    assert allowed["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in page["headers"]["content-security-policy"]
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page["body"])


def test_who_may_embed_the_page(page):
    assert policy(page)["frame-ancestors"] == "*"
    answer = webchat(FRAME_ANCESTORS="https://a.example 'self'")(event(), None)
    assert policy(answer)["frame-ancestors"] == "https://a.example 'self'"


def test_every_file_says_that_it_is_what_it_says(handler, version):
    for name in ("", "embed.js", VENDORED, f"{version}/chat.css", f"{version}/icon.svg"):
        headers = handler(event(name), None)["headers"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "content-security-policy" in headers


def test_what_the_page_asks_for_is_there(handler, page):
    names = re.findall(r'(?:src|href)="([^"]+)"', page["body"])
    assert len(names) > 10
    for name in names:
        answer = handler(event(name), None)
        assert answer["statusCode"] == 200, name
        assert answer["headers"]["cache-control"] == A_YEAR, name
        assert answer["headers"]["cross-origin-resource-policy"] == "same-origin"


def test_modules_are_loaded_at_once_and_are_of_one_version(page, version):
    preloaded = re.findall(r'rel="modulepreload" href="(\w+)/(\w+\.js)"', page["body"])
    modules = {path.name for path in STATIC.glob("*.js")} - {"embed.js", "chat.js"}
    assert {name for _, name in preloaded} == modules
    assert {each for each, _ in preloaded} == {version}
    for path in STATIC.glob("*.js"):
        imported = re.findall(r'^import .* from "([^"]+)";', path.read_text(), re.M)
        assert all(re.fullmatch(r"\./\w+\.js", name) for name in imported), path.name


def test_a_change_changes_the_version(tmp_path, version):
    for name in ("index.html", "chat.js"):
        (tmp_path / name).write_bytes((STATIC / name).read_bytes())
    settings = Settings({"WEBSOCKET_URL": SOCKET})
    before = Webchat(tmp_path, settings)(event(), None)["body"]
    (tmp_path / "chat.js").write_text("changed")
    assert Webchat(tmp_path, settings)(event(), None)["body"] != before


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("{version}/chat.css", "text/css; charset=utf-8"),
        ("{version}/chat.js", "text/javascript; charset=utf-8"),
        ("{version}/icon.svg", "image/svg+xml"),
        ("embed.js", "text/javascript; charset=utf-8"),
        ("vendor/socket.io-4.8.4/LICENSE", "text/plain; charset=utf-8"),
    ],
)
def test_content_types(handler, version, name, content_type):
    answer = handler(event(name.format(version=version)), None)
    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == content_type


def test_other_sites_may_load_the_script_which_is_soon_asked_for_again(handler):
    headers = handler(event("embed.js"), None)["headers"]
    assert headers["cache-control"] == "public, max-age=3600"
    assert headers["cross-origin-resource-policy"] == "cross-origin"


def test_the_page_is_asked_for_each_time(page):
    assert page["headers"]["cache-control"] == "no-cache"


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*", '"a",W/{}'])
def test_what_a_browser_has_is_not_sent_again(handler, page, form):
    etag = page["headers"]["etag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', etag)
    answer = handler(event(if_none_match=form.format(etag)), None)
    assert (answer["statusCode"], answer["body"]) == (304, "")
    assert answer["headers"]["etag"] == etag
    assert answer["headers"]["cache-control"] == "no-cache"


def test_what_a_browser_has_of_before_is_sent_anew(handler):
    assert handler(event(if_none_match='"0"'), None)["statusCode"] == 200


def test_files_are_served_byte_for_byte(handler, version):
    for path in STATIC.rglob("*"):
        name = path.relative_to(STATIC).as_posix()
        if path.is_dir() or name == "index.html":
            continue
        served = name if name == "embed.js" or "/" in name else f"{version}/{name}"
        assert body(handler(event(served), None)) == path.read_bytes()


def test_the_vendored_client_is_npm_s():
    # npm socket.io-client 4.8.4, dist/socket.io.min.js
    digest = hashlib.sha256((STATIC / VENDORED).read_bytes()).hexdigest()
    assert digest == "d5d79a35039e860b32bdef4795528b05c2f788d4b2d9dacc913120e2878f7b3f"
    assert "MIT" in (STATIC / "vendor/socket.io-4.8.4/LICENSE").read_text()


@pytest.mark.parametrize(
    "name",
    [
        "chat.js",  # ours have a version
        "index.html",  # it is /webchat/chat
        "other.js",
        "../app.py",
        "..%2fapp.py",
        "..\\app.py",
        "vendor/../../app.py",
        "vendor/socket.io-4.8.4",
        "/etc/passwd",
        "embed.js\0",
        "__pycache__",
    ],
)
def test_nothing_else_is_served(handler, name):
    answer = handler(event(name), None)
    assert answer["statusCode"] == 404
    assert answer["headers"]["cache-control"] == "no-store"
    assert json.loads(answer["body"])["status"] == 404


@given(name=st.text(max_size=60))
@example("webchat/")
def test_any_path(handler, name):
    answer = handler(event(name), None)
    below = f"/webchat/{name}".rpartition("/webchat/")[2]
    assert answer["statusCode"] in {200, 404}
    assert answer["statusCode"] == 404 or below in {"", "chat", "embed.js"}


@given(query=st.text(max_size=60))
def test_any_query(handler, query):
    assert handler(event(query=query), None)["statusCode"] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_files_are_only_read(handler, method):
    answer = handler(event(method=method), None)
    assert answer["statusCode"] == 405
    assert answer["headers"]["allow"] == "GET, HEAD"


@pytest.mark.parametrize(("name", "status"), [("", 200), ("embed.js", 200), ("nothing", 404)])
def test_head_is_get_without_a_body(handler, name, status):
    got = handler(event(name), None)
    answer = handler(event(name, method="HEAD"), None)
    assert answer["statusCode"] == got["statusCode"] == status
    assert answer["headers"] == got["headers"]
    assert answer["body"] == ""
