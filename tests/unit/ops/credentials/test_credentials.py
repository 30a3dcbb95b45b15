import json

import boto3
import pytest
from moto import mock_aws

from ops.__main__ import main, parser
from ops.credentials import command as credentials
from ops.failure import Failure
from ops.output import Output

SECRET = "s3cret-token-of-the-rest-channel"


@pytest.fixture
def aws(monkeypatch, tmp_path):
    """A moto AWS account and an empty working folder without a local stack."""
    for name in ("CREDENTIALS", "LOCAL_DIR", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.chdir(tmp_path)
    with mock_aws():
        yield tmp_path


def write(folder, text, name="credentials.yml"):
    (folder / name).write_text(text)
    return folder / name


def answer(capsys):
    return json.loads(capsys.readouterr().out)


def test_push_list_and_prune(aws, capsys):
    file = write(aws, f"rest:\n  token: {SECRET}\nagent:\n  token: {SECRET}\n")
    on_aws = ["--stack-name", "chat", "--json"]

    assert main(["credentials", "push", *on_aws]) == 0
    assert answer(capsys)["written"] == ["rest", "agent"]

    assert main(["credentials", "list", *on_aws]) == 0
    listed = answer(capsys)
    assert listed["stack_name"] == "chat"
    assert {each["channel"]: each["keys"] for each in listed["channels"]} == {
        "agent": ["token"],
        "rest": ["token"],
    }

    file.write_text("rest:\n")
    assert main(["credentials", "push", str(file), "--prune", *on_aws]) == 0
    assert answer(capsys) == {
        "stack_name": "chat",
        "written": ["rest"],
        "unchanged": [],
        "removed": ["agent"],
        "absent": [],
    }


def test_values_are_never_shown(aws, capsys):
    write(aws, f"rest:\n  token: {SECRET}\n")
    for command in ("push", "list"):
        assert main(["credentials", command, "--stack-name", "chat"]) == 0
    assert main(["credentials", "check", "credentials.yml"]) == 0
    shown = capsys.readouterr()
    assert "rest" in shown.out
    assert SECRET not in shown.out + shown.err


def test_people_are_told_what_is_kept_and_when_it_counts(aws, capsys):
    write(aws, "rest:\nagent:\n")
    assert main(["credentials", "push", "--stack-name", "chat"]) == 0
    write(aws, "rest:\n")
    capsys.readouterr()
    assert main(["credentials", "push", "--stack-name", "chat"]) == 0
    said = capsys.readouterr().out
    assert "kept on the stack: agent (--prune)" in said
    assert "within 5 minutes" in said


def test_a_stack_without_credentials_says_how_to_push_some(aws, capsys):
    assert main(["credentials", "list", "--stack-name", "chat"]) == 0
    assert "ops credentials push" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("rest: [1]", "must be a mapping"),
        ("rest: {", "not valid YAML"),
        ("slak:\n  token: x\n", "slak"),
        (f"rest:\n  token: {SECRET}\n  jwt_method: HS256\n  jwt_key: 5\n", "rest"),
        (f"rest:\n  tokn: {SECRET}\n", "did you mean 'token'?"),
        (f"rest:\nconversations_api:\n  Token: {SECRET}\n", "did you mean 'token'?"),
        (f"rest:\nagent:\n  remote_tokn: {SECRET}\n", "did you mean 'remote_token'?"),
    ],
)
def test_a_file_that_does_not_work_is_not_pushed(aws, capsys, text, cause):
    write(aws, text)
    assert main(["credentials", "push", "--stack-name", "chat", "--json"]) == 1
    refused = answer(capsys)
    assert cause in json.dumps(refused)
    assert SECRET not in json.dumps(refused)
    assert main(["credentials", "list", "--stack-name", "chat", "--json"]) == 0
    assert answer(capsys)["channels"] == []


def test_check_names_each_section_that_does_not_work(aws, capsys):
    write(aws, "rest:\nslak:\n")
    assert main(["credentials", "check", "credentials.yml", "--json"]) == 1
    assert [each["section"] for each in answer(capsys)["problems"]] == ["slak"]


