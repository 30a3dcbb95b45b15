"""The samples of custom channels, from their tests in tests/addons."""

from __future__ import annotations

from importlib import import_module

from ops import ROOT
from tests.contract.sample import Sample


def addon_samples() -> dict[str, Sample]:
    """`SAMPLE` of each tests/addons/test_<name>.py that has one, by the channel's name."""
    found = {}
    for path in sorted((ROOT / "tests" / "addons").glob("test_*.py")):
        module = import_module(f"tests.addons.{path.stem}")
        if hasattr(module, "SAMPLE"):
            found[path.stem.removeprefix("test_")] = module.SAMPLE
    return found
