"""The template as it is written, and the layer as `sam build` makes it."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from boto3.session import Session
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from ops import ROOT
from ops.local import sam
from tests.e2e.conftest import built

__all__ = ["built"]  # a fixture


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """template.yaml, its short forms spelled out (`!Ref x` is {"Ref": "x"})."""
    parsed: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))
    return parsed


@pytest.fixture(scope="session")
def functions(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The properties of every function, by logical id."""
    found = {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    assert found
    return found


@pytest.fixture(scope="session")
def translate(template: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """`translate(parameters, layer=, code=)`: the resources that SAM makes of such uploads."""

    def translated(
        parameters: Mapping[str, str] | None = None, *, layer: str = "layer", code: str = "code"
    ) -> dict[str, Any]:
        written = copy.deepcopy(template)
        for resource in written["Resources"].values():
            for key, name in (("CodeUri", code), ("ContentUri", layer)):
                if key in resource.get("Properties", {}):
                    resource["Properties"][key] = f"s3://bucket/{name}"
        session = Session(region_name="us-east-1")
        translator = Translator({}, Parser(), boto_session=session)
        resources: dict[str, Any] = translator.translate(written, dict(parameters or {}))[
            "Resources"
        ]
        return resources

    return translated


@pytest.fixture(scope="session")
def resources(translate: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """The resources of a stack without parameters."""
    return translate()


@pytest.fixture(scope="session")
def parameters(template: dict[str, Any]) -> dict[str, str]:
    """The parameters' defaults, as CloudFormation has them."""
    return {name: str(each["Default"]) for name, each in template["Parameters"].items()}


@pytest.fixture(scope="session", params=["x86_64", "arm64"])
def architecture(request: pytest.FixtureRequest) -> str:
    """Both values of the parameter."""
    return str(request.param)


@pytest.fixture(scope="session")
def built_layer(architecture: str, built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that becomes /opt, from a plain `sam build`: that of all stacks, where it fits."""
    if architecture == sam.architecture():
        return built / "build" / "ChannelsLayer"
    return build_layer(ROOT, tmp_path_factory.mktemp(architecture) / "build", architecture)


def build_layer(root: Path, folder: Path, architecture: str) -> Path:
    """The layer that a plain `sam build` makes of the project in `root`."""
    return build(root, "ChannelsLayer", folder, architecture)


def build(root: Path, resource: str, folder: Path, architecture: str) -> Path:
    """What a plain `sam build` makes of one resource of the project in `root`."""
    scripts = Path(sys.executable).parent
    command = [str(scripts / "sam"), "build", resource, "--build-dir", str(folder)]
    command += ["--no-cached", "--parameter-overrides", f"Architecture={architecture}"]
    environment = {
        **os.environ,
        "PATH": f"{scripts}:{os.environ['PATH']}",
        "SAM_CLI_TELEMETRY": "0",
    }
    done = subprocess.run(  # noqa: S603
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / resource
