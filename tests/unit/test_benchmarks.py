"""What is around the benchmarks: their tables, and the one command."""

import importlib

import pytest

from benchmarks import __main__ as command
from benchmarks.table import Table, surroundings


def test_a_table_is_markdown_that_keeps_its_columns():
    table = Table("Cold", ("what", "ms"), [("a | b\nc", "3")], ("Medians.",))
    assert table.markdown() == (
        "**Cold**\n\n| what | ms |\n| --- | ---: |\n| a \\| b c | 3 |\n\nMedians.\n"
    )


def test_the_day_and_the_machine_are_told():
    day, *rest = surroundings().split(", ")
    assert len(day.split("-")) == 3
    assert any(part.endswith(" cores") for part in rest)
    assert any(part.startswith("Python 3.13") for part in rest)


@pytest.mark.parametrize("name", command.NAMES)
def test_every_benchmark_says_what_it_measures(name, capsys):
    module = importlib.import_module(f"benchmarks.{name}")
    assert callable(module.run)
    with pytest.raises(SystemExit):
        command.main(["--help"])
    summary = (module.__doc__ or "").partition("\n")[0]
    assert summary
    assert summary in capsys.readouterr().out


def test_a_name_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        command.main(["cold", "colder"])
    assert "there is no benchmark colder" in capsys.readouterr().err
