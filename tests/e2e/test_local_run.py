"""`make up`, `make down` and what stands between them, on real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict
from urllib.parse import urljoin

import psutil
import pytest
import requests
import yaml
from boto3.session import Session
from botocore.exceptions import ClientError
from websockets.exceptions import InvalidStatus

from ops import ROOT
from ops.credentials.parameter_store import ParameterStore
from ops.diagnosis.socket_probes import origin_of
from ops.emulator import ministack
from ops.emulator.processes import ProcessRecord
from ops.stack.aws import local_stack
from tests.channels.telegram.administration import TelegramAdministration
from tests.e2e.conftest import free_port
from tests.e2e.platforms.socket_clients import PollingClient
from tests.e2e.sockets.raw_client import Raw
from tests.servers.recording_server import recording_server

TOKEN = "a-token-for-the-tests-of-the-local-run"
SLACK = {"slack_token": "xoxb-made-up", "slack_signing_secret": "s" * 32}
NOBODY = f"http://127.0.0.1:{free_port()}"


def listeners(pid):
    connections = psutil.Process(pid).net_connections("inet")
    return {each.laddr for each in connections if each.status == psutil.CONN_LISTEN}


def ministack_pid(local_dir):
    record = ProcessRecord.read(local_dir / "ministack.json")
    return record.pid if record else None


def is_alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def say_hi(stack, **options):
    url = f"{stack.http_url}/webhooks/rest/webhook"
    return requests.post(url, json={"sender": "me", "message": "hi"}, timeout=30, **options)


def log_level(stack):
    """What the environment of a webhook says, which locally its routes lead to."""
    client = local_stack(stack.stack_name, stack.endpoint_url).session.client(
        "lambda", endpoint_url=stack.endpoint_url
    )
    found = client.get_function_configuration(FunctionName=stack.resources["SlackFunction"])
    return found["Environment"]["Variables"]["LOG_LEVEL"]


def sections_of(stack):
    """The credentials that the stack has, with their values."""
    return ParameterStore(local_stack(stack.stack_name, stack.endpoint_url)).credentials()


@pytest.fixture(scope="module")
def second_run(new_local_run):
    return new_local_run()


@pytest.fixture(scope="module")
def second_stack(stack, second_run):
    """Another stack, up while the session's is."""
    return second_run.up()


@pytest.mark.parametrize("path", ["/webhooks/rest", "/webhooks/rest/"])
def test_health(stack, path):
    response = requests.get(stack.http_url + path, timeout=30)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_a_message_is_answered(stack):
    response = say_hi(stack)
    assert response.status_code == 200
    [message] = response.json()
    assert message["recipient_id"] == "me"
    assert message["text"]
    assert [button["payload"] for button in message["buttons"]]


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_chat_page_is_served_with_all_its_files(stack, slash):
    page = requests.get(stack.webchat_url + slash, timeout=30)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self'" in page.headers["content-security-policy"]
    files = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert files
    for name in files:
        assert requests.get(urljoin(page.url, name), timeout=30).status_code == 200, name


def test_a_socket_io_client_is_answered_without_a_credentials_file(stack):
    with ExitStack() as exits:
        client = Raw.open(exits, stack, origin=origin_of(stack.webchat_url))
        client.join("of-the-first-hour")
        client.emit("user_uttered", {"message": "hi", "session_id": "of-the-first-hour"})
        name, said = client.event()
        assert name == "bot_uttered"
        assert said["text"] == "Hey! How are you?"


@pytest.mark.parametrize("address", ["socketio_url", "http_url"])
def test_a_long_polling_client_is_let_in_without_a_credentials_file(stack, address):
    assert PollingClient(getattr(stack, address)).pid


def test_the_chat_page_leads_to_the_stack_s_sockets(stack):
    page = requests.get(stack.webchat_url, timeout=30).text
    assert f'data-websocket-url="{stack.websocket_url}"' in page


