from pathlib import Path

import pytest

from ops.failure import Failure
from ops.settings import LocalSettings


def test_defaults():
    settings = LocalSettings.from_environment({})
    assert settings.port is None
    assert settings.local_dir == Path(".local").resolve()
    assert settings.credentials is None
    assert settings.parameters == {}
    assert settings.prune is False


def test_every_variable():
    settings = LocalSettings.from_environment(
        {
            "PORT": "4570",
            "LOCAL_DIR": ".local2",
            "CREDENTIALS": "mine.yml",
            "PRUNE": "1",
            "PARAMETERS": "RasaUrl=http://127.0.0.1:5005/?a=b Agent='' PublicBaseUrl=\"a b\"",
        }
    )
    assert settings.port == 4570
    assert settings.local_dir == Path(".local2").resolve()
    assert settings.credentials == Path("mine.yml")
    assert settings.prune is True
    assert settings.parameters == {
        "RasaUrl": "http://127.0.0.1:5005/?a=b",
        "Agent": "",
        "PublicBaseUrl": "a b",
    }


def test_empty_variables_are_as_good_as_none():
    empty = dict.fromkeys(("PORT", "LOCAL_DIR", "CREDENTIALS", "PARAMETERS", "PRUNE"), "")
    assert LocalSettings.from_environment(empty) == LocalSettings.from_environment({})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PARAMETERS", "RasaUrl"),
        ("PARAMETERS", "=x"),
        ("PARAMETERS", "A='x"),
        ("PRUNE", "yes"),
    ],
)
def test_nonsense_is_refused_by_name(variable, value):
    with pytest.raises(Failure) as refused:
        LocalSettings.from_environment({variable: value})
    assert variable in refused.value.cause
    assert refused.value.mend
