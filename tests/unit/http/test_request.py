"""Requests made of API Gateway events, and answers made for it."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import PayloadError
from channels.http.request import Request
from channels.http.response import Response

V2 = {
    "version": "2.0",
    "rawPath": "/webhooks/rest/webhook",
    "rawQueryString": "stream=true&x=1&x=2&y=",
    "headers": {"content-type": "application/json; charset=utf-8"},
    "cookies": ["a=1", "b=2"],
    "requestContext": {"http": {"method": "POST", "sourceIp": "203.0.113.7"}},
    "body": "e30=",
    "isBase64Encoded": True,
}
V1 = {
    "version": "1.0",
    "path": "/webhooks/rest/webhook",
    "httpMethod": "post",
    "headers": {"Content-Type": "application/json; charset=utf-8"},
    "multiValueQueryStringParameters": {"stream": ["true"], "x": ["1", "2"], "y": [""]},
    "requestContext": {"identity": {"sourceIp": "203.0.113.7"}},
    "body": "{}",
}


@pytest.mark.parametrize("event", [V1, V2], ids=["payload 1.0", "payload 2.0"])
def test_both_payload_formats_give_the_same_request(event):
    request = Request.from_event(event)
    assert (request.method, request.path) == ("POST", "/webhooks/rest/webhook")
    assert request.body == b"{}"
    assert request.json == {}
    assert request.content_type == "application/json"
    assert request.args.get("stream") == "true"
    assert request.args.getlist("x") == ["1", "2"]
    assert request.args.get("y") == ""
    assert request.args.get("missing") is None
    assert request.ip == "203.0.113.7"


API = "https://abc123.execute-api.eu-west-1.amazonaws.com"
PATH = "/webhooks/twilio/webhook"


@pytest.mark.parametrize(
    ("event", "public_base_url", "url"),
    [
        ({"rawPath": PATH}, "", f"{API}{PATH}"),
        ({"rawPath": f"/prod{PATH}"}, "", f"{API}/prod{PATH}"),
        ({"rawPath": PATH, "rawQueryString": "a=b%20c&x="}, "", f"{API}{PATH}?a=b%20c&x="),
        ({"rawPath": "/version"}, "", f"{API}/version"),
        ({"rawPath": PATH}, "https://bot.example.com", f"https://bot.example.com{PATH}"),
        (
            {"rawPath": f"/prod{PATH}", "rawQueryString": "a=1"},
            "https://example.com/bot",
            f"https://example.com/bot{PATH}?a=1",
        ),
        ({"rawPath": "/health"}, "https://example.com/bot", "https://example.com/bot/health"),
    ],
    ids=["api", "stage", "query", "another route", "domain", "domain for a stage", "below a path"],
)
def test_the_url_is_the_one_that_the_platform_called(event, public_base_url, url):
    context = {"domainName": API.removeprefix("https://"), "http": {"method": "POST"}}
    headers = {"host": "evil.example.net", "x-forwarded-host": "evil.example.net"}
    request = Request.from_event(
        {**event, "headers": headers, "requestContext": context}, public_base_url
    )
    assert request.url == url


@pytest.mark.parametrize(
    ("public_base_url", "base"), [("", f"{API}/prod"), ("https://b.example.com", None)]
)
def test_the_url_of_a_rest_api_has_the_stage_that_its_path_lacks(public_base_url, base):
    context = {"domainName": API.removeprefix("https://"), "path": f"/prod{PATH}"}
    request = Request.from_event({**V1, "path": PATH, "requestContext": context}, public_base_url)
    assert request.url == f"{base or public_base_url}{PATH}?stream=true&x=1&x=2&y="


def test_cookies_become_a_header_again():
    assert Request.from_event(V2).headers["cookie"] == "a=1; b=2"


@pytest.mark.parametrize("name", ["X-Token", "x-token", "X-TOKEN"])
def test_headers_are_found_in_any_case(name):
    request = Request(headers={"x-ToKen": "t"})
    assert request.headers[name] == "t"
    assert request.headers.get(name) == "t"
    assert name in request.headers


@given(st.binary(max_size=200))
def test_the_body_is_the_exact_bytes_that_were_sent(body):
    encoded = base64.b64encode(body).decode()
    assert Request.from_event({**V2, "body": encoded}).body == body


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        {},
        {"Records": []},
        {**V2, "body": "not base64!"},
        {**V2, "body": 5},
        {**V2, "requestContext": {}},
        {**V2, "headers": {"a": None, 1: "b"}},
        {**V1, "httpMethod": None},
    ],
)
def test_what_is_no_http_event_is_a_payload_error(event):
    with pytest.raises(PayloadError):
        Request.from_event(event)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b'"\xff"', b"NaN", b'{"a": Infinity}', b"[" * 100_000, b"1" * 5000],
)
def test_what_is_not_json_is_a_payload_error(body):
    with pytest.raises(PayloadError, match="Failed when parsing body as json"):
        _ = Request(body=body).json


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"\ud83d x"', "? x"),
        (rb'{"\uDC00": ["\udfff"]}', {"?": ["?"]}),
    ],
    ids=["byte order mark", "surrogate pair", "lone surrogate", "lone surrogates in keys"],
)
def test_json_of_any_spelling_can_be_sent_on(body, value):
    parsed = Request(body=body).json
    assert parsed == value
    json.dumps(parsed, ensure_ascii=False).encode()


def test_form_keeps_blank_fields_and_repeated_ones():
    form = Request(body=b"a=1&b=&a=2&c=%C3%A9+x").form
    assert form.get("a") == "1"
    assert form.getlist("a") == ["1", "2"]
    assert form.get("b") == ""
    assert form.get("c") == "é x"


def test_too_many_form_fields_are_a_payload_error():
    with pytest.raises(PayloadError):
        _ = Request(body=b"&".join(b"a=1" for _ in range(1001))).form


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("Token  abc ", "abc"), ("abc", "abc"), ("", None)],
)
def test_token_is_taken_from_the_authorization_header(header, token):
    assert Request(headers={"authorization": header}).token == token


def test_binary_answers_travel_as_base64():
    event = Response(b"\x89PNG\xff", 200, {"content-type": "image/png"}).to_event()
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == b"\x89PNG\xff"
    assert Response.text("ö").to_event()["body"] == "ö"


def test_cookies_of_an_answer_as_either_api_takes_them():
    answer = Response(b"x", 200, {"a": "1"})
    answer.cookies = ("b=1", "c=2")
    assert answer.to_event()["cookies"] == ["b=1", "c=2"]
    of_rest = answer.to_event(is_rest_api=True)
    assert of_rest["multiValueHeaders"] == {"set-cookie": ["b=1", "c=2"]}
    assert "cookies" not in of_rest
    assert not {"cookies", "multiValueHeaders"} & Response().to_event().keys()


@pytest.mark.parametrize("header", [{"a": "b\r\nc: d"}, {"a": "b\n"}, {"a\rb": "c"}])
def test_a_line_break_in_a_header_is_refused(header):
    with pytest.raises(ValueError, match="line break"):
        Response(b"", 200, header).to_event()