def test_doctor_is_let_in_too(stack, local_run):
    done = local_run.ops("doctor", "--json")
    findings = json.loads(done.stdout)["findings"]
    assert (done.returncode, {each["level"] for each in findings}) == (0, {"ok"})
    told = [each["what"] for each in findings if each["subject"] == "socketio"]
    for url in (stack.websocket_url, f"{stack.socketio_url}/socket.io/", stack.webchat_url):
        assert any(what.endswith(f" at {url}") for what in told), told


def test_only_the_template_s_paths_are_routed(stack):
    response = requests.get(f"{stack.http_url}/webhooks/other", timeout=30)
    assert response.status_code == 404


def test_cors_is_off_without_the_parameter(stack):
    preflight = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    url = f"{stack.http_url}/webhooks/rest/webhook"
    response = requests.options(url, headers=preflight, timeout=30)
    assert "access-control-allow-origin" not in response.headers


def test_stack_json_says_where_everything_is(stack, local_run):
    written = json.loads((local_run.local_dir / "stack.json").read_text())
    assert written == asdict(stack)
    assert list(written) == [
        "http_url",
        "websocket_url",
        "socketio_url",
        "endpoint_url",
        "stack_name",
        "webchat_url",
        "resources",
    ]
    assert written["endpoint_url"] == f"http://127.0.0.1:{local_run.port}"
    assert written["http_url"].startswith(written["endpoint_url"])
    assert {"HttpApi", "RestFunction"} <= written["resources"].keys()


def test_nothing_listens_beyond_this_machine(stack, local_run):
    say_hi(stack)
    addresses = {each.ip for process in local_run.processes() for each in listeners(process.pid)}
    assert addresses == {"127.0.0.1"}


def test_functions_run_without_the_user_s_environment(stack, local_run):
    say_hi(stack)
    functions = psutil.Process(ministack_pid(local_run.local_dir)).children(recursive=True)
    assert functions
    for function in functions:
        environment = function.environ()
        assert "LOCAL_DIR" not in environment
        assert environment["HOME"] == str(local_run.local_dir / "home")


def test_a_function_has_the_rights_of_its_role_and_no_others(stack, local_run):
    say_hi(stack)
    rest = stack.resources["RestFunction"]
    environment = next(
        process.environ()
        for process in psutil.Process(ministack_pid(local_run.local_dir)).children(recursive=True)
        if process.environ().get("AWS_LAMBDA_FUNCTION_NAME") == rest
    )
    key, token = environment["AWS_ACCESS_KEY_ID"], environment["AWS_SESSION_TOKEN"]
    session = Session(key, environment["AWS_SECRET_ACCESS_KEY"], token, region_name="us-east-1")
    forged = Session(key, "another secret", token, region_name="us-east-1")
    own = f"/{stack.stack_name}/credentials/rest"
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        forged.client("ssm", endpoint_url=stack.endpoint_url).get_parameter(Name=own)
    ssm = session.client("ssm", endpoint_url=stack.endpoint_url)
    assert ssm.get_parameter(Name=own)["Parameter"]["Name"] == own
    with pytest.raises(ClientError, match="AccessDenied"):
        ssm.get_parameter(Name=own.replace("rest", "slack"))
    sqs = session.client("sqs", endpoint_url=stack.endpoint_url)
    with pytest.raises(ClientError, match="AccessDenied"):
        sqs.send_message(
            QueueUrl=stack.resources["InboxQueue"],
            MessageBody="{}",
            MessageGroupId="g",
            MessageDeduplicationId="d",
        )


def test_a_request_without_a_known_key_is_refused_as_on_aws(stack):
    queues = {"Action": "ListQueues", "Version": "2012-11-05"}
    headers = {"origin": "https://evil.example"}
    answer = requests.post(stack.endpoint_url, data=queues, headers=headers, timeout=30)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    stranger = Session("AKIAMADEUP0000000000", "a secret", region_name="us-east-1")
    with pytest.raises(ClientError, match="security token included in the request is invalid"):
        stranger.client("sqs", endpoint_url=stack.endpoint_url).list_queues()


def test_a_requirement_missing_from_the_layer_is_missing_here():
    hidden = "import importlib.util as u; print([n for n in ('jwt', 'requests') if u.find_spec(n)])"
    command = [str(ministack.PYTHON), "-c", hidden]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"


