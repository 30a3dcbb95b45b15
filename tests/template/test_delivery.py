"""Gradual deployments, domains, the key, retention and protection: each on and off."""

from __future__ import annotations

import json

import pytest

from ops.local.gaps.intrinsics import resolve

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
MOST_ALARMS = 10  # of a deployment group, CodeDeploy's API
MOST_RESOURCES = 500  # of a stack, CloudFormation


@pytest.fixture(scope="module")
def value(template, parameters):
    """`value(written, given)`: what CloudFormation makes of it with these parameters."""

    def resolved(written, given):
        return resolve(written, template["Conditions"], parameters | given)

    return resolved


def of_type(resources, kind):
    return {name: each["Properties"] for name, each in resources.items() if each["Type"] == kind}


def test_without_the_parameter_nothing_is_deployed_gradually(resources):
    assert not any(each["Type"].startswith("AWS::CodeDeploy::") for each in resources.values())
    assert not any("UpdatePolicy" in each for each in resources.values())


def test_every_gradual_deployment_sends_the_alias_back_when_the_function_errs(
    template, functions, translate
):
    values = template["Parameters"]["Deployment"]["AllowedValues"]
    assert set(template["Mappings"]["Deployments"]) == set(values)
    for kind in values[1:]:
        resources = translate({"Deployment": kind})
        groups = of_type(resources, "AWS::CodeDeploy::DeploymentGroup")
        assert len(groups) == len(functions) - 1
        assert len(resources) < MOST_RESOURCES
        for name in functions.keys() - {"WebchatFunction"}:
            group = groups[f"{name}DeploymentGroup"]
            assert group["DeploymentConfigName"]["Fn::Sub"][1] == {"ConfigName": kind}
            assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
            alarms = [each["Name"]["Ref"] for each in group["AlarmConfiguration"]["Alarms"]]
            assert f"{name}ErrorsAlarm" in alarms
            assert len(set(alarms)) == len(alarms) <= MOST_ALARMS
            for alarm in alarms:
                assert resources[alarm]["Type"] == "AWS::CloudWatch::Alarm"
            policy = resources[f"{name}Aliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
            assert policy["DeploymentGroupName"] == {"Ref": f"{name}DeploymentGroup"}


def test_what_is_given_up_on_keeps_no_mend_from_being_deployed(translate):
    # CodeDeploy begins no deployment while an alarm of its group is on.
    resources = translate({"Deployment": "Canary10Percent5Minutes"})
    groups = of_type(resources, "AWS::CodeDeploy::DeploymentGroup")
    assert "DeadLetters" not in json.dumps(groups)


@pytest.mark.parametrize("key", ["", KEY])
def test_the_key_encrypts_what_holds_messages_or_ids(resources, value, key):
    given = {"KmsKeyArn": key}
    queues = of_type(resources, "AWS::SQS::Queue")
    assert len(queues) == 5
    for queue in queues.values():
        assert value(queue["KmsMasterKeyId"], given) == (key or None)
        assert value(queue["SqsManagedSseEnabled"], given) is not bool(key)
    for group in of_type(resources, "AWS::Logs::LogGroup").values():
        assert value(group["KmsKeyId"], given) == (key or None)
    table = value(resources["StateTable"]["Properties"]["SSESpecification"], given)
    own = {"SSEType": "KMS", "KMSMasterKeyId": key} if key else {}
    assert table == {"SSEEnabled": True} | own


def test_only_with_a_key_functions_may_use_it_and_only_through_services(resources, functions):
    policy = resources["KeyPolicy"]
    assert policy["Condition"] == "HasKmsKey"
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert statement["Resource"] == {"Ref": "KmsKeyArn"}
    through = statement["Condition"]["StringEquals"]["kms:ViaService"]
    assert [each["Fn::Sub"].partition(".")[0] for each in through] == ["sqs", "dynamodb", "ssm"]
    roles = {each["Ref"] for each in policy["Properties"]["Roles"]}
    assert roles == {f"{name}Role" for name in functions.keys() - {"WebchatFunction"}}
    others = [each for name, each in resources.items() if name != "KeyPolicy"]
    assert "kms:" not in json.dumps(others)


@pytest.mark.parametrize("recovery", ["on", "off"])
@pytest.mark.parametrize("protection", ["on", "off"])
def test_the_table_can_be_restored_and_protected(resources, value, recovery, protection):
    given = {"PointInTimeRecovery": recovery, "DeletionProtection": protection}
    table = value(resources["StateTable"]["Properties"], given)
    restored = table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    assert restored is (recovery == "on")
    assert table["DeletionProtectionEnabled"] is (protection == "on")


def test_every_log_group_is_kept_as_long_as_the_parameter_says(resources):
    groups = of_type(resources, "AWS::Logs::LogGroup")
    assert len(groups) == 26
    assert {json.dumps(each["RetentionInDays"]) for each in groups.values()} == {
        '{"Ref": "LogRetentionDays"}'
    }


@pytest.mark.parametrize(
    ("api", "name"), [("HttpApi", "HttpDomain"), ("SocketApi", "SocketDomain")]
)
def test_each_api_may_have_a_domain(template, resources, api, name):
    domain, mapping = resources[name], resources[f"{name}Mapping"]
    record = resources[f"{name}Record"]
    assert domain["Condition"] == mapping["Condition"] == f"Has{name}"
    assert record["Condition"] == f"{name}HasZone"
    assert domain["Properties"]["DomainName"] == {"Ref": f"{name}Name"}
    assert mapping["Properties"]["ApiId"] == {"Ref": api}
    stage = resources[mapping["Properties"]["Stage"]["Ref"]]
    assert stage["Properties"]["ApiId"] == {"Ref": api}
    target = record["Properties"]["AliasTarget"]
    assert target["DNSName"] == {"Fn::GetAtt": [name, "RegionalDomainName"]}
    assert template["Outputs"][f"{name}Target"]["Condition"] == f"Has{name}"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "https://api"),
        ({"HttpDomainName": "bot.example.com"}, "https://bot.example.com"),
        (
            {"HttpDomainName": "bot.example.com", "PublicBaseUrl": "https://tunnel.example"},
            "https://tunnel.example",
        ),
    ],
)
def test_addresses_follow_the_domain_and_a_given_address_wins(template, value, given, expected):
    def address(written):
        text = json.dumps(written)
        text = text.replace('{"Fn::GetAtt": ["HttpApi", "ApiEndpoint"]}', '"https://api"')
        name = given.get("HttpDomainName", "")
        text = text.replace('{"Fn::Sub": "https://${HttpDomainName}"}', f'"https://{name}"')
        return value(json.loads(text), given)

    outputs = template["Outputs"]
    assert address(outputs["HttpApiUrl"]["Value"]) == expected
    webhooks = [name for name in outputs if name.endswith("WebhookUrl")]
    assert len(webhooks) == 13
    for name in webhooks:
        assert address(outputs[name]["Value"]["Fn::Sub"][1]["Base"]) == expected
    environment = template["Globals"]["Function"]["Environment"]["Variables"]
    assert address(environment["PUBLIC_BASE_URL"]) == (expected if given else "")


