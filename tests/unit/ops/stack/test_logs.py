from itertools import islice

from ops.stack.logs import follow

GROUPS = {"RestFunction": "/logs/rest"}


class Logs:
    """Answers of CloudWatch Logs: `pages[n]` are the events at the n-th question."""

    def __init__(self, *pages):
        self.pages = list(pages)
        self.starts = []

    def get_paginator(self, operation):
        assert operation == "filter_log_events"
        return self

    def paginate(self, *, logGroupName, startTime):
        self.starts.append(startTime)
        events = self.pages.pop(0) if self.pages else []
        return [{"events": [event for event in events if event["timestamp"] >= startTime]}]


def event(when, message, stream="s"):
    return {"timestamp": when, "message": message, "logStreamName": stream}


def lines(logs, count):
    followed = follow(logs, GROUPS, since=100, pause=lambda seconds: None)
    return [line for _, line in islice(followed, count)]


def test_what_functions_say_comes_with_their_name():
    followed = follow(Logs([event(100_000, "hi\n")]), GROUPS, since=100, pause=lambda seconds: None)
    assert next(followed) == ("RestFunction", "hi")


def test_each_line_comes_once_though_asked_for_twice():
    first, second = event(100_001, "one"), event(100_001, "two")
    late = event(100_000, "late", stream="other")
    logs = Logs([first], [first, second], [late, first, second, event(100_002, "three")])
    assert lines(logs, 4) == ["one", "two", "late", "three"]


def test_the_platform_s_own_lines_are_left_out():
    platform = ["START RequestId: 1 Version: $LATEST", "END RequestId: 1", "REPORT RequestId: 1"]
    logs = Logs([*[event(100_000, line) for line in platform], event(100_000, "said")])
    assert lines(logs, 1) == ["said"]


def test_the_past_is_asked_for_a_little_only():
    logs = Logs([event(500_000, "one")], [event(500_001, "two")])
    assert lines(logs, 2) == ["one", "two"]
    assert logs.starts == [100_000, 490_000]
