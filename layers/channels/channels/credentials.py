"""Reading `credentials.yml`: the same file as Rasa's, one section a channel.

Used by the `ops` commands and by tests; Lambdas read their section from SSM (`aws.secrets`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from channels.errors import CredentialsError
from channels.registry import NOT_CHANNELS, create_channel

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
    for name, settings in credentials.items():
        if name in NOT_CHANNELS:
            continue
        try:
            create_channel(name, settings).check_credentials(settings)
        except CredentialsError as error:
            found[name] = str(error)
    return found
