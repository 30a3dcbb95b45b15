"""Operators' and developers' commands: `python -m ops COMMAND`.

Commands are modules with `add_parser(subparsers)` and `run(args) -> int` (exit status); the other
modules are named after what they handle. `ROOT` is the project's folder.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The commands read credentials and speak to agents with the code that the layer ships.
sys.path.insert(0, str(ROOT / "layers" / "channels"))

# Last: where the real Sanic is installed, connectors get that, as in the layer.
sys.path.append(str(ROOT / "layers" / "channels" / "stand_in"))
