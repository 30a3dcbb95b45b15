"""Sizes: the layer that `sam build` makes, by what is in it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.compared import build
from benchmarks.starts import PYTHON
from benchmarks.table import Options, Table

_TOKENS = ("cryptography", "_cffi_backend", "cffi", "pycparser")
_OURS = ("channels", "rasa", "sanic", "addons")


def run(options: Options) -> list[Table]:
    """One table, unpacked bytes; nothing is run."""
    layer = build() / "ChannelsLayer" / "python"
    sizes = {path.name: _size(path) for path in layer.iterdir()}
    tokens = sum(size for name, size in sizes.items() if name.startswith(_TOKENS))
    ours = sum(size for name, size in sizes.items() if name in _OURS)
    others = next(PYTHON.parents[1].glob("lib/python3*/site-packages"))
    boto3 = sum(_size(others / name) for name in ("boto3", "botocore", "s3transfer"))
    rows = [
        ("our packages", _megabytes(ours)),
        ("the other libraries", _megabytes(sum(sizes.values()) - ours - tokens)),
        ("cryptography", _megabytes(tokens)),
        ("all of the layer", _megabytes(sum(sizes.values()))),
        ("boto3, which the runtime has and the layer has not", _megabytes(boto3)),
    ]
    return [Table("The layer, unpacked, with its byte code", ("", "MB"), rows)]


def _size(path: Path) -> int:
    files = [path] if path.is_file() else path.rglob("*")
    return sum(each.stat().st_size for each in files if each.is_file())


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}"
