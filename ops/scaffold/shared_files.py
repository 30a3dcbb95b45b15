"""The files that all built-in channels share, with the lines of one more.

Lines are put beside those of the channels that are there: everything else stays as it is, comments
and order too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from channels.wiring.registry import BUILT_IN
from ops.failure import Failure
from ops.scaffold.names import class_name

_SNIPPETS = Path(__file__).parent / "snippets"

#: What stands for a channel's names in the files to be written.
_PLACEHOLDERS = ("my_platform", "MyPlatform", "My Platform")


class Names(NamedTuple):
    """One channel's name, the beginning of its classes' names, and what people call it."""

    name: str
    prefix: str
    title: str

    def in_text(self, text: str) -> str:
        """A text about `my_platform` as one about this channel."""
        for placeholder, own in zip(_PLACEHOLDERS, self, strict=True):
            text = text.replace(placeholder, own)
        return text


def edited(root: Path, names: Names) -> dict[Path, str]:
    """The shared files with the channel's lines, by their paths below `root`; nothing is written.

    Raises Failure for a file that has no place for them: it is not as it was when this was written.
    """
    return {Path(path): _edited(root, path, edit, names) for path, edit in _EDITS.items()}


def _edited(root: Path, path: str, edit: Callable[[str, Names], str], names: Names) -> str:
    try:
        text = (root / path).read_text(encoding="utf-8")
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}") from error
    try:
        return edit(text, names)
    except LookupError as error:
        raise Failure(
            f"{path} has no place for a channel's lines: {error}",
            "Is it as it was released? Put the channel into it by hand (docs/adding-a-channel.md).",
        ) from error


def _after_last(text: str, pattern: str, lines: str) -> str:
    """The text with lines after the last match of a pattern; LookupError where there is none."""
    found = list(re.finditer(pattern, text, re.M))
    if not found:
        raise LookupError(f"nothing is like {pattern}")
    end = found[-1].end()
    return f"{text[:end]}{lines}{text[end:]}"


def _before(text: str, pattern: str, lines: str) -> str:
    found = re.search(pattern, text, re.M)
    if found is None:
        raise LookupError(f"nothing is like {pattern}")
    return f"{text[: found.start()]}{lines}{text[found.start() :]}"


def _snippet(file: str, names: Names) -> str:
    return names.in_text((_SNIPPETS / file).read_text(encoding="utf-8"))


def _registry(text: str, names: Names) -> str:
    line = names.in_text('    "my_platform": "channels.my_platform.MyPlatformInput",\n')
    return _after_last(text, r"^BUILT_IN = \{\n(?:    .*\n)+", line)


def _template(text: str, names: Names) -> str:
    """The function with its log group, alarm, rights, dashboard and output, after the last one's.

    The last is the last webhook before the section of the sockets.
    """
    sockets = r"^  # -+ sockets$"
    webhooks, _, _ = text.partition("- sockets\n")
    listed = re.findall(r"^      CodeUri: functions/(\w+)$", webhooks, re.M)
    last = class_name(next((each for each in reversed(listed) if each in BUILT_IN), ""))
    function = f"{names.prefix}Function"
    for line, own in (
        (f"        - !Ref {last}FunctionRole\n", f"        - !Ref {function}Role\n"),
        (
            f'["...", "${{{last}Function}}", {{"label": "{last}"}}],',
            f'\n            ["...", "${{{function}}}", {{"label": "{names.prefix}"}}],',
        ),
    ):
        if line not in text:
            raise LookupError(f"nothing is like {line.strip()}")
        text = text.replace(line, line + own)
    text = _before(text, sockets, _snippet("function.yaml", names))
    alarm = rf"^  {last}FunctionErrorsAlarm:\n(?:    .*\n)+"
    text = _after_last(text, alarm, _snippet("alarm.yaml", names))
    output = rf"^  {last}WebhookUrl:\n(?:    .*\n)+"
    return _after_last(text, output, _snippet("output.yaml", names))


def _credentials(text: str, names: Names) -> str:
    return _before(text, "^# The conversations API:", _snippet("section.yml", names))


def _readme(text: str, names: Names) -> str:
    row = "| My Platform | `my_platform` | `/webhooks/my_platform/webhook` | [My Platform]({}) |\n"
    row = names.in_text(row.format("docs/channels/my_platform.md"))
    return _after_last(text, r"^\| .* \| `(\w+)` \| `/webhooks/\1/webhook` \| .* \|\n", row)


def _navigation(text: str, names: Names) -> str:
    line = names.in_text("      - My Platform: channels/my_platform.md\n")
    return _after_last(text, r"^      - .*: channels/\w+\.md\n", line)


def _index(text: str, names: Names) -> str:
    row = names.in_text("| My Platform | [My Platform](channels/my_platform.md) |\n")
    return _after_last(text, r"^\| .* \| .*\(channels/\w+\.md\) \|\n", row)


def _connecting(text: str, names: Names) -> str:
    row = names.in_text("| `my_platform` | says where the webhook is entered | |\n")
    return _after_last(text, r"^\| `\w+` \| .* \| .*\|\n", row)


def _changelog(text: str, names: Names) -> str:
    line = names.in_text("- My Platform is a new channel, `my_platform`.\n")
    return _after_last(text, r"\A(?:.*\n)*?## Unreleased\n\n", line)


_EDITS: dict[str, Callable[[str, Names], str]] = {
    "layers/channels/channels/wiring/registry.py": _registry,
    "template.yaml": _template,
    "credentials.example.yml": _credentials,
    "README.md": _readme,
    "mkdocs.yml": _navigation,
    "docs/README.md": _index,
    "docs/connecting-platforms.md": _connecting,
    "CHANGELOG.md": _changelog,
}

#: Their paths.
SHARED = tuple(_EDITS)
