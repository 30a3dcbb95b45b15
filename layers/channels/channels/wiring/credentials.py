"""Reading `credentials.yml`: the same file as Rasa's, one section a channel.

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

#: Where the settings of sections are declared that are not channels, beside a `check_credentials`;
#: each agent has its own.
_DECLARED = {
    "agent": (
        "channels.agents.rasa_settings",
        "channels.agents.chat_completions",
        "channels.aws.bedrock_agent",
    ),
    "conversations_api": ("channels.handlers.conversations_api",),
}


class Problem(NamedTuple):
    """What is wrong with a section of credentials.yml; `what` is a sentence without any value.

    A `key` is one that the section does not know, as far as it may be shown, `nearest` the one that
    may be meant, None where none is near. Other problems have neither.
    """

    section: str
    what: str
    key: str | None = None
    nearest: str | None = None


def load_credentials(path: Path | str) -> Credentials:
    """The sections of a credentials file: channel name or module path -> settings.

    A section without settings (`rest:`) is {}. Raises CredentialsError that names the file, and
    the line where it is not YAML.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise CredentialsError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CredentialsError(f"{path}: is not UTF-8 text") from error
    return parse_credentials(text, source=str(path))


def parse_credentials(text: str, source: str = "credentials") -> Credentials:
    """`load_credentials` for a text; `source` stands in error messages."""
    from channels.wiring.credentials_yaml import read_sections

    try:
        return read_sections(text)
    except CredentialsError as error:
        raise CredentialsError(f"{source}: {error}") from error


def section_of(name: str) -> Section | None:
    """The settings that a section may have, of `agent` those of all agents that are built in.

    None where it may have any: a custom channel's, and Rasa X's.
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
    """What is wrong with each section; empty when every channel can be made, of known keys only.

    A misspelt key is one problem: what it leaves missing is none beside it.
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
    """What the agent of the stack's parameter `Agent` could not use of its section, if anything.

    Without one it is Rasa's, which also reads the section once the stack has a RasaUrl. An agent of
    one's own checks its settings itself.
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
    """The keys among the settings of section `name` that it does not have, as declared."""
    for each in unknown_keys_of(name, section, settings, lambda: _others(name)):
        yield Problem(name, str(section.wrong(each.key, each.told)), shown(each.key), each.nearest)


def _meant(name: str, settings: dict[str, Any]) -> dict[str, Any]:
    """What the unknown keys of a section stand for."""
    section = section_of(name)
    unknown = unknown_keys_of(name, section, settings, lambda: _others(name)) if section else ()
    return {key: value for each in unknown for key, value in each.meant.items()}


def _others(name: str) -> dict[str, Section]:
    """The sections beside `name` that declare their keys."""
    names = (each for each in (*BUILT_IN, *_DECLARED) if each != name)
    return {each: section for each in names if (section := section_of(each)) is not None}


def _fault(name: str, settings: dict[str, Any], routes: dict[str, str]) -> str | None:
    """Why a channel, or the conversations API, cannot be made of settings; None where it can.

    `routes` are those of the custom channels so far, with the names of their sections.
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
                return f"has the same name() as '{other}': give it another"
    except CredentialsError as error:
        return str(error)
    return None


def stored(credentials: Credentials) -> Credentials:
    """The sections as a stack keeps them: a custom channel's under its route, with its class.

    So its function finds it by the URL alone, and imports no other. Raises CredentialsError for
    what `problems` tells.
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
    """Make a connector's routes, as its function will: what they ask for in vain shows now."""

    async def on_new_message(message: UserMessage) -> None:
        return

    from channels.http.routes import routes_of

    try:
        routes_of(channel.blueprint(on_new_message), route_of(channel))
    except Exception as error:
        raise CredentialsError(f"its blueprint fails with {type(error).__name__}: {error}") from (
            error
        )