def test_check_warns_of_unsigned_requests(aws, capsys):
    write(aws, "telegram:\n  access_token: '42:made-up'\n  allow_unsigned: true\n")
    assert main(["credentials", "check", "credentials.yml"]) == 0
    assert "telegram: allow_unsigned" in capsys.readouterr().out


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
@pytest.mark.parametrize(
    "command", [["check", "credentials.yml"], ["push", "--stack-name", "chat"]]
)
def test_a_file_that_others_can_read_is_warned_of(aws, capsys, command, mode):
    file = write(aws, "rest:\n")
    file.chmod(mode)
    assert main(["credentials", *command]) == 0
    assert "chmod 600 credentials.yml" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command", [["check", "credentials.yml"], ["push", "--stack-name", "chat"]]
)
def test_a_file_of_its_owner_s_alone_is_not(aws, capsys, command):
    write(aws, "rest:\n").chmod(0o600)
    assert main(["credentials", *command]) == 0
    assert "chmod" not in capsys.readouterr().out


def test_without_a_local_stack_a_name_is_needed(aws, capsys):
    assert main(["credentials", "list"]) == 1
    assert "--stack-name" in capsys.readouterr().err
    assert main(["credentials", "list", "--region", "eu-west-1"]) == 1
    assert "--stack-name" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "variable", "expected"),
    [
        (["mine.yml"], None, "mine.yml"),
        (["mine.yml"], "theirs.yml", "mine.yml"),
        ([], "theirs.yml", "theirs.yml"),
        ([], None, "credentials.yml"),
    ],
)
@pytest.mark.parametrize("stack", [[], ["--stack-name", "chat"]])
def test_which_file_is_pushed(aws, monkeypatch, stack, arguments, variable, expected):
    write(aws, "rest:\n")
    if variable:
        monkeypatch.setenv("CREDENTIALS", variable)
    args = parser().parse_args(["credentials", "push", *stack, *arguments])
    assert str(credentials.chosen_file(args, Output())) == expected


def test_check_takes_the_local_stack_s_former_file_and_says_so(aws, capsys):
    write(aws, "rest:\n", "credentials.local.yml")
    assert main(["credentials", "check"]) == 0
    assert "credentials.local.yml: the default is credentials.yml now" in capsys.readouterr().out


def test_what_was_meant_for_this_machine_is_not_pushed_to_aws_unasked(aws, capsys):
    write(aws, "rest:\n", "credentials.local.yml")
    assert main(["credentials", "push", "--stack-name", "chat"]) == 1
    assert "There is no credentials.yml here" in capsys.readouterr().err


def test_the_example_s_channels_that_need_no_secret_are_rest_and_socketio():
    assert credentials.safe_subset() == {"rest": {}, "socketio": {"session_persistence": True}}


@pytest.mark.parametrize(
    "section",
    [
        "slack:\n  slack_token: xoxb-...\n",  # cannot be made
        "slack:\n  slack_token: xoxb-...\n  slack_signing_secret: '...'\n",  # can, of a secret
        "callback:\n  url: https://example.com/bot\n",  # can, of what only its user knows
        "botframework:\n  allow_unsigned: true\n",  # can, without the proof it needs
        "socketio:\n  session_persistence: 5\n",
        "conversations_api:\n  token: '...'\n",
        "agent:\n  token: '...'\n",
        "addons.my_channel.MyChannel:\n",
    ],
)
def test_what_does_not_work_as_it_is_is_left_out(tmp_path, section):
    example = write(tmp_path, f"rest:\n{section}")
    assert credentials.safe_subset(example) == {"rest": {}}


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(Failure, match=r"none\.yml"):
        credentials.checked(tmp_path / "none.yml")


def test_what_registration_makes_may_be_missing(aws, capsys):
    write(aws, "telegram:\n  access_token: '42:made-up'\n")
    assert main(["credentials", "check", "credentials.yml"]) == 0
    assert "works after: python -m ops register telegram" in capsys.readouterr().out
    assert main(["credentials", "check", "credentials.yml", "--json"]) == 0
    assert answer(capsys)["unregistered"] == ["telegram"]
    assert main(["credentials", "push", "--stack-name", "chat", "--json"]) == 0
    pushed = capsys.readouterr()
    assert json.loads(pushed.out)["written"] == ["telegram"]
    assert "telegram works after: python -m ops register telegram" in pushed.err


