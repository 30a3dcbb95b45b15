"""The files of a built-in channel: its own folders, and its lines in the shared files."""

from __future__ import annotations

import re
import subprocess
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from ops.failure import Failure
from ops.scaffold.names import check_name, class_name, title_of
from ops.scaffold.shared_files import SHARED, Names, edited

#: The longest name and title (characters): the code's lines have room for them.
LONGEST = 20
LONGEST_TITLE = 24

_FILES = Path(__file__).parent / "built_in_files"
_TITLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .&-]*")
_IMPORT = re.compile(r"( *)from ([\w.]+) import [^(]+$")

#: What is the platform's and not known here. `{name}` and `{title}` are the channel's.
LEFT = (
    "layers/channels/channels/{name}/: the platform's signature, events, errors, limits, and what "
    "else than text it shows, in place of the made-up ones",
    "events/{name}/: requests as {title} sends them, with invented ids; their outcomes are in "
    "tests/channels/{name}/row.py, where the contract tests miss one that is not named",
    "tests/channels/{name}/: sample.py and platform.py answer as {title} does; its own SDK, in "
    "pyproject.toml, is the best judge of signatures and messages",
    "ops/platforms/{name}/: registration by the platform's API, if it has one",
    "docs/channels/{name}.md: where to click today, before strangers may use it, first-day errors",
    "the words of its lines in {shared}",
)


class Written(NamedTuple):
    """What was written: new files, and shared files that have new lines. Paths below the root."""

    new: list[Path]
    changed: list[Path]


def write(name: str, title: str, root: Path) -> Written:
    """Write a built-in channel below `root`; `title` "" is made of the name.

    Raises Failure, with nothing written, for a name or title that cannot be one, for files of that
    name, and for shared files that are changed or have no place for a channel.
    """
    check_name(name, LONGEST)
    title = title or title_of(name)
    if not _TITLE.fullmatch(title) or len(title) > LONGEST_TITLE:
        raise Failure(
            f"'{title}' cannot be a channel's title",
            f"Letters, digits, spaces and .&-, at most {LONGEST_TITLE} characters.",
        )
    names = Names(name, class_name(name), title)
    new = _new(names)
    _refuse_taken(names, new, root)
    _refuse_changed(root)
    changed = edited(root, names)
    _write({**new, **changed}, root)
    return Written(list(new), list(changed))


def left(name: str, title: str) -> list[str]:
    """What is left to its author."""
    given = {"name": name, "title": title or title_of(name), "shared": ", ".join(SHARED)}
    return [each.format(**given) for each in LEFT]


def _new(names: Names) -> dict[Path, str]:
    found = {}
    for source in sorted(each for each in _FILES.rglob("*") if each.is_file()):
        if source.suffix == ".pyc":
            continue
        # A page is a text here, so that nobody takes it for one of the documentation.
        path = str(source.relative_to(_FILES)).removesuffix(".txt")
        found[Path(names.in_text(path))] = _sorted(names.in_text(source.read_text("utf-8")))
    return found


def _sorted(text: str) -> str:
    """A module with its imports in order: the channel's name has changed it."""

    def place(line: str) -> str | None:
        found = _IMPORT.match(line)
        return found[1] if found else None

    lines = []
    for indent, group in groupby(text.split("\n"), place):
        block = list(group)
        if indent is not None and "from __future__ import annotations" not in block:
            block.sort(key=lambda line: line.split()[1])
        lines += block
    return "\n".join(lines)


def _refuse_taken(names: Names, new: dict[Path, str], root: Path) -> None:
    addon = Path("layers", "channels", "addons", names.name)
    own = {path.parent for path in new if path.parent.name == names.name}
    others = {path for path in new if path.parent.name != names.name}
    taken = [
        str(path)
        for path in sorted({*own, *others, addon, addon.with_suffix(".py")})
        if (root / path).exists()
    ]
    if taken:
        raise Failure(
            f"'{names.name}' is there already: {', '.join(taken)}",
            "Take another name, or remove these first.",
        )


def _refuse_changed(root: Path) -> None:
    """Raise Failure where git has changes of a shared file, which could not be told apart later."""
    done = subprocess.run(  # noqa: S603
        ["git", "status", "--porcelain", "--", *SHARED],  # noqa: S607
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    # Elsewhere than in a repository there is nothing to compare with.
    changed = [line[3:] for line in done.stdout.splitlines()] if done.returncode == 0 else []
    if changed:
        raise Failure(
            f"These have changes that are not committed: {', '.join(changed)}",
            "Commit them first: `git checkout` undoes then what is written here.",
        )


def _write(files: dict[Path, str], root: Path) -> None:
    """Write all or nothing."""
    before = {path: (root / path).read_bytes() for path in files if (root / path).exists()}
    begun: list[Path] = []
    try:
        for path, text in files.items():
            begun.append(path)
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
    except BaseException as error:
        _undo(begun, before, root)
        if isinstance(error, OSError):
            raise Failure(f"{error.filename} cannot be written: {error.strerror}") from error
        raise


def _undo(begun: list[Path], before: dict[Path, bytes], root: Path) -> None:
    for path in begun:
        if path in before:
            (root / path).write_bytes(before[path])
            continue
        if (root / path).exists():
            (root / path).unlink()
        for folder in path.parents:
            if folder.parts and (root / folder).is_dir() and not any((root / folder).iterdir()):
                (root / folder).rmdir()
