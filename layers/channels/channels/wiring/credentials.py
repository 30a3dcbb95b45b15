"""Read `credentials.yml`: the same file as Rasa's, one section per channel.

Used by the `ops` commands and by tests; Lambdas read theirs from SSM (`aws.parameter_store`).
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from channels.errors import CredentialsError
from channels.section import Section, shown
from channels.wiring.registry import (
    BUILT_IN,
    NOT_CHANNELS,
    create_channel,
    custom_document,
    custom_section,
    is_custom,
    route_of,
)
from channels.wiring.unknown_keys import unknown_keys_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from channels.channel import InputChannel, UserMessage

Credentials = dict[str, dict[str, Any]]

#: Where the settings of sections other than channels are declared, with a `check_credentials`; each
#: agent has its own.
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

    `key` is set for a key that the section does not know, as far as it may be shown, and `nearest`
    is the key that may be meant, or None if none is similar. Other problems have neither.
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
    from channels.wiring.credentials_yaml import read_sections

    try:
        return read_sections(text)
    except CredentialsError as error:
        raise CredentialsError(f"{source}: {error}") from error


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
        if section is not None:
            found += unknown_keys(name, section, settings)
        known = section.known(settings) if section is not None else settings
        fault = _fault(name, known, routes)
        if fault is not None and known != settings:
            fault = _fault(name, {**_meant(name, settings), **known}, routes)
        if fault is not None:
            found.append(Problem(name, fault))
    return found


def agent_problem(settings: dict[str, Any], agent: str) -> Problem | None:
    """Return what the agent of the stack's parameter `Agent` cannot use in its section, or None.

    Without the parameter it is Rasa's agent, which reads the section once the stack has a RasaUrl.
    Your own agent checks its settings itself.
    """
    module = agent.partition(":")[0] or "channels.agents.rasa_settings"
    section = section_of("agent")
    if module not in _DECLARED["agent"] or section is None:
        return None
    known = {**_meant("agent", settings), **section.known(settings)}
    try:
        import_module(module).check_credentials(known)
    except CredentialsError as error:
        return Problem("agent", str(error))
    return None


def unknown_keys(name: str, section: Section, settings: dict[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each setting of section `name` that the section does not declare."""
    for each in unknown_keys_of(name, section, settings, lambda: _others(name)):
        yield Problem(name, str(section.wrong(each.key, each.told)), shown(each.key), each.nearest)


def _meant(name: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that the unknown keys of a section stand for."""
    section = section_of(name)
    unknown = unknown_keys_of(name, section, settings, lambda: _others(name)) if section else ()
    return {key: value for each in unknown for key, value in each.meant.items()}


def _others(name: str) -> dict[str, Section]:
    """Return the other sections that declare their keys."""
    names = (each for each in (*BUILT_IN, *_DECLARED) if each != name)
    return {each: section for each in names if (section := section_of(each)) is not None}


def _fault(name: str, settings: dict[str, Any], routes: dict[str, str]) -> str | None:
    """Return why a channel, or the conversations API, cannot be made from its settings, or None.

    `routes` maps the routes of the custom channels checked so far to the names of their sections.
    """
    try:
        if name == "conversations_api":
            import_module(*_DECLARED[name]).check_credentials(settings)
        if name in NOT_CHANNELS:
            return None
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
