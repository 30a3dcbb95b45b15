"""What holds for every function, parameter and output of template.yaml."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from channels.aws.sockets.polling_table import HOLD
from ops import ROOT

SECRET = re.compile(r"secret|token|password|key", re.IGNORECASE)
PARAMETER_NAME = "parameter/${AWS::StackName}/credentials/"


@pytest.fixture(scope="session")
def shared(template):
    return template["Globals"]["Function"]


def routes(function):
    events = list(function.get("Events", {}).values())
    assert all(event["Type"] == "HttpApi" for event in events)
    return {(event["Properties"]["Method"], event["Properties"]["Path"]) for event in events}


def statements(function):
    return [each for policy in function["Policies"] for each in policy.get("Statement", [])]


def test_functions_run_on_the_chosen_processor_with_the_layer(shared):
    assert shared["Runtime"] == "python3.13"
    assert shared["Architectures"] == [{"Ref": "Architecture"}]
    assert shared["Layers"] == [{"Ref": "ChannelsLayer"}]


def test_a_function_ends_before_api_gateway_gives_up(functions, shared):
    for function in functions.values():
        assert not routes(function) or 0 < function.get("Timeout", shared["Timeout"]) < 30


def test_no_secret_in_the_environment(functions, shared):
    environments = [shared, *functions.values()]
    variables = [each.get("Environment", {}).get("Variables", {}) for each in environments]
    assert {name for each in variables for name in each if SECRET.search(name)} == set()
    assert "resolve:" not in json.dumps(variables)
    assert shared["Environment"]["Variables"]["CREDENTIALS_PATH"] == {
        "Fn::Sub": "/${AWS::StackName}/credentials"
    }


def test_each_function_has_a_role_of_its_own_with_stated_rights(functions):
    for name, function in functions.items():
        assert "Role" not in function, name
        assert function["Policies"] or name == "WebchatFunction", name
        for statement in statements(function):
            assert statement["Effect"] == "Allow"
            assert not any("*" in action for action in statement["Action"]), name
            assert "*" not in statement["Resource"], name


def test_the_chat_page_may_do_nothing(functions):
    assert functions["WebchatFunction"]["Policies"] == []


def test_who_may_embed_the_chat_page(template):
    allowed = re.compile(template["Parameters"]["WebchatFrameAncestors"]["AllowedPattern"])
    for value in ("*", "'none'", "'self'", "https://a.example", "https://*.a.example 'self'"):
        assert allowed.search(value), value
    for value in ("", "*; script-src *", "a.example", "https://a.example;", "https://a  https://b"):
        assert not allowed.search(value), value


def test_a_channel_reads_its_own_credentials_and_the_agent_s(functions):
    [statement] = statements(functions["RestFunction"])
    assert statement["Action"] == ["ssm:GetParameter"]
    names = [resource["Fn::Sub"].partition(PARAMETER_NAME)[2] for resource in statement["Resource"]]
    assert sorted(names) == ["agent", "rest"]


def test_an_agent_is_given_no_more_than_its_memory_and_its_models(template):
    policies = {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::IAM::ManagedPolicy"
    }
    assert {name: each["Condition"] for name, each in policies.items()} == {
        "AgentMemoryPolicy": "HasAgent",
        "AgentModelsPolicy": "HasBedrockModels",
        "CapturePolicy": "CapturesEvents",
        "KeyPolicy": "HasKmsKey",
    }
    [memory], [models], _, _ = (
        each["Properties"]["PolicyDocument"]["Statement"] for each in policies.values()
    )
    assert memory["Action"] == ["dynamodb:GetItem", "dynamodb:PutItem"]
    assert memory["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["MEMORY#agent#*"]}
    }
    assert models["Action"] == ["bedrock:InvokeModelWithResponseStream"]
    assert models["Resource"] == {"Ref": "BedrockModelArns"}
    assert template["Parameters"]["BedrockModelArns"]["Default"] == ""


def test_webhooks_may_capture_events_and_no_more_only_where_it_is_switched_on(template, functions):
    assert template["Parameters"]["CaptureEvents"]["Default"] == "off"
    policy = template["Resources"]["CapturePolicy"]["Properties"]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "dynamodb:PutItem"
    assert statement["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["CAPTURE#*"]}
    }
    webhooks = {
        f"{name}Role"
        for name, function in functions.items()
        if any(path.startswith("/webhooks/") for _, path in routes(function))
    }
    assert {role["Ref"] for role in policy["Roles"]} == webhooks


def test_each_function_has_a_log_group_that_forgets(template, functions):
    for name, function in functions.items():
        group = template["Resources"][function["LoggingConfig"]["LogGroup"]["Ref"]]
        assert group["Type"] == "AWS::Logs::LogGroup", name
        assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert template["Parameters"]["LogRetentionDays"]["Default"] == 30


def test_logs_are_json_at_the_chosen_level(shared):
    assert shared["LoggingConfig"] == {
        "LogFormat": "JSON",
        "ApplicationLogLevel": {"Fn::If": ["LogsDebug", "DEBUG", "INFO"]},
    }


def test_rest_s_routes(functions):
    assert routes(functions["RestFunction"]) == {
        ("GET", "/webhooks/rest"),
        ("ANY", "/webhooks/rest/{proxy+}"),
    }


def test_custom_channels_have_the_routes_that_are_left_and_no_other_channel_s_credentials(
    functions,
):
    function = functions["CustomFunction"]
    assert routes(function) == {
        ("GET", "/webhooks/{channel}"),
        ("ANY", "/webhooks/{channel}/{proxy+}"),
    }
    [reads] = [each for each in statements(function) if each["Sid"] == "ReadCredentials"]
    names = [resource["Fn::Sub"].partition(PARAMETER_NAME)[2] for resource in reads["Resource"]]
    assert sorted(names) == ["agent", "custom/*"]


def test_no_route_ends_in_a_slash(functions):
    # API Gateway refuses such routes; it hands /webhooks/x/ to {proxy+}.
    for function in functions.values():
        assert not any(path.endswith("/") for _, path in routes(function))


def test_the_api_is_throttled_and_its_access_log_holds_no_query(template):
    api = template["Resources"]["HttpApi"]["Properties"]
    assert api["DefaultRouteSettings"] == {
        "ThrottlingRateLimit": {"Ref": "HttpRequestsPerSecond"},
        "ThrottlingBurstLimit": {"Ref": "HttpRequestBurst"},
    }
    for name in ("HttpRequestsPerSecond", "HttpRequestBurst"):
        assert template["Parameters"][name]["MinValue"] == 1
        assert template["Parameters"][name]["Default"] <= 400
    entry = json.loads(api["AccessLogSettings"]["Format"])
    assert {"requestId", "method", "path", "status"} <= entry.keys()
    assert "query" not in api["AccessLogSettings"]["Format"].lower()
    assert "$context.path" in entry.values()


def test_the_sockets_are_throttled_and_their_access_log_holds_no_query(template):
    api = template["Resources"]["SocketApi"]["Properties"]
    assert api["DefaultRouteSettings"] == {
        "ThrottlingRateLimit": {"Ref": "SocketFramesPerSecond"},
        "ThrottlingBurstLimit": {"Ref": "SocketFrameBurst"},
    }
    for name in ("SocketFramesPerSecond", "SocketFrameBurst"):
        assert template["Parameters"][name]["MinValue"] == 1
        assert template["Parameters"][name]["Default"] <= 1000
    assert api["RouteSettings"]["$connect"]["ThrottlingRateLimit"] > 0
    condition, settings, fallback = api["AccessLogSettings"]["Fn::If"]
    assert template["Conditions"][condition]
    assert fallback == {"Ref": "AWS::NoValue"}
    assert {"connection", "route", "status"} <= json.loads(settings["Format"]).keys()
    assert "query" not in settings["Format"].lower()


def test_the_sockets_routes(template, functions):
    routes = template["Resources"]["SocketApi"]["Properties"]["Routes"]
    assert {key: route["FunctionArn"]["Ref"] for key, route in routes.items()} == {
        "$connect": "SocketConnectFunction.Alias",
        "$default": "SocketDefaultFunction.Alias",
        "$disconnect": "SocketDisconnectFunction.Alias",
    }
    handlers = {functions[name].get("Handler") for name in functions if name.startswith("Socket")}
    assert handlers == {"app.connect", "app.default", "app.disconnect", "app.opener",
                        "app.keepalive", "app.polling", None}  # fmt: skip


def test_long_polling_s_routes(functions):
    function = functions["SocketPollingFunction"]
    assert routes(function) == {("ANY", "/socket.io"), ("ANY", "/socket.io/{proxy+}")}
    assert function.get("Timeout", 29) - 5 > HOLD, "a poll ends by itself"


def test_open_is_sent_at_most_once(functions):
    assert functions["SocketOpenerFunction"]["EventInvokeConfig"]["MaximumRetryAttempts"] == 0


def test_who_posts_to_connections_knows_the_stage(template, functions):
    stage = template["Resources"]["SocketApi"]["Properties"]["StageName"]
    posting = [
        function
        for function in functions.values()
        if any("execute-api" in str(each["Action"]) for each in statements(function))
    ]
    assert len(posting) == 5
    for function in posting:
        assert function["Environment"]["Variables"]["SOCKET_STAGE"] == stage
        [statement] = [e for e in statements(function) if "execute-api" in str(e["Action"])]
        assert f"${{SocketApi}}/{stage}/*/@connections/*" in statement["Resource"]["Fn::Sub"]
    assert f"/{stage}" in str(template["Outputs"]["WebSocketUrl"])
    assert f"/{stage}/" in str(template["Outputs"]["SocketIoClient"])


def test_cors_is_off_by_default(template):
    assert template["Parameters"]["CorsAllowOrigins"]["Default"] == ""
    condition, settings, fallback = template["Resources"]["HttpApi"]["Properties"][
        "CorsConfiguration"
    ]["Fn::If"]
    assert template["Conditions"][condition]
    assert settings["AllowOrigins"] == {"Fn::Split": [",", {"Ref": "CorsAllowOrigins"}]}
    assert fallback == {"Ref": "AWS::NoValue"}


@pytest.mark.parametrize("section", ["Parameters", "Outputs"])
def test_everything_a_user_sees_says_what_it_is_for(template, section):
    for name, entry in template[section].items():
        assert len(entry["Description"]) > 20, name


def test_every_parameter_has_a_default(template):
    assert all("Default" in parameter for parameter in template["Parameters"].values())
    assert template["Parameters"]["Architecture"]["Default"] == "arm64"


def test_no_resource_has_a_fixed_name(template):
    # A second stack in the same account would fail on it, and so would a replacement.
    for name, resource in template["Resources"].items():
        kind = resource["Type"].rpartition("::")[2]
        fixed = {"Name", f"{kind}Name", "LayerName", "LogGroupName"}
        for key in fixed & resource.get("Properties", {}).keys():
            assert resource["Properties"][key]["Ref"].endswith("DomainName"), name


def test_a_message_never_comes_back_while_its_worker_lives(template, functions):
    for mapping in template["Resources"].values():
        if mapping["Type"] != "AWS::Lambda::EventSourceMapping":
            continue
        function = functions[mapping["Properties"]["FunctionName"]["Ref"].removesuffix(".Alias")]
        queue_name = mapping["Properties"]["EventSourceArn"]["Fn::GetAtt"][0]
        queue = template["Resources"][queue_name]["Properties"]
        assert queue["VisibilityTimeout"] > function["Timeout"]
        assert mapping["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def queues(template):
    resources = template["Resources"].items()
    return {name: each for name, each in resources if each["Type"] == "AWS::SQS::Queue"}


#: Looks at connections: the one missed is followed by another, and a message cannot be lost.
WITHOUT_ORDER = {"SocketChecksQueue"}


def test_every_queue_keeps_order_and_has_dead_letters_that_raise_an_alarm(template):
    dead_letter_queues = set()
    for name, queue in queues(template).items():
        if name in WITHOUT_ORDER:
            continue
        properties = queue["Properties"]
        assert properties["FifoQueue"] is True
        assert properties["DeduplicationScope"] == "messageGroup"
        assert properties["FifoThroughputLimit"] == "perMessageGroupId"
        assert properties["MessageRetentionPeriod"] == 14 * 24 * 3600
        if name.endswith("DeadLetterQueue"):
            dead_letter_queues.add(name)
        else:
            target = properties["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
            assert target == name.replace("Queue", "DeadLetterQueue")
    alarmed = {
        dimension["Value"]["Fn::GetAtt"][0]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::CloudWatch::Alarm"
        for dimension in each["Properties"].get("Dimensions", [])
        if dimension["Name"] == "QueueName"
        and each["Properties"]["MetricName"] == "ApproximateNumberOfMessagesVisible"
    }
    assert dead_letter_queues == alarmed


def test_every_alarm_says_what_to_do_and_reaches_the_topic(template):
    for name, each in template["Resources"].items():
        if each["Type"] == "AWS::CloudWatch::Alarm":
            assert len(each["Properties"]["AlarmDescription"]) > 40, name
            assert each["Properties"]["AlarmActions"] == [{"Ref": "AlarmTopic"}], name


def test_every_function_has_an_alarm_for_its_errors(template, functions):
    alarmed = {
        each["Properties"]["Dimensions"][0]["Value"]["Ref"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::CloudWatch::Alarm" and each["Properties"]["MetricName"] == "Errors"
    }
    assert alarmed == set(functions)


def test_the_state_table_forgets_and_can_be_restored(template):
    table = template["Resources"]["StateTable"]["Properties"]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert template["Parameters"]["PointInTimeRecovery"]["Default"] == "on"


def test_no_loops(template):
    assert "Fn::ForEach" not in json.dumps(template)


def test_the_layer_is_compiled_for_the_chosen_processor(template):
    layer = template["Resources"]["ChannelsLayer"]
    assert layer["Metadata"] == {
        "BuildMethod": "makefile",
        "BuildArchitecture": {"Ref": "Architecture"},
        "WorkingDirectory": {"Fn::Sub": "layers/channels/wheels/${Architecture}"},
    }
    for architecture in template["Parameters"]["Architecture"]["AllowedValues"]:
        assert (ROOT / "layers" / "channels" / "wheels" / architecture / "platform").is_file()


@pytest.mark.parametrize(
    ("environment", "architecture"),
    [("default", "x86_64"), ("local", "x86_64"), ("dev", "arm64"), ("prod", "arm64")],
)
def test_what_is_built_is_what_is_deployed(environment, architecture):
    commands = tomllib.loads((ROOT / "samconfig.toml").read_text())[environment]
    shared = commands.pop("global")["parameters"]
    assert f"Architecture={architecture}" in shared["parameter_overrides"].split()
    assert commands.keys() == {"build", "validate", "deploy"}
    for command in commands.values():
        assert "parameter_overrides" not in command["parameters"]


def test_environments_give_parameters_of_the_template_and_values_that_it_takes(template):
    environments = tomllib.loads((ROOT / "samconfig.toml").read_text())
    environments.pop("version")
    for name, each in environments.items():
        for override in each["global"]["parameters"]["parameter_overrides"].split():
            parameter, _, value = override.partition("=")
            taken = template["Parameters"][parameter].get("AllowedValues", [value])
            assert value in map(str, taken), (name, parameter)
        assert f"environment={name}" in each["deploy"]["parameters"]["tags"].split()


def test_prod_is_asked_for_deployed_gradually_and_protected():
    prod = tomllib.loads((ROOT / "samconfig.toml").read_text())["prod"]
    assert prod["deploy"]["parameters"]["confirm_changeset"] is True
    overrides = prod["global"]["parameters"]["parameter_overrides"].split()
    assert {"Deployment=Canary10Percent5Minutes", "DeletionProtection=on"} <= set(overrides)


def test_environments_do_not_share_a_stack():
    environments = tomllib.loads((ROOT / "samconfig.toml").read_text())
    environments.pop("version")
    names = [each["global"]["parameters"]["stack_name"] for each in environments.values()]
    assert len(set(names)) == len(names) == 4
