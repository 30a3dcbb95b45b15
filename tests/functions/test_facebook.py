"""functions/facebook: its start."""

import subprocess
import sys

from ops import ROOT


def test_its_start_loads_nothing_slow():
    code = "import sys, channels.facebook; print(*sys.modules)"
    loaded = subprocess.run(  # noqa: S603
        [sys.executable, "-S", "-c", code],
        cwd=ROOT / "layers" / "channels",
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    slow = {
        "requests",
        "typing",
        "dataclasses",
        "asyncio",
        "logging.config",
        "yaml",
        "jwt",
        "boto3",
    }
    assert not slow & set(loaded)
    assert "channels.clients.platform_api" not in loaded
