"""One channel: its credentials, its platform, its webhook, and the clocks."""

from __future__ import annotations

from typing import Any

import requests

from channels.errors import CredentialsError
from channels.wiring.credentials import Credentials, problems, section_of, unknown_keys
from channels.wiring.registry import BUILT_IN, custom_section
from ops.credentials.registered_settings import faults
from ops.failure import Failure
from ops.findings import Findings
from ops.platforms import PLATFORMS, Bot, Platform
from ops.platforms.api import Unreachable
from ops.platforms.platform import Probe
from ops.stack.site import Site, require_reachable
from ops.wording import duration

_TIMEOUT = 35.0  # seconds: API Gateway gives up after 30

#: A clock that is this wrong deserves attention (seconds).
_SKEW = 60.0

_PUSH = "Correct it, then: python -m ops credentials push FILE"
_LOG = "See the log of the channel's function."


def examine_channel(name: str, bot: Bot, site: Site, findings: Findings) -> None:
    """All that is to be known of a channel; `name` is that of its section on the stack."""
    if not _examine_section(name, bot.settings, findings):
        return
    route = name.removeprefix(custom_section(""))
    if name not in PLATFORMS:
        _examine_health(f"{site.own_url}/webhooks/{route}", findings)
        return
    try:
        platform = PLATFORMS[name](bot)
        _examine_platform(platform, site, findings)
        _examine_proofs(platform, site, findings)
    except CredentialsError as error:
        findings.error(str(error), _PUSH)


def examine_keys(credentials: Credentials, findings: Findings) -> Credentials:
    """Warn of keys that sections do not know; the sections without them."""
    known = {}
    for name, settings in credentials.items():
        section = section_of(name)
        known[name] = section.known(settings) if section is not None else settings
        for each in unknown_keys(name, section, settings) if section is not None else ():
            findings.warn(each.what, _PUSH)
    return known


def _examine_section(name: str, section: dict[str, Any], findings: Findings) -> bool:
    """Whether the channel can be made of its section."""
    if name in BUILT_IN:
        credentials = {name: section}
    else:
        credentials = {str(section.get("class")): section.get("settings") or {}}
    # What the functions do not read cannot stand for what they lack.
    known = examine_keys(credentials, findings)
    if found := faults(known):
        findings.error(found[0].what, _PUSH)
        return False
    if lacking := problems(known):
        findings.error(lacking[0].what, f"It is made for you: python -m ops register {name}")
        return False
    findings.ok("the credentials are complete")
    if section.get("allow_unsigned") is True:
        findings.warn(
            "'allow_unsigned' lets in requests that anyone may have sent",
            "Set the channel's secret and take 'allow_unsigned' out.",
        )
    return True


def _examine_platform(platform: Platform, site: Site, findings: Findings) -> None:
    try:
        if platform.api is not None:
            require_reachable(site, platform.api.base_url, platform.title)
    except Failure as failure:
        findings.error(failure.cause, failure.mend)
    try:
        platform.examine(findings)
    except Unreachable as failure:
        findings.unknown(failure.cause, failure.mend)
    except Failure as failure:
        findings.error(failure.cause, failure.mend or "The platform's pages tell more.")
    examine_clock(platform, findings)


def examine_clock(platform: Platform, findings: Findings) -> None:
    """Whether this machine's clock is that of the platform, as its answers tell it."""
    try:
        skew = platform.api.skew if platform.api is not None else None
    except Failure:
        return  # told already: its API cannot be called at all
    if skew is None or abs(skew) < _SKEW:
        return
    told = f"this machine's clock differs from {platform.title}'s by {duration(abs(skew))}"
    mend = "Set the clock: `timedatectl set-ntp true`, or the system's settings."
    if 0 < platform.signature_window < abs(skew):
        findings.error(f"{told}: what is signed at another time is refused", mend)
    else:
        findings.warn(told, mend)


def _examine_proofs(platform: Platform, site: Site, findings: Findings) -> None:
    """Whether the webhook takes what carries the stack's secret, and nothing else."""
    url = f"{site.own_url}/webhooks/{platform.name}/webhook"
    try:
        refused = _post(url, platform.unsigned())
        signed = platform.signed()
        accepted = _post(url, signed) if signed is not None else None
    except requests.RequestException as error:
        findings.error(
            f"the webhook cannot be called: {type(error).__name__}", "Is the stack up? `make up`"
        )
        return
    if refused.status_code in (401, 403):
        findings.ok("what is not signed is refused")
    elif refused.ok and platform.settings.get("allow_unsigned") is not True:
        findings.error(
            "what is not signed is taken", "The function has other credentials: push them again."
        )
    elif not refused.ok:
        findings.error(f"the webhook answers {refused.status_code} to what is not signed", _LOG)
    if accepted is not None:
        _tell_accepted(accepted.status_code, findings)


def _tell_accepted(status: int, findings: Findings) -> None:
    if status < 300:
        findings.ok("what is signed with the stack's secret is taken")
    elif status in (401, 403):
        findings.error(
            "the webhook refuses what is signed with the stack's secret",
            "Functions read credentials anew within 5 minutes; if it stays so, is PublicBaseUrl "
            "the address in the platform's settings?",
        )
    else:
        findings.error(f"the webhook answers {status} to what is signed", _LOG)


def _post(url: str, probe: Probe) -> requests.Response:
    return requests.request(
        probe.method,
        f"{url}{probe.query and '?'}{probe.query}",
        data=probe.body,
        headers=dict(probe.headers),
        timeout=_TIMEOUT,
        allow_redirects=False,
    )


def _examine_health(url: str, findings: Findings) -> None:
    try:
        answer = requests.get(url, timeout=_TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        findings.error(
            f"{url} cannot be called: {type(error).__name__}", "Is the stack up? `make up`"
        )
        return
    if answer.ok:
        findings.ok("the channel answers")
    else:
        findings.error(f"{url} answers {answer.status_code}", _LOG)
