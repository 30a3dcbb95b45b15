"""Events in files, in the format of the folder events/: one API Gateway event in JSON."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

from ops import ROOT
from ops.failure import Failure

_EVENTS = ROOT / "events"


def read_event(name: str, folder: Path = _EVENTS) -> Any:
    """The event of a file, or of a name such as `slack/message_im` in the folder events/.

    Raises Failure when there is none, with names that are like it.
    """
    path = Path(name)
    if not path.is_file() and not path.suffix:
        path = folder / f"{name}.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise Failure(f"There is no event '{name}'", _similar(name, folder)) from error
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Failure(f"{path} is not JSON", "An event is one JSON object.") from error


def event_text(event: dict[str, Any]) -> str:
    """An event as it stands in a file."""
    return json.dumps(event, indent=2, ensure_ascii=False) + "\n"


def _similar(name: str, folder: Path) -> str:
    known = [path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.json")]
    found = difflib.get_close_matches(name, sorted(known), cutoff=0.75)
    if found:
        return f"Did you mean {' or '.join(found)}?"
    return "Give a file, or a name below events/ such as slack/message_im."
