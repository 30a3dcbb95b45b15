"""Read `credentials.yml`: the same file as Rasa's, one section per channel.

Used by the `ops` commands and by tests; Lambdas read theirs from SSM (`aws.parameter_store`).
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from channels.errors import CredentialsError
from channels.section import Section
from channels.wiring.registry import (
    BUILT_IN,
    NOT_CHANNELS,
    create_channel,
    custom_document,
    custom_section,
    is_custom,
    route_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from channels.channel import InputChannel, UserMessage

Credentials = dict[str, dict[str, Any]]

#: Where the settings of sections other than channels are declared; each agent has its own.
_DECLARED = {
    "agent": (
        "channels.agents.rasa_settings",
        "channels.agents.chat_completions",
        "channels.aws.bedrock_agent",
    ),
    "conversations_api": ("channels.handlers.conversations_api",),
}


class Problem(NamedTuple):
    """What is wrong with a section of credentials.yml; `what` is a sentence that quotes no value.

    `key` is set for a key that the section does not know, and `nearest` is the key that may be
    meant, or None if none is similar. Other problems have neither.
    """

    section: str
    what: str
    key: str | None = None
    nearest: str | None = None


def load_credentials(path: Path | str) -> Credentials:
    """Read the sections of a credentials file: channel name or module path -> settings.

    A section without settings (`rest:`) is {}. Raises CredentialsError, which names the file and,
    for invalid YAML, the line.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise CredentialsError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CredentialsError(f"{path}: is not UTF-8 text") from error
    return parse_credentials(text, source=str(path))


def parse_credentials(text: str, source: str = "credentials") -> Credentials:
    """Do what `load_credentials` does, for a text; error messages begin with `source`."""
    import yaml

    try:
        sections = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}:" if mark else ""
        problem = getattr(error, "problem", None) or "cannot be parsed"
        raise CredentialsError(f"{source}:{line} not valid YAML: {problem}") from error
    if sections is None:
        return {}
    if not isinstance(sections, dict):
        raise CredentialsError(f"{source}: must be a mapping of channel names to settings")
    return {str(name): _section(source, name, value) for name, value in sections.items()}


def _section(source: str, name: object, settings: object) -> dict[str, Any]:
    if settings is None:
        return {}
    if not isinstance(settings, dict):
        raise CredentialsError(f"{source}: the section '{name}' must be a mapping of settings")
    return {str(key): value for key, value in settings.items()}


def section_of(name: str) -> Section | None:
    """Return the settings that a section may have; for `agent`, those of all built-in agents.

    Returns None for sections that may have any settings: those of custom channels and of Rasa X.
    """
    modules = _DECLARED.get(name, ())
    if name in BUILT_IN:
        module = import_module(BUILT_IN[name].rpartition(".")[0])
        is_folder = hasattr(module, "__path__")
        modules = (f"{module.__name__}.settings" if is_folder else module.__name__,)
    sections: list[Section] = [import_module(module).SECTION for module in modules]
    if len(sections) < 2:
        return sections[0] if sections else None
    return sections[0].with_keys(*(key for section in sections for key in section.keys))


def problems(credentials: Credentials) -> list[Problem]:
    """Return what is wrong with each section; empty if every channel can be made of known keys.

    A misspelt key is one problem: the setting that it leaves missing is not reported as well.
    """
    found: list[Problem] = []
    routes: dict[str, str] = {}
    for name, settings in credentials.items():
        section = section_of(name)
        unknown = section.unknown(settings) if section is not None else {}
        if section is not None:
            found += unknown_keys(name, section, settings)
        if name in NOT_CHANNELS:
            continue
        known = section.known(settings) if section is not None else settings
        fault = _fault(name, known, routes)
        if fault is not None and unknown:
            meant = {near: settings[key] for key, near in unknown.items() if near is not None}
            fault = _fault(name, {**meant, **known}, routes)
        if fault is not None:
            found.append(Problem(name, fault))
    return found


def unknown_keys(name: str, section: Section, settings: dict[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each setting of section `name` that the section does not declare."""
    for key, near in section.unknown(settings).items():
        hint = f": did you mean '{near}'?" if near else f"; there are {', '.join(section.keys)}"
        if not (near or section.keys):
            hint = "; there are none"
        yield Problem(name, str(section.wrong(key, f"is not a setting{hint}")), key, near)


def _fault(name: str, settings: dict[str, Any], routes: dict[str, str]) -> str | None:
    """Return why a channel cannot be made from its settings, or None if it can.

    `routes` maps the routes of the custom channels checked so far to the names of their sections.
    """
    try:
        channel = create_channel(name, settings)
        channel.check_credentials(settings)
        if is_custom(name):
            _check_routes(channel)
            other = routes.setdefault(route_of(channel), name)
            if other != name:
                return f"has the same name() as '{other}': give it a different one"
    except CredentialsError as error:
        return str(error)
    return None


def stored(credentials: Credentials) -> Credentials:
    """Return the sections as a stack stores them: a custom channel's by route, with its class.

    This lets the custom function find a channel by its URL alone, without importing any other.
    Raises CredentialsError for what `problems` reports.
    """
    found = {}
    for name, settings in credentials.items():
        if is_custom(name):
            route = route_of(create_channel(name, settings))
            found[custom_section(route)] = custom_document(name, settings)
        else:
            found[name] = settings
    return found


def _check_routes(channel: InputChannel) -> None:
    """Make a connector's routes, as its function will, so that errors in them show now."""

    async def on_new_message(message: UserMessage) -> None:
        return

    from channels.http.routes import routes_of

    try:
        routes_of(channel.blueprint(on_new_message), route_of(channel))
    except Exception as error:
        raise CredentialsError(f"its blueprint() raised {type(error).__name__}: {error}") from (
            error
        )
