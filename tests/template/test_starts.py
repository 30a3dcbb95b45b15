"""How webhook functions start: the alias that routes lead to, snapshots, kept environments."""

from __future__ import annotations

import copy
import json
import re

import pytest
from boto3.session import Session
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from ops.intrinsics import resolve

LONGEST_DESCRIPTION = 256  # of a version, Lambda's API
REFERENCE = re.compile(r'"Ref": "(\w+)"|\$\{(\w+)\}')

#: They change what a function is in no other way than its layer's bytes, or its alias.
ELSEWHERE = {"Architecture", "ProvisionedConcurrency"}


@pytest.fixture(scope="module")
def webhooks(functions):
    """The functions that platforms call, by logical id."""
    return {
        name: function
        for name, function in functions.items()
        if any(
            event["Properties"]["Path"].startswith("/webhooks/")
            for event in function.get("Events", {}).values()
        )
        and name != "SocketioFunction"  # answers health checks alone
    }


@pytest.fixture(scope="module")
def translate(template):
    """`translate(layer, code)` gives the resources that SAM makes of uploads by these names."""

    def translated(layer="layer", code="code"):
        written = copy.deepcopy(template)
        for resource in written["Resources"].values():
            for key, name in (("CodeUri", code), ("ContentUri", layer)):
                if key in resource.get("Properties", {}):
                    resource["Properties"][key] = f"s3://bucket/{name}"
        session = Session(region_name="us-east-1")
        return Translator({}, Parser(), boto_session=session).translate(written, {})["Resources"]

    return translated


@pytest.fixture(scope="module")
def resources(translate):
    return translate()


def version_of(resources, name):
    alias = resources[f"{name}Aliaslive"]["Properties"]
    assert alias["FunctionName"] == {"Ref": name}
    version, attribute = alias["FunctionVersion"]["Fn::GetAtt"]
    assert attribute == "Version"
    assert resources[version]["Properties"]["FunctionName"] == {"Ref": name}
    return version


def test_every_webhook_starts_in_the_same_ways(webhooks):
    assert len(webhooks) == 13
    keys = {
        "AutoPublishAlias",
        "AutoPublishAliasAllProperties",
        "VersionDescription",
        "VersionDeletionPolicy",
        "SnapStart",
        "ProvisionedConcurrencyConfig",
    }
    ways = [{key: function[key] for key in keys} for function in webhooks.values()]
    assert all(way == ways[0] for way in ways)
    assert ways[0]["AutoPublishAlias"] == "live"


def test_routes_and_their_permissions_lead_to_the_alias(webhooks, resources):
    paths = resources["HttpApi"]["Properties"]["Body"]["paths"]
    targets = {
        path: re.search(r"functions/(\S+)/invocations", json.dumps(operation))[1]
        for path, methods in paths.items()
        for operation in methods.values()
    }
    for name in webhooks:
        assert f"${{{name}Aliaslive}}" in targets.values()
        assert f"${{{name}.Arn}}" not in targets.values()
    allowed = [
        each["Properties"]["FunctionName"]
        for each in resources.values()
        if each["Type"] == "AWS::Lambda::Permission"
    ]
    for name in webhooks:
        assert allowed.count({"Ref": f"{name}Aliaslive"}) == 2, name
        assert {"Ref": name} not in allowed, name


def test_a_new_layer_and_new_code_are_new_versions(webhooks, translate, resources):
    new_layer, new_code = translate(layer="other"), translate(code="other")
    for name in webhooks:
        versions = {version_of(each, name) for each in (resources, new_layer, new_code)}
        assert len(versions) == 3, name


def test_a_version_s_description_has_every_parameter_that_its_function_depends_on(
    template, webhooks
):
    shared = template["Globals"]["Function"]
    for name, function in webhooks.items():
        described = set(re.findall(r"\$\{(\w+)\}", function["VersionDescription"]["Fn::Sub"]))
        own = {k: v for k, v in function.items() if k not in {"Events", "Policies"}}
        text = json.dumps([own, shared])
        used = {first or second for first, second in REFERENCE.findall(text)}
        assert (used & template["Parameters"].keys()) - ELSEWHERE == described, name


def test_the_longest_description_fits(template, webhooks):
    for function in webhooks.values():
        text = function["VersionDescription"]["Fn::Sub"]
        for name in re.findall(r"\$\{(\w+)\}", text):
            parameter = template["Parameters"][name]
            longest = parameter.get("MaxLength") or max(map(len, parameter["AllowedValues"]))
            text = text.replace(f"${{{name}}}", "x" * longest)
        assert len(text) <= LONGEST_DESCRIPTION


@pytest.mark.parametrize(
    ("parameters", "snapshots", "kept"),
    [
        ({}, "None", None),
        ({"SnapStart": "on"}, "PublishedVersions", None),
        ({"ProvisionedConcurrency": "3"}, "None", {"ProvisionedConcurrentExecutions": "3"}),
    ],
)
def test_snapshots_and_kept_environments_are_parameters(
    template, resources, parameters, snapshots, kept
):
    defaults = {name: str(each["Default"]) for name, each in template["Parameters"].items()}
    function = resources["SlackFunction"]["Properties"]
    alias = resources["SlackFunctionAliaslive"]["Properties"]

    def value(written):
        return resolve(written, template["Conditions"], defaults | parameters)

    assert value(function["SnapStart"]) == {"ApplyOn": snapshots}
    assert value(alias["ProvisionedConcurrencyConfig"]) == kept


def test_both_at_once_are_refused(template):
    rule = template["Rules"]["OneWayToStart"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "SnapStart"}, "on"]}
    [assertion] = rule["Assertions"]
    assert assertion["Assert"] == {"Fn::Equals": [{"Ref": "ProvisionedConcurrency"}, "0"]}
    assert "exclude" in assertion["AssertDescription"]
