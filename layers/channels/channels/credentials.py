"""Reading `credentials.yml`: the same file as Rasa's, one section a channel.

Used by the `ops` commands and by tests; Lambdas read their section from SSM (`aws.secrets`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from channels.errors import CredentialsError
from channels.registry import (
    NOT_CHANNELS,
    create_channel,
    custom_document,
    custom_section,
    is_custom,
    route_of,
)

if TYPE_CHECKING:
    from channels.channel import InputChannel, UserMessage

Credentials = dict[str, dict[str, Any]]


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


def problems(credentials: Credentials) -> dict[str, str]:
    """What is wrong with each section, by its name; empty when every channel can be made."""
    found = {}
    routes: dict[str, str] = {}
    for name, settings in credentials.items():
        if name in NOT_CHANNELS:
            continue
        try:
            channel = create_channel(name, settings)
            channel.check_credentials(settings)
            if is_custom(name):
                _check_routes(channel)
                other = routes.setdefault(route_of(channel), name)
                if other != name:
                    found[name] = f"has the same name() as '{other}': give it another"
        except CredentialsError as error:
            found[name] = str(error)
    return found


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

    from channels.calls import served

    try:
        served(channel.blueprint(on_new_message), route_of(channel))
    except Exception as error:
        raise CredentialsError(f"its blueprint fails with {type(error).__name__}: {error}") from (
            error
        )