#: Ten sections that work but for a misspelt key each.
TYPOS = f"""
rest: {{tokn: {SECRET}}}
socketio: {{jwt-key: {SECRET}}}
callback: {{url: "https://example.com/bot", signing_secrt: {SECRET}}}
slack: {{slack_tokn: {SECRET}}}
telegram: {{acces_token: {SECRET}}}
facebook: {{secret: s, page_access_token: {SECRET}}}
twilio: {{account_sid: AC1, auth_tokn: {SECRET}, twilio_number: "+15005550010"}}
webexteams: {{access_token: t, webhook_secrets: {SECRET}}}
agent: {{remote_tokn: {SECRET}}}
conversations_api: {{Token: {SECRET}}}
"""
FOUND = [
    ("rest", "tokn", "token"),
    ("socketio", "jwt-key", "jwt_key"),
    ("callback", "signing_secrt", "signing_secret"),
    ("slack", "slack_tokn", "slack_token"),
    ("telegram", "acces_token", "access_token"),
    ("facebook", "page_access_token", "page-access-token"),
    ("twilio", "auth_tokn", "auth_token"),
    ("webexteams", "webhook_secrets", "webhook_secret"),
    ("agent", "remote_tokn", "remote_token"),
    ("conversations_api", "Token", "token"),
]


