"""What credentials.yml may not say, and what is told of it: the line, and no value."""

import pytest

from channels.errors import CredentialsError
from channels.wiring.credentials import load_credentials, parse_credentials

SECRET = "S3CRETvalue"


def refused(text):
    with pytest.raises(CredentialsError) as raised:
        parse_credentials(text, source="c.yml")
    told = str(raised.value)
    assert SECRET not in told
    return told.removeprefix("c.yml: ")


QUOTES = "a value that begins with ! & * % @ | > or ` needs quotes"
OTHERWISE = "'token' is read by YAML as another number than the one written: put it in quotes"
DATE = "'token' is a date to YAML: put it in quotes"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rest:\n  token: a\n  token: b\n", "line 3: 'token' is in line 2 already"),
        ("rest:\n  token: a\n\nrest:\n", "line 4: 'rest' is in line 1 already"),
        ("rest: {token: a, 'token': b}", "line 1: 'token' is in line 1 already"),
        ("agent:\n  params:\n    1: a\n    '1': b\n", "line 4: '1' is in line 3 already"),
        (
            "facebook: &a\n  verify: v\nrest:\n  <<: *a\n  token: b\n  token: c\n",
            "line 6: 'token' is in line 5 already",
        ),
    ],
)
def test_what_is_given_twice_is_refused_with_both_lines(text, told):
    assert refused(text) == told


@pytest.mark.parametrize(
    "value",
    [
        *("0x_", "0b_", "0123", "1_000", "12:30:45", "+15005550010", "9" * 5000),
        *(".inf", "-.inf", ".nan", "1:30.5", "1_0.5"),
    ],
)
def test_a_number_that_is_not_the_one_written_is_refused(value):
    assert refused(f"rest:\n  token: {value}\n") == f"line 2: {OTHERWISE}"


@pytest.mark.parametrize("value", ["2024-01-01", "2024-13-45", "2024-01-01T00:00:00Z"])
def test_a_date_is_refused_in_every_section(value):
    for name in ("rest", "agent", "addons.my_channel.MyIO"):
        assert refused(f"{name}:\n  token: {value}\n") == f"line 2: {DATE}"
    assert refused(f"agent:\n  params:\n  - {value}\n").startswith("line 3: an item of a list is")


@pytest.mark.parametrize(
    "value",
    [
        f"!{SECRET}",
        f"!!int {SECRET}",
        f"!!float {SECRET}",
        f"!!bool {SECRET}",
        f"!!null {SECRET}",
        f"!!timestamp {SECRET}",
        f"!!binary {SECRET}",
        f"!<{SECRET}> a",
        f"!{SECRET}!x a",
        f"!{SECRET} [a]",
        "!!set {a, b}",
        f"*{SECRET}",
        f"&{SECRET}",
        f"%{SECRET}",
        f"@{SECRET}",
        f"`{SECRET}",
    ],
)
def test_a_value_that_yaml_takes_for_something_else_is_refused(value):
    told = refused(f"rest:\n  token: {value}\n")
    assert told.startswith("line 2: ")
    assert "quotes" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"a: &{SECRET} x\nb: &{SECRET} y\n", f"line 2: not valid YAML: {QUOTES}"),
        (f"rest: {{token: {SECRET}\n", "line 2: not valid YAML: expected ',' or '}'"),
        (f"rest:\n  token: 'a'{SECRET}\n", "line 2: not valid YAML: expected <block"),
        (f'rest:\n  token: "a\\q{SECRET}"\n', "line 2: not valid YAML: a value with a backslash"),
        (f"rest:\n  token: |{SECRET}\n", f"line 2: not valid YAML: {QUOTES}"),
        (f"rest:\n\ttoken: {SECRET}\n", "line 2: not valid YAML: indent with spaces"),
        (f"rest:\n  token: a: {SECRET}\n", "line 2: not valid YAML: mapping values are not"),
        (f"rest:\n---\nslack: {SECRET}\n", "line 2: not valid YAML: the file has a second doc"),
        (f"rest:\n  token: \a{SECRET}\n", "line 2: not valid YAML: a control character"),
        (f"rest:\n  ? [a, {SECRET}]\n  : x\n", "line 2: a key must be a text"),
        (f"? {{a: {SECRET}}}\n: x\n", "line 1: a key must be a text"),
        (f"rest:\n  <<: {SECRET}\n", "line 2: not valid YAML: expected a mapping or list of"),
        (f"{{rest:{SECRET}}}", "line 1: 'rest...' is no name of a section: write a space after"),
        ("rest:\nmy channel:\n", "line 2: 'my...' is no name of a section: use a channel's"),
        (SECRET, "must be a mapping of channel names to settings"),
        (f"slack: {SECRET}\n", "line 1: the section 'slack' must be a mapping of settings"),
        ("agent:\n  params: &a\n    x: *a\n", "line 3: an alias (*) of what it stands in"),
        ("agent:\n  params: &a [*a]\n", "line 2: an alias (*) of what it stands in"),
        ("a: &a\n  <<: *a\n", "line 2: an alias (*) of what it stands in"),
        (f"rest:\n  token: {'[' * 3000}{']' * 3000}", "line 2: nested deeper than 20 levels"),
        ("rest:\n  token: " + "{a: " * 3000 + "}" * 3000, "line 2: nested deeper than 20 levels"),
    ],
)
def test_what_is_told_of_a_bad_file_is_its_line_and_no_value(text, told):
    assert refused(text).startswith(told)


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("{token: 2.5, a: 7, b: -1, c: 1.5e+3}", {"token": 2.5, "a": 7, "b": -1, "c": 1500.0}),
        ("{token: '2024-01-01', a: !!str 0123}", {"token": "2024-01-01", "a": "0123"}),
        ("{token: 12e4, a: 0o17, b: a b}", {"token": "12e4", "a": "0o17", "b": "a b"}),
        (
            "{1000: a, yes: b, null: c, 2024-01-01: d, 007: e}",
            {"1000": "a", "yes": "b", "null": "c", "2024-01-01": "d", "007": "e"},
        ),
        ("{a: yes, b: Off, c: ~, d: }", {"a": True, "b": False, "c": None, "d": None}),
        ("{a: &x {b: [c]}, d: *x}", {"a": {"b": ["c"]}, "d": {"b": ["c"]}}),
    ],
)
def test_what_is_written_is_read(text, section):
    assert parse_credentials(f"rest: {text}") == {"rest": section}


def test_a_mapping_may_be_merged_and_overridden():
    text = "a.B: &a\n  x: 1\n  y: 1\nrest:\n  <<: *a\n  y: 2\ncallback:\n  z: {<<: [*a], x: 3}\n"
    assert parse_credentials(text) == {
        "a.B": {"x": 1, "y": 1},
        "rest": {"x": 1, "y": 2},
        "callback": {"z": {"x": 3, "y": 1}},
    }


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path):
    file = tmp_path / "c.yml"
    file.write_text("\ufeffrest:\n", encoding="utf-8")
    assert load_credentials(file) == {"rest": {}}
