"""The layer that `sam build` makes: for its processor, and with byte code that Python takes."""

from __future__ import annotations

import importlib.util
import marshal
import os
import shutil
import ssl
import struct
import subprocess
import sys
from pathlib import Path

from channels.aws.client.tls import AWS_ROOTS
from ops import ROOT
from ops.emulator import ministack

SOURCE = ROOT / "layers" / "channels"
BARE_PYTHON = str(Path(sys.base_prefix) / "bin" / "python3.13")
#: MiniStack's packages, boto3 among them and none of ours.
BOTO3 = ministack.PYTHON.parents[1] / "lib" / "python3.13" / "site-packages"
#: e_machine of an ELF header.
MACHINES = {"x86_64": 62, "arm64": 183}
#: A .pyc's second word: hash-based, and not to be checked against the source (PEP 552).
UNCHECKED_HASH = 0b01
MEGABYTE = 1_000_000
#: What signed tokens bring along; its size is not our choice.
TOKENS = ("cryptography", "cffi", "_cffi_backend", "pycparser")
IMPORTED = (
    "channels.handlers.webhook",
    "channels.rest.input",
    "channels.channel",
    "jwt",
    "urllib3",
)


def compiled(source):
    return Path(importlib.util.cache_from_source(str(source)))


def certificates(path):
    """The PEM certificates of a file, without their last lines."""
    texts = path.read_text("utf-8").split("-----BEGIN CERTIFICATE-----")[1:]
    return [
        "-----BEGIN CERTIFICATE-----" + text.partition("-----END CERTIFICATE-----")[0]
        for text in texts
    ]


def size(paths):
    return sum(path.stat().st_size for path in paths if path.is_file())


def bare_python(layer, *arguments, code):
    """Run code on a Python with the standard library, in $LAYER the layer, in $BOTO3 boto3."""
    return subprocess.run(  # noqa: S603
        [BARE_PYTHON, "-I", "-S", *arguments, "-c", code],
        env={
            "PATH": os.defpath,
            "AWS_DEFAULT_REGION": "us-east-1",  # Lambda sets it
            "LAYER": str(layer / "python"),
            "BOTO3": str(BOTO3),
            "ROOT": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=True,
    )


def test_libraries_fit_the_processor(built_layer, architecture):
    libraries = list(built_layer.rglob("*.so"))
    assert libraries
    machines = {
        library.name: struct.unpack_from("<H", library.read_bytes(), 18)[0] for library in libraries
    }
    assert set(machines.values()) == {MACHINES[architecture]}


def test_every_module_is_compiled(built_layer):
    sources = list(built_layer.rglob("*.py"))
    assert len(sources) > 100
    for source in sources:
        header = compiled(source).read_bytes()[:8]
        assert header[:4] == importlib.util.MAGIC_NUMBER, source
        assert int.from_bytes(header[4:], "little") == UNCHECKED_HASH, source


def test_tracebacks_name_the_files_as_lambda_mounts_them(built_layer):
    source = built_layer / "python" / "channels" / "rest" / "input.py"
    code = marshal.loads(compiled(source).read_bytes()[16:])  # noqa: S302 - made by our build
    assert code.co_filename == "/opt/python/channels/rest/input.py"


def test_python_takes_the_byte_code_though_the_files_dates_differ(built_layer, tmp_path):
    # Taken without a look at the source: /opt is read-only, so what is refused is compiled at
    # each cold start.
    layer = tmp_path / "opt"
    shutil.copytree(built_layer, layer)
    for source in layer.rglob("*.py"):
        os.utime(source, (0, 0))
    before = {path: path.stat().st_mtime_ns for path in layer.rglob("*.pyc")}

    imports = "import os, sys; sys.path.insert(0, os.environ['LAYER']); import "
    names = [name for name in IMPORTED if name != "jwt"]  # imports libraries of one processor
    done = bare_python(layer, "-v", code=imports + ", ".join(names))

    loaded = [line for line in done.stderr.splitlines() if "# code object from" in line]
    ours = [line for line in loaded if str(layer) in line]
    assert len(ours) > 10
    assert [line for line in ours if ".pyc'" not in line] == []
    assert {path: path.stat().st_mtime_ns for path in layer.rglob("*.pyc")} == before


def test_functions_start_with_the_layer_and_the_runtime_s_boto3(built_layer, functions):
    for name, function in functions.items():
        code = (
            "import os, sys; sys.path[:0] = [os.environ['LAYER'], "
            f"os.path.join(os.environ['ROOT'], {function['CodeUri']!r})];"
            "sys.path.append(os.environ['BOTO3']);"
            f"import app; print(callable({function.get('Handler', 'app.handler')}))"
        )
        assert bare_python(built_layer, code=code).stdout.strip() == "True", name


def test_what_lambda_has_is_not_shipped(built_layer):
    shipped = {path.name for path in (built_layer / "python").iterdir()}
    assert not {"boto3", "botocore", "bin"} & shipped
    assert {"channels", "rasa", "addons", "sanic", "jwt", "urllib3"} <= shipped


def test_aws_s_authorities_are_some_of_those_that_certifi_has(built_layer):
    packages = built_layer / "python"
    roots = packages / Path(AWS_ROOTS).relative_to(SOURCE)  # where the code looks for them
    all_of_them, ours = (
        {
            ssl.PEM_cert_to_DER_cert(f"{each}-----END CERTIFICATE-----")
            for each in certificates(path)
        }
        for path in (
            packages / "certifi" / "cacert.pem",
            roots,
        )
    )
    assert ours < all_of_them
    context = ssl.create_default_context(cafile=roots)
    subjects = [dict(part[0] for part in each["subject"]) for each in context.get_ca_certs()]
    names = {subject["commonName"] for subject in subjects}
    assert names == {
        *(f"Amazon Root CA {number}" for number in (1, 2, 3, 4)),
        "Starfield Services Root Certificate Authority - G2",
    }


def test_licences_are_shipped_and_what_only_installing_needs_is_not(built_layer):
    packages = built_layer / "python"
    information = list(packages.glob("*.dist-info"))
    assert {path.name.partition("-")[0] for path in information} >= {"cryptography", "requests"}
    for folder in information:
        assert list(folder.rglob("LICEN[CS]E*")), folder.name
        assert not {"RECORD", "INSTALLER", "WHEEL"} & {path.name for path in folder.iterdir()}
    assert not list(packages.rglob("*.pyi"))
    assert not [path for path in packages.rglob("tests") if path.is_dir()]


def test_size(built_layer, record_property):
    packages = built_layer / "python"
    total = size(packages.rglob("*"))
    tokens = size(path for name in TOKENS for path in packages.glob(f"{name}*/**/*"))
    tokens += size(packages.glob("_cffi_backend*"))
    record_property("layer_bytes", total)
    record_property("layer_bytes_without_cryptography", total - tokens)
    assert total - tokens < 12 * MEGABYTE
    assert total < 40 * MEGABYTE


def test_an_unknown_processor_is_refused(tmp_path):
    sam = Path(sys.executable).parent / "sam"
    command = [str(sam), "build", "ChannelsLayer", "--build-dir", str(tmp_path / "build")]
    command += ["--no-cached", "--parameter-overrides", "Architecture=mips"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode != 0
    assert "mips" in done.stderr
