"""Each Lambda's app.py, loaded as Lambda loads it: by path, configured by its environment."""

import importlib.util

import pytest

from ops import ROOT


@pytest.fixture(scope="session")
def lambda_handler():
    """`lambda_handler("rest")` is the handler of functions/rest/app.py, run without AWS."""

    def load(name):
        path = ROOT / "functions" / name / "app.py"
        spec = importlib.util.spec_from_file_location(f"functions_{name}", path)
        module = importlib.util.module_from_spec(spec)
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("AWS_SAM_LOCAL", "true")
            environment.setenv("CREDENTIALS_PATH", "/stack/credentials")
            spec.loader.exec_module(module)
        return module.handler

    return load
