import pytest
from boto3.session import Session
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from ops import ROOT
from ops.local.gaps.routes import Route, cors_of, create_routes, routes_of, set_cors

ARN = "arn:aws:lambda:us-east-1:000000000000:function:channels-local-RestFunction-1"


@pytest.fixture(scope="module")
def original():
    return yaml_parse((ROOT / "template.yaml").read_text())


@pytest.fixture(scope="module")
def processed():
    # CodeUri and ContentUri as `sam deploy` leaves them.
    template = yaml_parse((ROOT / "template.yaml").read_text())
    for resource in template["Resources"].values():
        for key in {"CodeUri", "ContentUri"} & resource.get("Properties", {}).keys():
            resource["Properties"][key] = "s3://bucket/key"
    session = Session(region_name="us-east-1")
    return Translator({}, Parser(), boto_session=session).translate(template, {})


class Api:
    """The calls of the apigatewayv2 client that are used, on one API."""

    def __init__(self):
        self.routes = {}
        self.integrations = {}
        self.cors = {"AllowOrigins": ["https://old.example"]}
        self.changes = []

    def get_routes(self, *, ApiId):
        return {"Items": [{"RouteId": key, **route} for key, route in self.routes.items()]}

    def create_route(self, *, ApiId, RouteKey, Target):
        self.changes.append(f"create {RouteKey}")
        self.routes[f"id-{RouteKey}"] = {"RouteKey": RouteKey, "Target": Target}

    def update_route(self, *, ApiId, RouteId, Target):
        self.changes.append(f"update {RouteId}")
        self.routes[RouteId]["Target"] = Target

    def delete_route(self, *, ApiId, RouteId):
        self.changes.append(f"delete {RouteId}")
        del self.routes[RouteId]

    def get_integrations(self, *, ApiId):
        return {"Items": list(self.integrations.values())}

    def create_integration(self, *, ApiId, **given):
        created = {"IntegrationId": f"i{len(self.integrations)}", **given}
        self.integrations[created["IntegrationId"]] = created
        return created

    def update_api(self, *, ApiId, CorsConfiguration):
        self.cors = CorsConfiguration

    def delete_cors_configuration(self, *, ApiId):
        self.cors = None


def test_the_routes_of_the_template(processed):
    routes = routes_of(processed, "HttpApi")
    assert {route.key for route in routes if route.function == "RestFunction"} == {
        "ANY /webhooks/rest/",
        "ANY /webhooks/rest/{proxy+}",
        "GET /webhooks/rest",
    }
    assert len({route.key for route in routes}) == len(routes)


def test_an_integration_without_a_function_is_refused():
    uri = {"Fn::Sub": "https://example.com"}
    operation = {"x-amazon-apigateway-integration": {"uri": uri}}
    body = {"paths": {"/x": {"get": operation}}}
    with pytest.raises(ValueError, match=r"example\.com"):
        routes_of({"Resources": {"A": {"Properties": {"Body": body}}}}, "A")


def test_cors_of_the_template(original):
    defaults = {name: each["Default"] for name, each in original["Parameters"].items()}
    assert cors_of(original, "HttpApi", defaults) is None
    origins = {"CorsAllowOrigins": "https://a.example,https://b.example"}
    assert cors_of(original, "HttpApi", defaults | origins) == {
        "AllowOrigins": ["https://a.example", "https://b.example"],
        "AllowMethods": ["GET", "POST", "OPTIONS"],
        "AllowHeaders": ["authorization", "content-type"],
        "MaxAge": 600,
    }


def test_cors_of_an_api_without_any():
    assert cors_of({"Resources": {"A": {"Properties": {}}}}, "A", {}) is None


def test_routes_are_created_once():
    api = Api()
    routes = [Route("GET /x", "F"), Route("ANY /x/{proxy+}", "F")]
    create_routes(api, "id", routes, {"F": ARN})
    assert api.changes == ["create GET /x", "create ANY /x/{proxy+}"]
    [integration] = api.integrations.values()
    assert integration["IntegrationUri"] == ARN
    assert integration["PayloadFormatVersion"] == "2.0"
    assert {route["Target"] for route in api.routes.values()} == {"integrations/i0"}

    create_routes(api, "id", routes, {"F": ARN})
    assert len(api.changes) == 2
    assert len(api.integrations) == 1


def test_routes_follow_the_template():
    api = Api()
    create_routes(api, "id", [Route("GET /x", "F"), Route("GET /y", "F")], {"F": ARN})
    api.changes.clear()
    create_routes(api, "id", [Route("GET /x", "F")], {"F": f"{ARN}2"})
    assert api.changes == ["update id-GET /x", "delete id-GET /y"]
    assert api.routes["id-GET /x"]["Target"] == "integrations/i1"


def test_cors_is_set_and_taken_away():
    api = Api()
    set_cors(api, "id", {"AllowOrigins": ["https://a.example"]})
    assert api.cors == {"AllowOrigins": ["https://a.example"]}
    set_cors(api, "id", None)
    assert api.cors is None
