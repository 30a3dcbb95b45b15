"""How functions start: the alias that leads to them, versions, snapshots, kept environments."""

from __future__ import annotations

import json
import re

import pytest

from ops.local.gaps.intrinsics import resolve

LONGEST_DESCRIPTION = 256  # of a version and of a layer, Lambda's API
LONGEST_LAYER_ARN = len(
    "arn:aws-us-gov:lambda:us-gov-east-1:123456789012:layer:ChannelsLayer0123456789:99999"
)
REFERENCE = re.compile(r'"Ref": "(\w+)"|\$\{(\w+)\}')
IN_IF = re.compile(r'"Fn::If": \["(\w+)"')

#: They change what a function is in no other way than its layer's bytes, its alias or its limit.
ELSEWHERE = {
    "Architecture",
    "Deployment",
    "ProvisionedConcurrency",
    "SocketOpenerConcurrency",
    "LongPollingConcurrency",
}


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
def published(functions):
    """The functions behind an alias, by logical id."""
    return {name: each for name, each in functions.items() if name != "WebchatFunction"}


def version_of(resources, name):
    alias = resources[f"{name}Aliaslive"]["Properties"]
    assert alias["FunctionName"] == {"Ref": name}
    version, attribute = alias["FunctionVersion"]["Fn::GetAtt"]
    assert attribute == "Version"
    assert resources[version]["Properties"]["FunctionName"] == {"Ref": name}
    return version


def parameters_in(template, value):
    """The parameters that a value is made of, those of its conditions too."""
    text = json.dumps(value)
    text += json.dumps([template["Conditions"][name] for name in IN_IF.findall(text)])
    return {a or b for a, b in REFERENCE.findall(text)} & template["Parameters"].keys()


def test_every_webhook_starts_in_the_same_ways(webhooks):
    assert len(webhooks) == 13
    keys = {"VersionDescription", "SnapStart", "ProvisionedConcurrencyConfig"}
    ways = [{key: function[key] for key in keys} for function in webhooks.values()]
    assert all(way == ways[0] for way in ways)


def test_the_chat_page_has_no_alias_for_its_files_are_of_one_version(template, resources):
    page = template["Resources"]["WebchatFunction"]
    assert {"AutoPublishAlias", "DeploymentPreference"} <= set(page["IgnoreGlobals"])
    assert "WebchatFunctionAliaslive" not in resources


def test_everything_leads_to_the_alias(published, resources):
    callers = {
        "AWS::ApiGatewayV2::Api",
        "AWS::ApiGatewayV2::Integration",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Permission",
    }
    text = json.dumps(
        [each for each in resources.values() if each["Type"] in callers]
        + [resources["SocketConnectFunction"]["Properties"]["Environment"]]  # calls the opener
    )
    for name in published:
        assert f"{name}Aliaslive" in text, name
        assert f'{{"Ref": "{name}"}}' not in text, name
        assert f"${{{name}.Arn}}" not in text, name
        assert f'["{name}", "Arn"]' not in text, name


def test_a_new_layer_and_new_code_are_new_versions(published, translate, resources):
    new_code = translate(code="other")
    for name in published:
        old, new = version_of(resources, name), version_of(new_code, name)
        assert old != new, name
        description = json.dumps(resources[old]["Properties"]["Description"])
        assert "ChannelsLayer" in description, name
    layers = {
        next(name for name in each if name.startswith("ChannelsLayer"))
        for each in (resources, translate(layer="other"))
    }
    assert len(layers) == 2


def test_a_new_value_of_a_parameter_is_a_new_version(template, published):
    shared = template["Globals"]["Function"]
    layer = template["Resources"]["ChannelsLayer"]["Properties"]["Description"]
    for name, function in published.items():
        described = parameters_in(template, [layer, function["VersionDescription"]])
        own = {k: v for k, v in function.items() if k not in {"Events", "Policies"}}
        used = parameters_in(template, [own, shared])
        assert used - ELSEWHERE <= described, name


def longest(template, text, variables):
    """The length of a text with the longest value of each parameter in it."""
    for name in re.findall(r"\$\{(\w+)\}", text):
        if name in variables:
            length = variables[name]
        else:
            parameter = template["Parameters"][name]
            length = parameter.get("MaxLength") or max(map(len, parameter["AllowedValues"]))
        text = text.replace(f"${{{name}}}", "x" * length)
    return len(text)


def test_the_longest_descriptions_fit(template, published):
    limits = template["Parameters"]
    base = max(
        limits["PublicBaseUrl"]["MaxLength"],
        len("https://") + limits["HttpDomainName"]["MaxLength"],
    )
    text, _ = template["Resources"]["ChannelsLayer"]["Properties"]["Description"]["Fn::Sub"]
    assert longest(template, text, {"Base": base}) <= LONGEST_DESCRIPTION
    for name, function in published.items():
        description = function["VersionDescription"]
        text = description.get("Fn::Sub", f"${{{description.get('Ref')}}}")
        length = longest(template, text, {"ChannelsLayer": LONGEST_LAYER_ARN})
        assert length <= LONGEST_DESCRIPTION, name


@pytest.mark.parametrize(
    ("given", "snapshots", "kept"),
    [
        ({}, "None", None),
        ({"SnapStart": "on"}, "PublishedVersions", None),
        ({"ProvisionedConcurrency": "3"}, "None", {"ProvisionedConcurrentExecutions": "3"}),
    ],
)
def test_snapshots_and_kept_environments_are_parameters(
    template, resources, parameters, given, snapshots, kept
):
    function = resources["SlackFunction"]["Properties"]
    alias = resources["SlackFunctionAliaslive"]["Properties"]

    def value(written):
        return resolve(written, template["Conditions"], parameters | given)

    assert value(function["SnapStart"]) == {"ApplyOn": snapshots}
    assert value(alias["ProvisionedConcurrencyConfig"]) == kept


def test_both_at_once_are_refused(template):
    rule = template["Rules"]["OneWayToStart"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "SnapStart"}, "on"]}
    [assertion] = rule["Assertions"]
    assert assertion["Assert"] == {"Fn::Equals": [{"Ref": "ProvisionedConcurrency"}, "0"]}
    assert "exclude" in assertion["AssertDescription"]
