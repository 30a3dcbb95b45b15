"""The optional template of one host for both APIs, and its CloudFront Function."""

from __future__ import annotations

import pytest
from samtranslator.yaml_helper import yaml_parse

from ops import ROOT
from tests.node_scripts import run_node


@pytest.fixture(scope="module")
def front():
    return yaml_parse((ROOT / "socket_front" / "template.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def chosen(front):
    """`chosen(uri, transport)` is where a request goes: its origin and its path there."""
    code = front["Resources"]["ChooseOrigin"]["Properties"]["FunctionCode"]

    def choose(uri, transport=None):
        query = {"EIO": {"value": "4"}} | ({"transport": {"value": transport}} if transport else {})
        event = {"method": "GET", "uri": uri, "querystring": query, "headers": {}}
        [answer] = run_node("choose_origin.mjs", {"code": code, "events": [event]})
        assert answer["querystring"] == query, "API Gateway gets the whole query"
        return answer["origin"], answer["uri"]

    return choose


@pytest.mark.parametrize("uri", ["/socket.io", "/socket.io/"])
def test_sockets_go_to_the_websocket_api(chosen, uri):
    assert chosen(uri, "websocket") == ("sockets", "/prod")


@pytest.mark.parametrize(
    ("uri", "transport"),
    [
        ("/socket.io/", "polling"),
        ("/socket.io/", None),
        ("/socket.iox/", "websocket"),
        ("/webhooks/rest/webhook", "websocket"),
        ("/", None),
    ],
)
def test_all_else_goes_to_the_http_api_as_it_is(chosen, uri, transport):
    assert chosen(uri, transport) == (None, uri)


def test_the_function_s_origin_and_path_exist(front, template):
    config = front["Resources"]["Front"]["Properties"]["DistributionConfig"]
    assert {origin["Id"] for origin in config["Origins"]} == {"http", "sockets"}
    assert config["DefaultCacheBehavior"]["TargetOriginId"] == "http"
    stage = template["Resources"]["SocketApi"]["Properties"]["StageName"]
    code = front["Resources"]["ChooseOrigin"]["Properties"]["FunctionCode"]
    assert f"'/{stage}'" in code
    assert len(code) < 10_240, "CloudFront's limit"


def test_the_main_stack_names_the_parameters(front, template):
    value = template["Outputs"]["SocketFrontParameters"]["Value"]["Fn::Sub"]
    named = {pair.partition("=")[0] for pair in value.split()}
    assert named == {name for name, each in front["Parameters"].items() if "Default" not in each}
