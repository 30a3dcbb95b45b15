"""The part of Sanic that comes with the channels: what it lacks is named."""

import asyncio
import importlib

import pytest

import sanic
from channels.request import Request as ChannelRequest
from channels.response import Response
from sanic import Blueprint, response
from sanic.exceptions import InvalidUsage, SanicException
from sanic.log import logger
from sanic.request import Request
from sanic.response import HTTPResponse


def request(**parts):
    return Request.of(ChannelRequest(**parts))


@pytest.mark.parametrize(
    ("module", "name"),
    [("sanic", "Sanic"), ("sanic.response", "file"), ("sanic.exceptions", "WebsocketClosed")],
)
def test_a_name_that_is_missing_is_named_at_its_import(module, name):
    with pytest.raises(ImportError, match=f"'{module}.{name}' is not in the part of Sanic"):
        exec(f"from {module} import {name}")  # noqa: S102


def test_a_module_that_is_missing_is_named():
    with pytest.raises(ImportError, match=r"sanic\.worker"):
        importlib.import_module("sanic.worker.manager")


@pytest.mark.parametrize("name", ["websocket", "middleware", "listener", "exception", "static"])
def test_a_blueprint_s_missing_feature_is_named(name):
    with pytest.raises(AttributeError, match=f"'Blueprint.{name}' is not .*requirements.txt"):
        getattr(Blueprint("b"), name)


@pytest.mark.parametrize(
    ("uri", "options", "named"),
    [
        ("/<id>", {}, "path parameter of '/<id>'"),
        ("/x", {"stream": True}, r"Blueprint.route\(stream=...\)"),
    ],
)
def test_a_route_s_missing_feature_is_named(uri, options, named):
    with pytest.raises(NotImplementedError, match=named):
        Blueprint("b").route(uri, **options)


@pytest.mark.parametrize("name", ["app", "cookies", "respond", "transport"])
def test_a_request_s_missing_feature_is_named(name):
    with pytest.raises(AttributeError, match=f"'Request.{name}' is not in the part of Sanic"):
        getattr(request(), name)


def test_multipart_forms_are_named():
    multipart = request(headers={"content-type": "multipart/form-data; boundary=x"}, body=b"--x")
    for name in ("form", "files"):
        with pytest.raises(NotImplementedError, match=f"'Request.{name}"):
            getattr(multipart, name)
    assert request().files.get("x") is None


def test_every_method_has_its_decorator():
    blueprint = Blueprint("b", url_prefix="/b", strict_slashes=True)
    for method in ("get", "post", "put", "patch", "delete", "head", "options"):

        @getattr(blueprint, method)(f"/{method}", name=f"route_{method}")
        def handle(request):
            return response.text(request.method)

        asked = ChannelRequest(method=method)
        assert asyncio.run(blueprint.respond(asked, f"{method}/")).body == method.upper().encode()
    blueprint.add_route(lambda request: response.text("added"), "/added", methods={"POST"})
    answer = asyncio.run(blueprint.respond(ChannelRequest(method="POST"), "added"))
    assert answer.body == b"added"


def answered(handler):
    blueprint = Blueprint("b")
    blueprint.get("/x")(handler)
    return asyncio.run(blueprint.respond(ChannelRequest(), "x"))


@pytest.mark.parametrize(
    ("made", "body", "content_type"),
    [
        (response.json({"a": "é"}, ensure_ascii=False), '{"a": "é"}', "application/json"),
        (response.json(1, content_type="application/x"), "1", "application/x"),
        (response.json(1, dumps=lambda value: "one"), "one", "application/json"),
        (response.html(b"<p>"), "<p>", "text/html; charset=utf-8"),
        (response.raw("r"), "r", "application/octet-stream"),
        (HTTPResponse("h", headers={"Content-Type": "text/x"}), "h", "text/x"),
        (HTTPResponse(), "", None),
    ],
)
def test_responses(made, body, content_type):
    answer = answered(lambda request: made)
    assert (answer.body.decode(), answer.headers.get("content-type")) == (body, content_type)


def test_our_own_response_is_taken_too():
    assert answered(lambda request: Response.text("ours")).body == b"ours"


def test_an_older_stream():
    async def write(stream):
        await stream.write("a")
        await stream.write(b"b")

    answer = answered(lambda request: response.stream(write))
    assert (answer.body, answer.headers["content-type"]) == (b"ab", "text/plain; charset=utf-8")


@pytest.mark.parametrize("answer", [None, "text"])
def test_an_answer_that_is_none_is_a_defect(answer):
    async def handler(request):
        return answer

    with pytest.raises(TypeError, match="a handler of b answers with"):
        answered(handler)


def test_exceptions_tell_status_and_text():
    assert (InvalidUsage("why").status, str(InvalidUsage("why"))) == (400, "why")
    assert SanicException("x", status_code=418).status == 418
    assert str(SanicException()) == "Internal Server Error"


def test_a_request_s_attributes():
    made = request(
        method="post",
        headers={
            "Host": "bot.example",
            "Content-Type": "application/json; charset=utf-8",
            "Authorization": "Bearer abc",
        },
        body=b'{"a": 1}',
        query_string="b=2&b=3&c=",
        ip="203.0.113.7",
        base_url="https://bot.example",
    )
    assert (made.method, made.ip, made.remote_addr) == ("POST", "203.0.113.7", "203.0.113.7")
    assert (made.host, made.scheme, made.token) == ("bot.example", "https", "abc")
    assert made.content_type == "application/json; charset=utf-8"
    assert made.json == {"a": 1}
    assert made.query_args == [("b", "2"), ("b", "3"), ("c", "")]
    assert made.get_args() == made.args
    made.ctx.seen = True
    assert made.ctx.seen
    assert isinstance(made, sanic.Request)
    assert logger.name == "sanic.root"
