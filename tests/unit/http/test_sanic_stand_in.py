"""The part of Sanic that comes with the channels: what it lacks is named."""

import asyncio
import importlib

import pytest

import sanic
from channels.errors import PayloadError
from channels.http.request import Request as ChannelRequest
from channels.http.response import Response
from sanic import Blueprint, response
from sanic.exceptions import InvalidUsage, SanicException
from sanic.log import logger
from sanic.request import Request
from sanic.response import HTTPResponse, JSONResponse


def request(**parts):
    return Request.of(ChannelRequest(**parts))


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("sanic", "text_file"),
        ("sanic.response", "file_stream"),
        ("sanic.exceptions", "PyFileError"),
    ],
)
def test_a_name_that_is_missing_is_named_at_its_import(module, name):
    with pytest.raises(ImportError, match=f"'{module}.{name}' is not in the part of Sanic"):
        exec(f"from {module} import {name}")  # noqa: S102


def test_a_module_that_is_missing_is_named():
    with pytest.raises(ImportError, match=r"sanic\.worker"):
        importlib.import_module("sanic.worker.manager")


@pytest.mark.parametrize("name", ["listener", "static", "signal", "before_server_start"])
def test_a_blueprint_s_missing_feature_is_named(name):
    with pytest.raises(AttributeError, match=f"'Blueprint.{name}' is not .*requirements.txt"):
        getattr(Blueprint("b"), name)


@pytest.mark.parametrize(
    ("uri", "options", "named"),
    [
        ("/x", {"stream": True}, r"Blueprint.route\(stream=...\)"),
        ("/x", {"version": 2}, r"Blueprint.route\(version=...\)"),
    ],
)
def test_a_route_s_missing_feature_is_named(uri, options, named):
    with pytest.raises(NotImplementedError, match=named):
        Blueprint("b").route(uri, **options)


@pytest.mark.parametrize("uri", ["/<id>.json", "/a<id>", "/<file:ext>", "/<file=str:ext=txt>"])
def test_a_path_parameter_that_is_not_supported_is_named(uri):
    with pytest.raises(NotImplementedError, match=f"'Blueprint.route with '{uri[1:]}'"):
        Blueprint("b").get(uri)(lambda request: response.empty())


@pytest.mark.parametrize("option", ["host", "version"])
def test_an_option_of_a_blueprint_that_is_not_supported_is_named(option):
    with pytest.raises(NotImplementedError, match=rf"'Blueprint\({option}=...\)"):
        Blueprint("b", **{option: "1"})


def test_websockets_are_refused_with_the_way_that_there_is():
    for ask in (lambda: Blueprint("b").websocket, lambda: sanic.Websocket):
        with pytest.raises((AttributeError, ImportError), match="use the channel 'socketio'"):
            ask()


def test_a_server_of_its_own_is_refused():
    with pytest.raises(NotImplementedError, match=r"'Sanic\(...\)' is not in the part of Sanic"):
        sanic.Sanic("mine")


@pytest.mark.parametrize("name", ["agent", "ctx.agent", "ctx.input_channels"])
def test_what_belongs_to_rasa_s_server_is_named(name):
    with pytest.raises(AttributeError, match=f"'request.app.{name}' belongs to Rasa's own server"):
        eval(f"app.{name}", {"app": request().app})  # noqa: S307


def test_an_app_has_things_of_its_own():
    app = request().app
    app.config.LIMIT = 3
    app.ctx.seen = True
    assert (app.config["LIMIT"], app.config.LIMIT, app.ctx.seen) == (3, 3, True)
    for ask in (lambda: app.config.NONE, lambda: app.ctx.none, lambda: app.router):
        with pytest.raises(AttributeError):
            ask()


def test_tasks_are_coroutines_or_functions():
    done = []

    async def run():
        async def add(what="plain"):
            done.append(what)

        app = request().app
        assert app.loop is asyncio.get_running_loop()
        for task in (add("coroutine"), add, lambda app: add(app.name)):
            await app.add_task(task)

    asyncio.run(run())
    assert done[:1] == ["coroutine"]
    assert len(done) == 3


def test_a_middleware_is_for_requests_or_responses():
    with pytest.raises(ValueError, match="'request' or 'response', not 'both'"):
        Blueprint("b").middleware("both")


def test_a_middleware_may_be_registered_bare():
    blueprint = Blueprint("b")
    blueprint.middleware(lambda request: response.text("out"))
    blueprint.get("/x")(lambda request: response.text("in"))
    assert asyncio.run(blueprint.respond(ChannelRequest(), "x")).body == b"out"


def test_a_refusal_passes_the_middleware_of_responses():
    blueprint = Blueprint("b")

    @blueprint.on_response()
    def mark(request, answer):
        answer.headers["x-mark"] = "1"

    @blueprint.get("/x")
    def refuse(request):
        raise InvalidUsage("why")

    answer = asyncio.run(blueprint.respond(ChannelRequest(), "x"))
    assert (answer.status, answer.headers["x-mark"]) == (400, "1")


@pytest.mark.parametrize("name", ["transport", "route", "conn_info"])
def test_a_request_s_missing_feature_is_named(name):
    with pytest.raises(AttributeError, match=f"'Request.{name}' is not in the part of Sanic"):
        getattr(request(), name)


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=x", "multipart/form-data; boundary="],
)
def test_a_multipart_form_that_is_none_is_refused(content_type):
    broken = request(headers={"content-type": content_type}, body=b"no form")
    with pytest.raises(PayloadError, match="multipart form cannot be read"):
        assert broken.form
    assert request().files.get("x") is None


def test_a_form_of_forms_of_forms_is_refused():
    parts = (
        f"--b{n}\r\nContent-Type: multipart/mixed; boundary=b{n + 1}\r\n\r\n" for n in range(2000)
    )
    headers = {"content-type": "multipart/form-data; boundary=b0"}
    with pytest.raises(PayloadError, match="nested too deeply"):
        _ = request(headers=headers, body="".join(parts).encode()).files


def test_a_part_without_a_name_is_left_out_and_odd_characters_are_told():
    def form(kind):
        part = f"--x\r\nContent-Disposition: form-data{kind}\r\n\r\nv\r\n--x--"
        headers = {"content-type": "multipart/form-data; boundary=x"}
        return request(headers=headers, body=part.encode()).form

    assert form("") == {}
    assert form('; name="a"') == {"a": ["v"]}
    with pytest.raises(PayloadError, match="unknown character set"):
        form('; name="a"\r\nContent-Type: text/plain; charset=klingon')


def test_an_answer_s_missing_feature_is_named():
    with pytest.raises(AttributeError, match=r"'HTTPResponse\.add_cookie' is not in the part"):
        _ = response.text("x").add_cookie


def test_an_answer_given_to_respond_is_named():
    with pytest.raises(NotImplementedError, match=r"'Request.respond\(response\)'"):
        asyncio.run(request().respond(response.text("x")))


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
        (JSONResponse({"a": 1}, status=201), '{"a": 1}', "application/json"),
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

    with pytest.raises(TypeError, match="a handler of b returned"):
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
    assert made.query_args == [("b", "2"), ("b", "3")]
    assert made.get_query_args(keep_blank_values=True)[-1] == ("c", "")
    assert made.get_args() == made.args == {"b": ["2", "3"]}
    with pytest.raises(PayloadError, match="too many fields"):
        _ = request(query_string="a=1&" * 1001).args
    assert made.client_ip == made.ip
    assert made.get_form() == {}
    made.ctx.seen = True
    assert made.ctx.seen
    assert isinstance(made, sanic.Request)
    assert logger.name == "sanic.root"