def test_sockets_follow_their_domain(template):
    for name in ("WebSocketUrl", "SocketIoClient"):
        condition, own, _ = template["Outputs"][name]["Value"]["Fn::If"]
        assert condition == "HasSocketDomain"
        assert "${SocketDomainName}" in own["Fn::Sub"]
    page = template["Resources"]["WebchatFunction"]["Properties"]["Environment"]["Variables"]
    assert page["WEBSOCKET_URL"]["Fn::If"][:2] == [
        "HasSocketDomain",
        {"Fn::Sub": "wss://${SocketDomainName}"},
    ]


def test_domains_want_a_certificate_and_a_name_each(template, value):
    def refused(given):
        return {
            name
            for name, rule in template["Rules"].items()
            if holds(rule["RuleCondition"], given)
            and not all(holds(each["Assert"], given) for each in rule["Assertions"])
        }

    def holds(condition, given):
        if "Fn::And" in condition:
            return all(holds(each, given) for each in condition["Fn::And"])
        if "Fn::Not" in condition:
            return not holds(condition["Fn::Not"][0], given)
        return value(condition, given)

    one, other = {"HttpDomainName": "a.example"}, {"SocketDomainName": "b.example"}
    certificate = {"CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/1"}
    assert refused({}) == refused(one | certificate) == refused(one | other | certificate) == set()
    assert refused(one) == refused(other) == {"DomainsNeedACertificate"}
    same = {"HttpDomainName": "a.example", "SocketDomainName": "a.example"}
    assert refused(same | certificate) == {"OneDomainForEachApi"}
