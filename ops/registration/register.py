"""`ops register`: tell the platforms where the bot is, and undo it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from channels.errors import CredentialsError
from channels.wiring.credentials import Credentials
from ops.credentials.command import write
from ops.credentials.encryption import credentials_key
from ops.credentials.parameter_store import ParameterStore
from ops.failure import Failure
from ops.output import JSON_OPTION, Output
from ops.platforms import PLATFORMS, Bot, Platform
from ops.platforms.platform import Settings, Verb
from ops.registration.registration import Registrar, Report
from ops.settings import LocalSettings, administrator
from ops.stack.aws import Stack, choose_stack
from ops.stack.resources import STACK_OPTIONS
from ops.stack.site import URL_OPTION, Site, parameters_of, require_reachable, site_of

_MARKS = {
    Verb.CREATE: "created",
    Verb.CHANGE: "changed",
    Verb.DELETE: "deleted",
    Verb.WRITE: "written",
    Verb.INSTRUCT: "to do",
    Verb.UNCHANGED: "unchanged",
}

#: The environment variables of all platforms.
_ADMINISTRATOR = [name for each in PLATFORMS.values() for name in each.administrator]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `register`."""
    parser = subparsers.add_parser(
        "register",
        parents=[STACK_OPTIONS, URL_OPTION, JSON_OPTION],
        help="tell the platforms where the bot is",
        description="Registers the webhooks of the stack's channels with their platforms, with "
        "fresh secrets where the stack has none; what is right already stays as it is. Tokens that "
        f"only this needs are environment variables: {', '.join(_ADMINISTRATOR)}. The exit status "
        "is 1 when a platform refused.",
    )
    parser.add_argument(
        "channels",
        nargs="*",
        metavar="CHANNEL",
        help=f"default: all that the stack has credentials of. {', '.join(PLATFORMS)}",
    )
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done")
    parser.add_argument("--remove", action="store_true", help="undo the registration")
    parser.add_argument("--force", action="store_true", help="register what seems unchanged too")
    parser.add_argument(
        "--drop-pending",
        action="store_true",
        help="throw away what waits at the platform (Telegram)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Register, or undo it; 1 when a channel failed."""
    output = Output(args.json)
    stack = choose_stack(args.stack_name, args.region)
    site = site_of(stack, parameters_of(stack), args.url)
    return register(args, stack, site, output)


def register(args: argparse.Namespace, stack: Stack, site: Site, output: Output) -> int:
    """Register the channels of a command line on a site."""
    sections = ParameterStore(stack).credentials()
    channels = _chosen(args.channels, sections, stack)
    output.say(f"Platforms are told: {site.public_url}")
    if site.public_url != site.stack_url:
        output.warn(
            f"the stack takes its address to be {site.stack_url}: set its parameter PublicBaseUrl, "
            "or Twilio's signatures do not hold"
        )
    registrar = Registrar(lambda name, new: _keep(stack, sections, name, new), _folder())
    reports = []
    for channel in channels:
        bot = _bot(args, site, sections, channel)
        reports.append(_of_channel(PLATFORMS[channel](bot), args, site, registrar))
        _show(reports[-1], args.dry_run, output)
    output.result(
        {
            "stack_name": stack.name,
            "url": site.public_url,
            "dry_run": args.dry_run,
            "channels": [report.document() for report in reports],
        }
    )
    if not stack.is_local and any(report.is_changed for report in reports) and not args.dry_run:
        output.say("Functions that are running read new secrets within 5 minutes.")
    return 1 if any(report.failure for report in reports) else 0


def _of_channel(
    platform: Platform, args: argparse.Namespace, site: Site, registrar: Registrar
) -> Report:
    report = Report(platform.name)
    try:
        if not args.remove and platform.api is not None:
            require_reachable(site, platform.api.base_url, platform.title)
        actions = platform.removals() if args.remove else platform.actions()
        if args.dry_run:
            report.actions += actions
        else:
            registrar.carry_out(platform, actions, report)
    except Failure as failure:
        report.failure = failure
    except CredentialsError as error:
        report.failure = Failure(str(error), "Correct the credentials and push them.")
    return report


def _chosen(asked: list[str], sections: Credentials, stack: Stack) -> list[str]:
    """The channels to register; Failure for one that cannot be."""
    if unknown := [each for each in asked if each not in PLATFORMS]:
        raise Failure(
            f"'{unknown[0]}' is no channel that a platform is told of",
            f"Channels with a platform: {', '.join(PLATFORMS)}.",
        )
    missing = [each for each in asked if each not in sections and not PLATFORMS[each].makes_its_own]
    if missing:
        raise Failure(
            f"{stack.name} has no credentials of '{missing[0]}'",
            "Push them: python -m ops credentials push FILE",
        )
    chosen = list(dict.fromkeys(asked)) or [each for each in PLATFORMS if each in sections]
    if not chosen:
        raise Failure(
            f"{stack.name} has no credentials of a channel that a platform is told of",
            "Push them: python -m ops credentials push FILE",
        )
    return chosen


def _bot(args: argparse.Namespace, site: Site, sections: Credentials, channel: str) -> Bot:
    return Bot(
        settings=sections.get(channel, {}),
        webhook_url=site.webhook(channel),
        sections=sections,
        administrator=administrator(PLATFORMS[channel].administrator),
        drop_pending=args.drop_pending,
        renew=args.force,
    )


def _keep(stack: Stack, sections: Credentials, channel: str, new: Settings) -> None:
    """Put settings into a channel's section on the stack, and into `sections`."""
    known = sections.get(channel, {})
    ParameterStore(stack).note_registered(channel, known, new, credentials_key(stack))
    sections[channel] = {**known, **new}
    write(stack, {channel: sections[channel]})


def _folder() -> Path:
    return LocalSettings.from_environment().local_dir / "registration"


def _show(report: Report, is_dry: bool, output: Output) -> None:
    for action in report.actions:
        output.say(f"{report.channel:<13} {_mark(action.verb, is_dry):<13} {action.what}")
    if report.failure is not None:
        output.say(f"{report.channel:<13} {'failed':<13} {report.failure.cause}")
        for line in _lines(report.failure):
            output.say(f"{'':<27} -> {line}")


def _lines(failure: Failure) -> Iterable[str]:
    return [failure.mend] if failure.mend else []


def _mark(verb: Verb, is_dry: bool) -> str:
    if is_dry and verb not in (Verb.UNCHANGED, Verb.INSTRUCT):
        return f"would {verb.value}"
    return _MARKS[verb]
