"""`ops doctor`: what is wrong with a bot that does not answer, and what mends it."""

from __future__ import annotations

import argparse

from botocore.exceptions import BotoCoreError, ClientError

from channels.wiring.credentials import Credentials, problems
from channels.wiring.registry import NOT_CHANNELS, custom_section
from ops.credentials.parameter_store import ParameterStore
from ops.diagnosis.address import examine_address
from ops.diagnosis.agent import examine_agent
from ops.diagnosis.channel import examine_channel, examine_keys
from ops.diagnosis.sockets import CHANNEL, SocketAddresses, examine_sockets
from ops.diagnosis.stack import examine_deployment, examine_functions, examine_queues
from ops.failure import Failure, aws_failure
from ops.findings import Finding, Findings, documents, exit_status, show
from ops.letters.queue import states
from ops.output import JSON_OPTION, Output
from ops.platforms import PLATFORMS, Bot
from ops.settings import administrator
from ops.stack.aws import Stack, choose_stack
from ops.stack.deployment import describe
from ops.stack.queue_pairs import NAMES, queue_pair
from ops.stack.resources import STACK_OPTIONS, Resources
from ops.stack.site import URL_OPTION, Site, parameters_of, site_of

_NOT_CHECKED = 2


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `doctor`."""
    parser = subparsers.add_parser(
        "doctor",
        parents=[STACK_OPTIONS, URL_OPTION, JSON_OPTION],
        help="find out why a bot does not answer",
        description="Looks at the stack, its queues, its public address, the agent and each "
        "channel: credentials, what the platform accepts and has registered, its last errors, and "
        "whether the webhook takes what is signed and nothing else; at the sockets and the chat "
        "page, as a client and a browser. Changes nothing. The exit status is 0 when all is well "
        "(warnings included), 1 for errors, 2 when something could not be checked.",
    )
    parser.add_argument(
        "channels", nargs="*", metavar="CHANNEL", help="default: all that the stack has"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Look at everything, tell it; 0, 1 for errors, 2 for what could not be checked."""
    output = Output(args.json)
    try:
        stack = choose_stack(args.stack_name, args.region)
        with output.step(f"Examining {stack.name}"):
            findings = diagnose(args, stack)
    except Failure as failure:
        output.failure(failure)
        return _NOT_CHECKED
    except (BotoCoreError, ClientError) as error:
        output.failure(aws_failure(error))
        return _NOT_CHECKED
    status = exit_status(findings)
    show(findings, output)
    output.result(
        {"stack_name": stack.name, "exit_status": status, "findings": documents(findings)}
    )
    return status


def diagnose(args: argparse.Namespace, stack: Stack) -> list[Finding]:
    """All findings about a stack; raises Failure and botocore's errors when AWS cannot be asked."""
    parameters = parameters_of(stack)
    site = site_of(stack, parameters, args.url)
    sections = ParameterStore(stack).credentials()
    agent, address = Findings("agent"), Findings("address")
    examine_agent(parameters, sections.get("agent", {}), agent, is_local=stack.is_local)
    examine_address(site, address)
    chosen = chosen_sections(args.channels, sections, stack)
    sockets = Findings(CHANNEL)
    section = sections.get(CHANNEL)
    # A section that does not work is told with the channel.
    if (CHANNEL in chosen or not args.channels) and not problems({CHANNEL: section or {}}):
        examine_sockets(SocketAddresses.of(stack, site), section, sockets)
    return [
        *_of_stack(stack),
        *address,
        *agent,
        *of_conversations_api(sections),
        *(finding for name in chosen for finding in _of_channel(name, sections, site)),
        *sockets,
    ]


def _of_stack(stack: Stack) -> list[Finding]:
    findings = Findings("stack")
    formation = stack.session.client("cloudformation", endpoint_url=stack.endpoint_url)
    [description] = formation.describe_stacks(StackName=stack.name)["Stacks"]
    examine_deployment(description["StackStatus"], findings)
    functions = stack.session.client("lambda", endpoint_url=stack.endpoint_url)
    examine_functions(functions, describe(stack).functions, findings)
    # MiniStack's CloudWatch has no figures of queues.
    cloudwatch = None if stack.is_local else stack.session.client("cloudwatch")
    resources = Resources(stack)
    pairs = [queue_pair(resources, name) for name in NAMES]
    examine_queues(states(stack, pairs, cloudwatch), findings)
    return findings


def of_conversations_api(sections: Credentials) -> list[Finding]:
    """What is to be said of the conversations API: the keys that it does not know."""
    name = "conversations_api"
    findings = Findings(name)
    examine_keys({name: sections[name]} if name in sections else {}, findings)
    return findings


def _of_channel(name: str, sections: Credentials, site: Site) -> list[Finding]:
    findings = Findings(name.removeprefix(custom_section("")))
    path = f"/webhooks/{name}/webhook"
    bot = Bot(
        settings=sections[name],
        webhook_url=site.webhook(name),
        signed_url=f"{site.stack_url}{path}",
        sections=sections,
        administrator=administrator(PLATFORMS[name].administrator if name in PLATFORMS else ()),
    )
    examine_channel(name, bot, site, findings)
    return findings


def chosen_sections(asked: list[str], sections: Credentials, stack: Stack) -> list[str]:
    """The sections to look at, custom ones by their route too; Failure for one that is not there.

    Without a choice all of the stack's channels.
    """
    channels = [name for name in sections if name not in NOT_CHANNELS]
    if not asked:
        return sorted(channels)
    chosen = []
    for name in asked:
        found = next((each for each in (name, custom_section(name)) if each in channels), None)
        if found is None:
            raise Failure(
                f"{stack.name} has no credentials of '{name}'",
                "Push them: python -m ops credentials push FILE",
            )
        chosen.append(found)
    return chosen
