"""The HTTP API's routes on the local stack.

MiniStack makes an HTTP API without its routes and CORS settings: it leaves the OpenAPI body, into
which SAM writes them, unread. They are created here through the public apigatewayv2 API.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops.local.gaps.intrinsics import resolve

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client

_ANY = "x-amazon-apigateway-any-method"
_INTEGRATION = "x-amazon-apigateway-integration"
_TARGET = re.compile(r"functions/\$\{(\w+)(?:\.Arn)?\}/")
_ALIAS = "AWS::Lambda::Alias"
_GREEDY = "{proxy+}"


@dataclass(frozen=True)
class Route:
    """A route: `key` as in "GET /webhooks/rest", `function` the logical id it leads to."""

    key: str
    function: str


def routes_of(processed: Mapping[str, Any], api: str) -> list[Route]:
    """The routes that AWS makes of a processed template's HTTP API with logical id `api`.

    Those to an alias lead to its function here: an update of the function, as after a change of
    the credentials, is then in effect at once.
    API Gateway hands /x/ to /x/{proxy+}; MiniStack's {proxy+} wants a character, so here /x/ is a
    route of its own.
    """
    found = []
    resources = processed["Resources"]
    for path, methods in resources[api]["Properties"]["Body"]["paths"].items():
        paths = [path, path.removesuffix(_GREEDY)] if path.endswith("/" + _GREEDY) else [path]
        for name, operation in methods.items():
            method = "ANY" if name == _ANY else name.upper()
            function = _function(operation[_INTEGRATION]["uri"], resources)
            found += [Route(f"{method} {each}", function) for each in paths]
    return found


def cors_of(
    original: Mapping[str, Any], api: str, parameters: Mapping[str, str]
) -> dict[str, Any] | None:
    """The CORS settings of an HTTP API as `update_api` takes them; None where CORS is off.

    Read from the template as it was deployed: in the processed one MiniStack has put the
    parameters' defaults in place of their values.
    """
    settings = original["Resources"][api]["Properties"].get("CorsConfiguration")
    resolved: dict[str, Any] | None = resolve(settings, original.get("Conditions", {}), parameters)
    return resolved


def create_routes(
    client: ApiGatewayV2Client, api_id: str, routes: list[Route], arns: Mapping[str, str]
) -> None:
    """Give an API these routes and no others; done again, it changes nothing.

    `arns` maps functions' logical ids to their ARNs.
    """
    integrations = _integrations(client, api_id, {arns[route.function] for route in routes})
    existing = {route["RouteKey"]: route for route in client.get_routes(ApiId=api_id)["Items"]}
    for route in routes:
        target = f"integrations/{integrations[arns[route.function]]}"
        known = existing.pop(route.key, None)
        if known is None:
            client.create_route(ApiId=api_id, RouteKey=route.key, Target=target)
        elif known.get("Target") != target:
            client.update_route(ApiId=api_id, RouteId=known["RouteId"], Target=target)
    for stale in existing.values():
        client.delete_route(ApiId=api_id, RouteId=stale["RouteId"])


def set_cors(client: ApiGatewayV2Client, api_id: str, settings: dict[str, Any] | None) -> None:
    """Give an API these CORS settings, or none."""
    if settings is None:
        client.delete_cors_configuration(ApiId=api_id)
    else:
        client.update_api(ApiId=api_id, CorsConfiguration=settings)  # type: ignore[arg-type]


def _function(uri: Mapping[str, str], resources: Mapping[str, Any]) -> str:
    found = _TARGET.search(uri["Fn::Sub"])
    if found is None:
        raise ValueError(f"no function in {uri}")
    target = resources[found[1]]
    if target["Type"] == _ALIAS:
        name: str = target["Properties"]["FunctionName"]["Ref"]
        return name
    return found[1]


def _integrations(client: ApiGatewayV2Client, api_id: str, arns: set[str]) -> dict[str, str]:
    """The integration ids by function ARN, those missing created."""
    items = client.get_integrations(ApiId=api_id)["Items"]
    known = {item.get("IntegrationUri", ""): item["IntegrationId"] for item in items}
    for arn in arns - set(known):
        known[arn] = client.create_integration(
            ApiId=api_id,
            IntegrationType="AWS_PROXY",
            IntegrationUri=arn,
            PayloadFormatVersion="2.0",
        )["IntegrationId"]
    return known
