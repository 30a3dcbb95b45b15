"""`sam build` and `sam deploy` of the template as it is, to the local stack."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from ops import ROOT
from ops.emulator.processes import last_lines, run
from ops.failure import Failure
from ops.stack.aws import LOCAL_ENVIRONMENT

BIN = Path(sys.executable).parent
_ENVIRONMENT = "local"


def architecture(machine: str = platform.machine()) -> str:
    """The value of the template's `Architecture` for a machine, by default this one."""
    return "arm64" if machine.lower() in {"arm64", "aarch64"} else "x86_64"


def build(local_dir: Path, parameters: Mapping[str, str]) -> None:
    """Build into the stack's folder; raises Failure with the end of what sam said."""
    arguments = ["build", "--build-dir", str(local_dir / "build")]
    arguments += ["--cache-dir", str(local_dir / "cache")]
    template = ROOT / "template.yaml"
    _sam(arguments, template, parameters, local_dir, "build.log", environment(local_dir))


def deploy(local_dir: Path, parameters: Mapping[str, str], endpoint_url: str) -> None:
    """Deploy what `build` built to an endpoint; raises Failure with the end of what sam said."""
    variables = {**environment(local_dir), **LOCAL_ENVIRONMENT, "AWS_ENDPOINT_URL": endpoint_url}
    template = as_json(local_dir / "build" / "template.yaml")
    _sam(["deploy"], template, parameters, local_dir, "deploy.log", variables)


def as_json(template: Path) -> Path:
    """Write a template that `sam build` wrote as JSON, beside it; gives its path.

    `sam deploy` reads its template five times, and YAML in pure Python: half of its time.
    """
    written = template.with_suffix(".json")
    text = template.read_text(encoding="utf-8")
    parsed = yaml.load(text, yaml.CSafeLoader)
    written.write_text(json.dumps(parsed), encoding="utf-8")
    return written


def environment(local_dir: Path, inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment for sam: the user's, without what would lead it to AWS or past MiniStack."""
    kept = {name: value for name, value in inherited.items() if not name.startswith("AWS_")}
    return kept | {
        "PATH": f"{BIN}{os.pathsep}{inherited.get('PATH', os.defpath)}",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(local_dir / "sam"),
    }


def override(name: str, value: str) -> str:
    """A parameter as `--parameter-overrides` reads it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{name}="{escaped}"'


def _sam(
    arguments: list[str],
    template: Path,
    parameters: Mapping[str, str],
    local_dir: Path,
    log: str,
    variables: Mapping[str, str],
) -> None:
    command = [str(BIN / "sam"), *arguments, "--config-env", _ENVIRONMENT]
    command += ["--config-file", str(ROOT / "samconfig.toml"), "--template-file", str(template)]
    command += ["--parameter-overrides", *(override(*item) for item in parameters.items())]
    status = run(command, variables, local_dir / log, ROOT)
    if status:
        raise Failure(
            f"`sam {arguments[0]}` failed",
            f"All that it said is in {local_dir / log}.",
            last_lines(local_dir / log),
        )
