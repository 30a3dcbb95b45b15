"""The files of a channel of one's own: a connector in `addons`, its events, its test."""

from __future__ import annotations

from pathlib import Path

from ops.failure import Failure
from ops.scaffold.names import check_name, class_name

#: The longest name (characters).
LONGEST = 40

_FILES = Path(__file__).parent / "custom_files"
_NAME, _CLASS = "my_channel", "MyChannel"


def write(name: str, root: Path) -> list[Path]:
    """Write a channel's files below `root`; their paths relative to it.

    Raises Failure, with nothing written, for a name that cannot be one or that is in use.
    """
    check_name(name, LONGEST)
    files = {_target(source, name): source for source in _sources()}
    taken = [path for path in _taken(name) if (root / path).exists()]
    if taken:
        raise Failure(
            f"'{name}' is there already: {', '.join(map(str, taken))}",
            "Take another name, or remove these first.",
        )
    for path, source in files.items():
        text = source.read_text(encoding="utf-8")
        text = text.replace(_NAME, name).replace(_CLASS, class_name(name))
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return list(files)


def _sources() -> list[Path]:
    events = sorted((_FILES / "events").glob("*.json"))
    return [_FILES / f"{_NAME}.py", _FILES / f"test_{_NAME}.py", *events]


def _target(source: Path, name: str) -> Path:
    if source.suffix == ".json":
        return Path("events", name, source.name)
    if source.stem == _NAME:
        return Path("layers", "channels", "addons", f"{name}.py")
    return Path("tests", "addons", f"test_{name}.py")


def _taken(name: str) -> list[Path]:
    package = Path("layers", "channels", "addons", name)
    test = Path("tests", "addons", f"test_{name}.py")
    return [package.with_suffix(".py"), package, test, Path("events", name)]
