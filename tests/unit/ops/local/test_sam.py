import json
import os

import pytest
from samcli.cli.types import CfnParameterOverridesType
from samcli.yamlhelper import yaml_dump, yaml_parse

from ops.local import sam


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        ("x86_64", "x86_64"),
        ("AMD64", "x86_64"),
        ("aarch64", "arm64"),
        ("arm64", "arm64"),
    ],
)
def test_architecture(machine, expected):
    assert sam.architecture(machine) == expected


@pytest.mark.parametrize(
    "value",
    ["x86_64", "", "a b", "http://127.0.0.1:5005/?a=b&c=d", "https://a.example,https://b.example"],
)
def test_sam_reads_a_parameter_as_it_was_given(value):
    text = sam.override("Name", value)
    assert CfnParameterOverridesType().convert((text,), None, None) == {"Name": value}


def test_the_user_s_aws_identity_stays_outside(tmp_path):
    user = {
        "PATH": "/usr/bin",
        "AWS_PROFILE": "prod",
        "AWS_SESSION_TOKEN": "secret",
        "PIP_INDEX_URL": "https://pypi.example/simple",
        "HTTPS_PROXY": "http://proxy.example",
    }
    environment = sam.environment(tmp_path, user)
    assert environment["PATH"] == f"{sam.BIN}{os.pathsep}/usr/bin"
    assert environment["PIP_INDEX_URL"] == user["PIP_INDEX_URL"]
    assert environment["HTTPS_PROXY"] == user["HTTPS_PROXY"]
    assert "127.0.0.1" in environment["NO_PROXY"]
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & environment.keys()
    assert environment["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull


def test_a_built_template_as_json_is_the_same_one(tmp_path):
    written = """
    AWSTemplateFormatVersion: 2010-09-09
    Resources:
      Role:
        Properties: {Version: 2012-10-17, Arn: !Sub "${A}:*", Count: 5, Flag: !If [A, "on", true]}
    """
    template = tmp_path / "template.yaml"
    template.write_text(yaml_dump(yaml_parse(written)), "utf-8")
    found = sam.as_json(template)
    assert found == tmp_path / "template.json"
    assert json.loads(found.read_text("utf-8")) == yaml_parse(template.read_text("utf-8"))