def test_a_port_that_is_taken_is_refused_with_its_holder(stack, local_run, bare_local_run):
    other = bare_local_run()
    done = other.ops("up", PORT=str(local_run.port))
    assert done.returncode == 1
    assert f"Port {local_run.port} is taken by process {ministack_pid(local_run.local_dir)}" in (
        done.stderr
    )
    assert "PORT=" in done.stderr
    assert other.processes() == []


def test_a_running_stack_does_not_move_to_another_port(stack, local_run, bare_local_run):
    done = local_run.ops("up", PORT=str(bare_local_run().port))
    assert done.returncode == 1
    assert f"runs on port {local_run.port}" in done.stderr
    assert requests.get(f"{stack.http_url}/webhooks/rest", timeout=30).ok


def test_a_failed_deployment_says_why_and_leaves_nothing(new_local_run):
    run = new_local_run()
    done = run.ops("up", "--json", PARAMETERS="LogLevel=LOUD")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["error"] == "`sam deploy` failed"
    assert "LOUD" in answer["details"][-1]
    assert run.processes() == []
    assert not (run.local_dir / "stack.json").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_start_leaves_nothing(bare_local_run, number):
    run = bare_local_run()
    command = [sys.executable, "-m", "ops", "up"]
    with subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, env=run.environment(), stderr=subprocess.PIPE, text=True
    ) as process:
        while not (run.local_dir / "build.log").exists():
            assert process.poll() is None
            time.sleep(0.05)
        os.kill(process.pid, number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Interrupted" in errors
    assert run.processes() == []


def test_two_stacks_side_by_side(stack, second_stack, local_run, second_run):
    assert second_stack.http_url != stack.http_url
    assert say_hi(second_stack).status_code == say_hi(stack).status_code == 200
    assert ministack_pid(second_run.local_dir) != ministack_pid(local_run.local_dir)


def test_up_again_keeps_the_url_and_takes_credentials_and_parameters(
    second_stack, second_run, tmp_path
):
    assert say_hi(second_stack).status_code == 200
    credentials = tmp_path / "credentials.yml"
    credentials.write_text(f"rest:\n  token: {TOKEN}\n")
    pid = ministack_pid(second_run.local_dir)
    assert log_level(second_stack) == "INFO"

    again = second_run.up(
        CREDENTIALS=str(credentials),
        PARAMETERS="CorsAllowOrigins=https://a.example,https://b.example LogLevel=WARN",
    )

    assert again.http_url == second_stack.http_url
    assert ministack_pid(second_run.local_dir) == pid
    assert say_hi(again).status_code == 401
    assert say_hi(again, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    preflight = {"Origin": "https://b.example", "Access-Control-Request-Method": "POST"}
    url = f"{again.http_url}/webhooks/rest/webhook"
    allowed = requests.options(url, headers=preflight, timeout=30).headers
    assert allowed["access-control-allow-origin"] == "https://b.example"
    assert log_level(again) == "WARN"


def test_credentials_of_a_running_stack(second_stack, second_run, tmp_path):
    credentials = tmp_path / "credentials.yml"
    credentials.write_text(f"rest:\n  token: {TOKEN}\nagent:\n  token: {TOKEN}\n")

    pushed = second_run.ops("credentials", "push", str(credentials))
    listed = second_run.ops("credentials", "list", "--json")

    assert pushed.returncode == 0, pushed.stderr
    channels = json.loads(listed.stdout)["channels"]
    assert [(each["channel"], each["keys"]) for each in channels] == [
        ("agent", ["token"]),
        ("rest", ["token"]),
        ("socketio", ["session_persistence"]),
    ]
    assert say_hi(second_stack).status_code == 401
    assert TOKEN not in pushed.stdout + pushed.stderr + listed.stdout + listed.stderr


def test_up_without_settings_takes_nothing_away(second_stack, second_run, tmp_path):
    telegram = TelegramAdministration("42:made-up", takes_http=True)
    with recording_server(telegram.answer) as server:
        section = {"access_token": telegram.token, "api_base": server.url}
        credentials = tmp_path / "credentials.yml"
        credentials.write_text(yaml.safe_dump({"rest": {"token": TOKEN}, "telegram": section}))
        for command in (("credentials", "push", str(credentials)), ("register", "telegram")):
            done = second_run.ops(*command)
            assert done.returncode == 0, done.stdout + done.stderr
    before = sections_of(second_stack)
    assert set(before) == {"agent", "rest", "socketio", "telegram"}
    assert before["telegram"] == {**section, "secret_token": telegram.secret}

    done = second_run.ops("up")

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Credentials of {credentials} (the file that it was given before)" in done.stdout
    assert "kept on the stack: agent, socketio (PRUNE=1 removes them)" in done.stdout
    assert telegram.secret not in done.stdout + done.stderr
    assert sections_of(second_stack) == before
    assert say_hi(second_stack).status_code == 401
    assert log_level(second_stack) == "WARN"


@pytest.fixture(scope="module")
def foreground(second_stack, second_run, tmp_path_factory):
    """`ops run` on the second stack with one channel's credentials and an agent that is not there.

    The process, and what it has said until the logs follow.
    """
    credentials = tmp_path_factory.mktemp("one-channel") / "credentials.yml"
    credentials.write_text(yaml.safe_dump({"slack": SLACK}))
    variables = {"CREDENTIALS": str(credentials), "PRUNE": "1", "PARAMETERS": f"RasaUrl={NOBODY}"}
    with subprocess.Popen(
        [sys.executable, "-m", "ops", "run"],
        cwd=ROOT,
        env=second_run.environment(**variables),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Logs of its functions"):
                break
        yield process, "".join(said)
        process.kill()


def test_one_channel_s_credentials_say_what_is_off(foreground, second_stack):
    _, said = foreground
    assert "removed: agent, rest, socketio, telegram" in said
    assert sections_of(second_stack) == {"slack": SLACK}
    assert "sockets and the chat page are off" in said
    assert "Add `socketio: {session_persistence: true}`" in said
    assert second_stack.websocket_url not in said
    assert second_stack.webchat_url not in said
    with ExitStack() as exits, pytest.raises(InvalidStatus, match="HTTP 403"):
        Raw.open(exits, second_stack)


def test_doctor_says_what_is_off_and_that_the_agent_cannot_be_reached(foreground, second_run):
    done = second_run.ops("doctor", "--json")
    assert done.returncode == 1
    findings = {each["subject"]: each for each in json.loads(done.stdout)["findings"]}
    assert findings["socketio"]["level"] == "warning"
    assert "the stack has no credentials of 'socketio'" in findings["socketio"]["what"]
    assert "credentials push" in findings["socketio"]["mend"]
    assert findings["agent"]["level"] == "error"
    assert f"Rasa at {NOBODY} cannot be reached" in findings["agent"]["what"]
    assert "RasaUrl" in findings["agent"]["mend"]


def test_run_shows_what_functions_log_until_ctrl_c(foreground, second_stack, second_run):
    process, _ = foreground
    url = f"{second_stack.http_url}/webhooks/slack/webhook"
    assert requests.post(url, data="{", timeout=30).status_code == 401
    assert "401" in next(line for line in process.stdout if line.startswith("SlackFunction: "))
    os.kill(process.pid, signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "The local stack is down." in rest
    assert second_run.processes() == []


def test_down_ends_every_process_and_frees_the_port(stack, local_run):
    requests.get(f"{stack.http_url}/webhooks/rest", timeout=30)
    running = local_run.processes()
    assert len(running) > 1  # MiniStack and a function

    assert local_run.down() == {"was_running": True}

    assert local_run.processes() == []
    assert not any(map(is_alive, running))
    with pytest.raises(requests.ConnectionError):
        requests.get(stack.http_url, timeout=5)
    assert not (local_run.local_dir / "stack.json").exists()
    assert not (local_run.local_dir / "tmp").exists()
    assert local_run.down() == {"was_running": False}