def test_ten_typos_are_ten_findings_with_ten_hints_for_people(aws, capsys):
    write(aws, TYPOS)
    assert main(["credentials", "check", "credentials.yml"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("is not a setting") == len(FOUND)
    for section, key, meant in FOUND:
        assert f"{section} '{key}' is not a setting: did you mean '{meant}'?" in said
    assert "works" not in said
    assert SECRET not in said


def test_ten_typos_are_ten_findings_with_ten_hints_for_scripts(aws, capsys):
    write(aws, TYPOS)
    assert main(["credentials", "check", "credentials.yml", "--json"]) == 1
    said = answer(capsys)
    assert [(each["section"], each["key"], each["nearest"]) for each in said["problems"]] == FOUND
    assert said["unregistered"] == []
    assert SECRET not in json.dumps(said)


def test_a_push_tells_of_all_typos_and_writes_nothing(aws, capsys):
    write(aws, f"{TYPOS}hangouts: {{project_id: '1'}}\n")
    assert main(["credentials", "push", "--stack-name", "chat", "--json"]) == 1
    refused = answer(capsys)
    assert len(refused["details"]) == len(FOUND)
    assert "hangouts" not in refused["error"]
    assert SECRET not in json.dumps(refused)
    assert main(["credentials", "list", "--stack-name", "chat", "--json"]) == 0
    assert answer(capsys)["channels"] == []


def test_several_unknown_keys_of_one_section_are_all_told(aws, capsys):
    write(aws, "rest: {tokn: x, jwt-key: y}\n")
    assert main(["credentials", "check", "credentials.yml"]) == 1
    said = capsys.readouterr().out
    assert said.count("is not a setting") == said.count("did you mean") == 2


def test_settings_without_effect_are_named_and_no_fault(aws, capsys):
    write(
        aws,
        "slack: {slack_token: xoxb-1, slack_signing_secret: s, errors_ignore_retry: []}\n"
        "socketio: {socketio_path: /socket.io}\n",
    )
    assert main(["credentials", "check", "credentials.yml"]) == 0
    said = capsys.readouterr().out
    assert "slack: 'errors_ignore_retry' has no effect here: an event that Slack" in said
    assert main(["credentials", "check", "credentials.yml", "--json"]) == 0
    assert answer(capsys)["without_effect"] == [
        {"section": "slack", "key": "errors_ignore_retry"},
        {"section": "socketio", "key": "socketio_path"},
    ]


def test_the_fault_is_told_and_not_what_registration_makes(aws, capsys):
    write(aws, "telegram: {access_token: '42:made-up', parse_mode: markdown}\n")
    assert main(["credentials", "check", "credentials.yml", "--json"]) == 1
    [found] = answer(capsys)["problems"]
    assert "'parse_mode' must be one of" in found["what"]


OWN_AGENT = "rest:\nagent: {city: Bonn}\n"


def test_an_agent_of_ones_own_has_keys_of_its_own_where_it_is_named(aws, monkeypatch, capsys):
    file = write(aws, OWN_AGENT)
    assert main(["credentials", "check", "credentials.yml"]) == 1
    assert "Agent=addons.my_agent:MyAgent" in capsys.readouterr().out
    with pytest.raises(Failure, match="agent") as refused:
        credentials.checked(file)
    assert "Agent=addons.my_agent:MyAgent" in refused.value.mend
    monkeypatch.setenv("PARAMETERS", "Agent=addons.city_agent:CityAgent")
    assert main(["credentials", "check", "credentials.yml"]) == 0
    assert credentials.checked(file)["agent"] == {"city": "Bonn"}
    monkeypatch.setenv("PARAMETERS", "Agent=channels.aws.bedrock_agent:BedrockAgent")
    assert main(["credentials", "check", "credentials.yml"]) == 1


TEMPLATE = json.dumps(
    {
        "Parameters": {"Agent": {"Type": "String", "Default": ""}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    }
)


@pytest.mark.parametrize(
    ("agent", "status"),
    [("addons.city_agent:CityAgent", 0), ("channels.aws.bedrock_agent:BedrockAgent", 1), ("", 1)],
)
def test_a_push_asks_the_stack_whose_agent_it_has(aws, monkeypatch, capsys, agent, status):
    monkeypatch.setenv("PARAMETERS", "Agent=addons.of_the_local_stack:Agent")
    write(aws, OWN_AGENT)
    client = boto3.client("cloudformation")
    given = [{"ParameterKey": "Agent", "ParameterValue": agent}]
    client.create_stack(StackName="chat", TemplateBody=TEMPLATE, Parameters=given)
    assert main(["credentials", "push", "--stack-name", "chat"]) == status
    assert ("'city' is not a setting" in capsys.readouterr().err) == bool(status)


def test_a_push_before_the_deployment_asks_the_environment(aws, monkeypatch, capsys):
    write(aws, OWN_AGENT)
    assert main(["credentials", "push", "--stack-name", "chat"]) == 1
    assert "the stack's parameter Agent names it" in capsys.readouterr().err
    monkeypatch.setenv("PARAMETERS", "Agent=addons.city_agent:CityAgent")
    assert main(["credentials", "push", "--stack-name", "chat"]) == 0


CHAT = "channels.agents.chat_completions:ChatCompletionsAgent"
BEDROCK = "channels.aws.bedrock_agent:BedrockAgent"


@pytest.mark.parametrize(
    ("agent", "section", "told"),
    [
        ("", "{timeout: abc, headers: 5}", "'headers' must be a mapping"),
        ("", "{timeout: abc}", "'timeout' must be a number of seconds"),
        ("", "{token: 83}", "'token' must be a string: put it in quotes"),
        ("", "{remote_token: 83}", "'remote_token' must be a string: put it in quotes"),
        ("", "{remote: 'no'}", "'remote' must be true or false"),
        ("", "{cafile: 5}", "'cafile' must be a string"),
        ("", "{cafile: /opt/certificates.pem}", None),
        ("", "{model: m, temperature: hot}", None),  # another agent's
        (CHAT, "{api_key: k}", "'model' is needed"),
        (CHAT, "{model: m, temperature: hot}", "'temperature' must be a number"),
        (CHAT, "{model: m, api_key: 83}", "'api_key' must be a string: put it in quotes"),
        (CHAT, "{model: m, base_url: example.com}", "'base_url' must begin with http"),
        (CHAT, "{model: m, remote_token: 5}", None),
        (BEDROCK, "{region: eu-west-1}", "'model' is needed"),
        (BEDROCK, "{model: m, region: 5}", "'region' must be a string: put it in quotes"),
        (BEDROCK, "{model: m}", None),
        ("addons.city_agent:CityAgent", "{timeout: abc}", None),
    ],
)
def test_the_settings_of_the_agent_that_a_stack_uses_are_checked(
    aws, monkeypatch, agent, section, told
):
    file = write(aws, f"rest:\nagent: {section}\n")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    if told is None:
        assert credentials.checked(file, {"Agent": agent})["rest"] == {}
        return
    with pytest.raises(Failure, match="do not work: agent") as refused:
        credentials.checked(file, {"Agent": agent})
    assert refused.value.details[0].startswith(f"agent: {told}")


def test_a_misspelt_setting_of_the_agent_is_not_missing_too(aws):
    file = write(aws, "agent: {modl: m}\n")
    with pytest.raises(Failure) as refused:
        credentials.checked(file, {"Agent": CHAT})
    [told] = refused.value.details
    assert "did you mean 'model'?" in told


def test_check_tells_of_agent_and_conversations_api_in_the_order_of_the_file(aws, capsys):
    write(aws, "agent: {timeout: abc}\nconversations_api:\nslack:\n")
    assert main(["credentials", "check", "credentials.yml", "--json"]) == 1
    found = answer(capsys)["problems"]
    assert [each["section"] for each in found] == ["agent", "conversations_api", "slack"]
    assert "docs/conversations-api.md" in found[1]["what"]


def test_a_bad_value_is_one_line_and_no_trace(aws, capsys):
    write(aws, f"rest:\n  token: 2024-13-45\nslack:\n  slack_token: !{SECRET}\n")
    assert main(["credentials", "check", "credentials.yml", "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["error"] == (
        "credentials.yml: line 2: 'token' is a date to YAML: put it in quotes"
    )
    assert SECRET not in said.out + said.err
