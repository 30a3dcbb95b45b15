"""What GitHub's jobs may do: one repository's, in one environment, to one stack."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from ops import ROOT

TEMPLATE = ROOT / "deploy_role" / "template.yaml"


@pytest.fixture(scope="module")
def role():
    return yaml_parse(TEMPLATE.read_text(encoding="utf-8"))["Resources"]


def statements(role, name):
    [policy] = role[name]["Properties"]["Policies"]
    found = [
        each["Fn::If"][1] if "Fn::If" in each else each
        for each in policy["PolicyDocument"]["Statement"]
    ]
    return {each["Sid"]: each for each in found}


def test_cfn_lint_finds_nothing():
    command = [str(Path(sys.executable).parent / "cfn-lint"), str(TEMPLATE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stdout) == (0, "")


def test_only_jobs_of_the_repository_in_the_environment_become_it(role):
    [statement] = role["DeployRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": {
                "Fn::Sub": "repo:${Repository}:environment:${Environment}"
            },
        }
    }


def test_jobs_change_resources_only_through_the_stack(role):
    allowed = statements(role, "DeployRole")
    services = {
        action.partition(":")[0]
        for each in allowed.values()
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }
    assert services == {"cloudformation", "s3", "iam"}
    assert allowed["HandOver"]["Resource"] == {"Fn::GetAtt": ["CloudFormationRole", "Arn"]}
    assert "stack/${StackName}/" in str(allowed["ChangeTheStack"]["Resource"])


def test_cloudformation_reaches_the_roles_of_the_stack_and_gives_them_known_policies(role):
    allowed = statements(role, "CloudFormationRole")
    for sid, each in allowed.items():
        actions = each["Action"] if isinstance(each["Action"], list) else [each["Action"]]
        if any(action.startswith("iam:") for action in actions):
            assert "${StackName}-*" in str(each["Resource"]), sid
    attached = allowed["AttachKnownPolicies"]["Condition"]["ArnLike"]["iam:PolicyARN"]
    assert not any(
        "AdministratorAccess" in str(each) or ":policy/*" in str(each) for each in attached
    )
    passed = allowed["GiveRolesToServices"]["Condition"]["StringEquals"]["iam:PassedToService"]
    assert set(passed) == {"lambda.amazonaws.com", "codedeploy.amazonaws.com"}


def test_every_kind_of_resource_of_the_stack_is_within_its_reach(role, translate):
    kinds = {each["Type"] for each in translate({"Deployment": "Canary10Percent5Minutes"}).values()}
    services = {
        {"Logs": "logs", "ApiGatewayV2": "apigateway", "IAM": "iam"}.get(name, name.lower())
        for name in (kind.split("::")[1] for kind in kinds)
    }
    allowed = {
        action.partition(":")[0]
        for each in statements(role, "CloudFormationRole").values()
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }
    assert services <= allowed
