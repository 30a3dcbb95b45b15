import pytest

from ops.wording import clock, count, duration, iso


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ms"),
        (0.0123, "12 ms"),
        (1, "1.0 s"),
        (59.94, "59.9 s"),
        (60, "1 min"),
        (125.4, "2 min 5 s"),
        (3600, "1 h"),
        (12_000, "3 h 20 min"),
        (86_400 * 4 + 3600, "4 d 1 h"),
        (86_400 + 59, "1 d"),
    ],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_times_are_utc():
    assert iso(1_000_000_000.25) == "2001-09-09T01:46:40.250+00:00"
    assert clock(1_000_000_000.25) == "2001-09-09 01:46:40.250"


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 messages"), (1, "1 message"), (2, "2 messages")]
)
def test_counts(number, text):
    assert count(number, "message") == text
