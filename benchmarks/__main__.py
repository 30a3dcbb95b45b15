"""`python -m benchmarks [name ...]`: runs benchmarks and prints their tables as Markdown."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from types import ModuleType

from benchmarks.table import Options, surroundings

#: The benchmarks, in the order in which they run.
NAMES = ("cold", "warm", "size", "rest", "socket_latency", "webhook_load", "costs", "growth")


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmarks that are named, or all of them."""
    modules = {name: import_module(f"benchmarks.{name}") for name in NAMES}
    parser = _parser(modules)
    options = parser.parse_args(arguments)
    unknown = sorted({*options.name} - {*NAMES})
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}")
    for name in options.name or NAMES:
        print(f"{name}: running", file=sys.stderr, flush=True)
        for table in modules[name].run(Options(runs=options.runs)):
            print(table.markdown(), flush=True)
    print(surroundings())


def _parser(modules: dict[str, ModuleType]) -> argparse.ArgumentParser:
    lines = [f"  {name:<14}{_summary(module)}" for name, module in modules.items()]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Runs benchmarks and prints tables in Markdown, with the day and the machine.",
        epilog="benchmarks:\n" + "\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="*", help="one of those below; all, unless named")
    parser.add_argument(
        "--runs", type=int, default=Options().runs, help="samples of each figure (default 15)"
    )
    return parser


def _summary(module: ModuleType) -> str:
    return (module.__doc__ or "").partition("\n")[0]


if __name__ == "__main__":
    main()
