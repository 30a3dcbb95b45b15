"""`ops up`: the stack on this machine, deployed from the unchanged template.

MiniStack stands in for AWS; SAM builds and deploys as it does to AWS.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import requests

from ops.credentials.chosen_file import remembered
from ops.emulator import ministack
from ops.emulator.processes import last_lines
from ops.failure import Failure
from ops.local import credentials as local_credentials
from ops.local import front_process, preflight, sam
from ops.local.announcement import announce
from ops.local.gaps.aliases import lead_integrations_to_functions, lead_to_functions
from ops.local.gaps.model_rights import allow_converse_stream
from ops.local.gaps.pollers import add_companions, fifo_mappings
from ops.local.gaps.routes import cors_of, create_routes, routes_of, set_cors
from ops.local.lock import locked
from ops.output import JSON_OPTION, Output
from ops.settings import LocalSettings
from ops.stack import stack_file
from ops.stack.aws import STACK_NAME, Stack, local_stack
from ops.stack.deployment import Deployment, describe, function_arns
from ops.stack.site import parameters_if_deployed
from ops.stack.stack_file import StackFile

_API = "HttpApi"
_SOCKET_API = "SocketApi"
_MODELS_POLICY = "AgentModelsPolicy"
_HEALTH = "/webhooks/rest"
_READY_WITHIN = 30.0  # seconds


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `up`."""
    parser = subparsers.add_parser(
        "up",
        parents=[JSON_OPTION],
        help="bring up the local stack, or bring it up to date",
        description="PORT, LOCAL_DIR, CREDENTIALS, PARAMETERS and PRUNE are environment variables. "
        "A running stack remembers its credentials file and its parameters, and keeps what the "
        "file lacks: sections, and secrets that `ops register` made. PRUNE=1 removes the sections.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Bring the stack up and say where it is."""
    output = Output(args.json)
    announce(bring_up(LocalSettings.from_environment(), output), output)
    output.say("Stop it: make down.")
    return 0


def bring_up(settings: LocalSettings, output: Output) -> StackFile:
    """Start, build, deploy and wait until the stack answers.

    On a running stack it deploys what has changed. Raises Failure; a MiniStack that it started has
    ended then. One of them runs at a time in a folder.
    """
    preflight.require_tools()
    preflight.require_folder(settings.local_dir)
    with locked(settings.local_dir):
        return _bring_up(settings, output)


def _bring_up(settings: LocalSettings, output: Output) -> StackFile:
    port, is_running = preflight.choose_port(settings)
    stack = local_stack(STACK_NAME, ministack.endpoint(port))
    planned = local_credentials.plan(
        settings,
        remembered(stack) if is_running else None,
        parameters_if_deployed(stack) if is_running else None,
    )
    try:
        if not is_running:
            with output.step(f"Starting MiniStack on port {port}"):
                ministack.launch(settings.local_dir, port)
        _deploy(settings, port, output)
        deployment = describe(stack)
        _lead_aliases(stack, deployment)
        _allow_models(stack, deployment)
        _route(stack, deployment, output)
        _add_pollers(stack, deployment, output)
        local_credentials.carry_out(planned, stack, prune=settings.prune, output=output)
        found = _with_front(_stack_file(stack, deployment), settings.local_dir, port, output)
        _await_health(found, settings.local_dir, output)
        found.write(settings.local_dir)
    except BaseException:
        if not is_running:
            front_process.shut_down(settings.local_dir)
            ministack.shut_down(settings.local_dir)
            stack_file.remove(settings.local_dir)
        raise
    return found


def _deploy(settings: LocalSettings, port: int, output: Output) -> None:
    parameters = {"Architecture": sam.architecture()} | settings.parameters
    with output.step("Building (sam build)"):
        sam.build(settings.local_dir, parameters)
    with output.step("Deploying (sam deploy)"):
        sam.deploy(settings.local_dir, parameters, ministack.endpoint(port))


def _lead_aliases(stack: Stack, deployment: Deployment) -> None:
    client = stack.session.client("lambda", endpoint_url=stack.endpoint_url)
    lead_to_functions(client, deployment.functions.values())
    apis = stack.session.client("apigatewayv2", endpoint_url=stack.endpoint_url)
    lead_integrations_to_functions(apis, deployment.resources[_SOCKET_API])


def _allow_models(stack: Stack, deployment: Deployment) -> None:
    policy = deployment.resources.get(_MODELS_POLICY)
    if policy is not None:
        client = stack.session.client("iam", endpoint_url=stack.endpoint_url)
        allow_converse_stream(client, policy)


def _route(stack: Stack, deployment: Deployment, output: Output) -> None:
    output.say(
        "Adding the HTTP routes and CORS settings, which MiniStack leaves out of an HTTP API"
    )
    client = stack.session.client("apigatewayv2", endpoint_url=stack.endpoint_url)
    functions = stack.session.client("lambda", endpoint_url=stack.endpoint_url)
    api_id = deployment.resources[_API]
    arns = function_arns(functions, deployment.functions)
    create_routes(client, api_id, routes_of(deployment.processed, _API), arns)
    set_cors(client, api_id, cors_of(deployment.original, _API, deployment.parameters))


def _add_pollers(stack: Stack, deployment: Deployment, output: Output) -> None:
    client = stack.session.client("lambda", endpoint_url=stack.endpoint_url)
    mappings = fifo_mappings(deployment.processed, deployment.resources)
    if mappings:
        output.say("Adding pollers of FIFO queues: MiniStack has one where AWS has one a group")
    for mapping in mappings:
        add_companions(client, mapping)


def _stack_file(stack: Stack, deployment: Deployment) -> StackFile:
    http_url = f"{stack.endpoint_url}/_aws/execute-api/{deployment.resources[_API]}"
    return StackFile(
        http_url=http_url,
        websocket_url=websocket_url(stack, deployment),
        socketio_url=None,
        endpoint_url=str(stack.endpoint_url),
        stack_name=stack.name,
        webchat_url=f"{http_url}/webchat",
        resources=deployment.resources,
    )


def _with_front(stack: StackFile, local_dir: Path, port: int, output: Output) -> StackFile:
    with output.step("Starting the front of long polling and WebSockets"):
        url = front_process.launch(local_dir, port, stack.http_url, str(stack.websocket_url))
    return replace(stack, socketio_url=url)


def websocket_url(stack: Stack, deployment: Deployment) -> str:
    """Where the local stack's sockets are: a path instead of AWS's host name and stage."""
    api = deployment.original["Resources"][_SOCKET_API]["Properties"]
    base = str(stack.endpoint_url).replace("http://", "ws://", 1)
    return f"{base}/_aws/execute-api/{deployment.resources[_SOCKET_API]}/{api['StageName']}"


def _await_health(stack: StackFile, local_dir: Path, output: Output) -> None:
    url = stack.http_url + _HEALTH
    said = "nothing"
    end = time.monotonic() + _READY_WITHIN
    with output.step("Waiting for the rest channel"):
        while time.monotonic() < end:
            try:
                response = requests.get(url, timeout=_READY_WITHIN)
            except requests.RequestException as error:
                said = str(error)
            else:
                if response.ok:
                    return
                said = f"{response.status_code} {response.text}"
            time.sleep(0.5)
    raise Failure(
        f"{url} does not answer: {said}",
        f"MiniStack's log is {local_dir / ministack.LOG}.",
        last_lines(local_dir / ministack.LOG),
    )
