"""What Mattermost's API refuses, and the login of the older credentials."""

import json

import pytest

from channels.errors import (
    CredentialsError,
    PlatformUnavailable,
    RateLimited,
    RecipientGone,
)
from tests.pages import PAGES
from tests.unit.mattermost.server import (
    JSON,
    TOKEN,
    KeyValueStore,
    error,
    says,
    taken,
    takes_all,
)

IMAGE = "https://x.io/tiger.png"


# errors

TEXT = {"text": "what the bot said"}


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (error(401, "api.context.session_expired.app_error"), CredentialsError),
        (error(403, "api.context.permissions.app_error"), RecipientGone),
        (error(404, "app.channel.get.existing.app_error"), RecipientGone),
        (error(400, "api.post.create_post.can_not_post_to_deleted.error"), RecipientGone),
        (error(404, "api.context.404.app_error"), CredentialsError),
        ((405, b"", {}), PlatformUnavailable),
        ((200, b"{}", {}), PlatformUnavailable),
        ((408, b"", {}), PlatformUnavailable),
        (error(500, "app.post.save.app_error"), PlatformUnavailable),
        ((502, b"", {}), PlatformUnavailable),
        (None, PlatformUnavailable),
        (error(429, "api.context.rate_limit"), RateLimited),
    ],
)
def test_errors_that_stop_a_turn(answer, raised):
    with pytest.raises(raised) as caught:
        says(TEXT, lambda recorded: answer)
    assert type(caught.value) is raised
    assert TOKEN not in str(caught.value)
    assert "what the bot said" not in str(caught.value)


@pytest.mark.parametrize("page", PAGES)
def test_an_address_that_is_not_mattermost_names_its_key(page):
    with pytest.raises(PlatformUnavailable) as caught:
        says(TEXT, lambda recorded: PAGES[page])
    assert "'url'" in str(caught.value) or PAGES[page][0] in (408, 425)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (error(400, "model.post.is_valid.msg.app_error"), "400 model.post.is_valid.msg.app_error"),
        (error(413, "api.context.request_body_too_large"), "413"),
        ((413, b"<html>", {}), "413"),
    ],
)
def test_what_is_refused_for_good_is_noted_and_the_turn_goes_on(answer, reason):
    answers = iter([answer])
    requests, marks = says({"text": "a\n\nb"}, lambda each: next(answers, takes_all(each)))
    assert len(requests) == 2
    assert marks[0].startswith("refused: ")
    assert reason in marks[0]
    assert marks[1] == "po9"


def test_another_channel_that_is_gone_does_not_end_the_conversation():
    answers = iter([error(404, "app.channel.get.existing.app_error")])
    response = {"custom": {"channel_id": "ch2", "message": "hi"}, "image": IMAGE}
    _, marks = says(response, lambda each: next(answers, takes_all(each)))
    assert [mark.partition(":")[0] for mark in marks] == ["refused", "po9"]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "30"}, 30.0),
        ({"x_ratelimit_reset": "7"}, 7.0),
        ({"retry_after": "3", "x_ratelimit_reset": "7"}, 3.0),
        ({"x_ratelimit_reset": "soon"}, 5.0),
        ({}, 5.0),
    ],
)
def test_a_rate_limit_says_how_long(headers, seconds):
    with pytest.raises(RateLimited) as caught:
        says(TEXT, lambda recorded: error(429, "rate", **headers))
    assert caught.value.retry_after == seconds


# the older credentials

LOGIN = {"token": None, "user": "bot@x.io", "pw": "made-up"}


class Logins:
    """A server that takes only the token of the last login."""

    def __init__(self, is_wrong=False):
        self.tokens, self.is_wrong = [], is_wrong

    def __call__(self, recorded):
        if recorded.path == "/api/v4/users/login":
            if self.is_wrong:
                return error(401, "api.user.login.invalid_credentials_email_username")
            self.tokens.append(f"session{len(self.tokens)}")
            return 200, b'{"id": "us1", "username": "bot"}', {**JSON, "Token": self.tokens[-1]}
        if recorded.headers["authorization"] != f"Bearer {(self.tokens or [''])[-1]}":
            return error(401, "api.context.session_expired.app_error")
        return taken(recorded)


def test_a_login_is_made_once_and_shared_by_all_instances():
    memory, server = KeyValueStore(), Logins()
    requests, _ = says({"text": "one\n\ntwo"}, server, memory=memory, **LOGIN)
    assert [request.path.rpartition("/")[2] for request in requests] == ["login", "posts", "posts"]
    assert requests[0].json == {"login_id": "bot@x.io", "password": "made-up"}
    assert "authorization" not in requests[0].headers
    again, _ = says({"text": "three"}, server, memory=memory, **LOGIN)
    assert [request.path.rpartition("/")[2] for request in again] == ["posts"]
    assert "made-up" not in json.dumps(memory)


def test_without_a_memory_each_instance_logs_in():
    server = Logins()
    for _ in range(2):
        requests, _ = says({"text": "hi"}, server, **LOGIN)
        assert len(requests) == 2


def test_a_session_that_ended_is_made_anew_once():
    memory, server = KeyValueStore(), Logins()
    says({"text": "hi"}, server, memory=memory, **LOGIN)
    server.tokens.append("somebody else logged the bot out")
    requests, marks = says({"text": "hi"}, server, memory=memory, **LOGIN)
    names = [request.path.rpartition("/")[2] for request in requests]
    assert names == ["posts", "login", "posts"]
    assert marks == ["po9"]


def test_a_session_that_is_refused_again_is_not_tried_for_ever():
    def respond(recorded):
        if recorded.path.endswith("login"):
            return 200, b'{"id": "us1", "username": "bot"}', {"Token": "x"}
        respond.calls += 1
        return error(401, "api.context.session_expired.app_error")

    respond.calls = 0
    with pytest.raises(CredentialsError):
        says({"text": "hi"}, respond, **LOGIN)
    assert respond.calls == 2


@pytest.mark.parametrize("page", PAGES)
def test_a_login_that_something_else_answers_is_no_refusal(page):
    with pytest.raises(PlatformUnavailable):
        says({"text": "hi"}, lambda recorded: PAGES[page], **LOGIN)


def test_a_login_that_is_refused_names_the_keys():
    with pytest.raises(CredentialsError, match=r"'user' and 'pw'.*docs/.*mattermost") as caught:
        says({"text": "hi"}, Logins(is_wrong=True), **LOGIN)
    assert "made-up" not in str(caught.value)
