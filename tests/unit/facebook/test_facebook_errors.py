"""What Meta's refusals mean for the worker."""

import asyncio
import json

import pytest

from channels.errors import (
    CredentialsError,
    PlatformUnavailable,
    RateLimited,
    RecipientGone,
    SendError,
)
from tests.unit.facebook.fake_graph import conversation, error


def outcome(answer):
    """The error that a text's sending ends with."""
    with (
        conversation(lambda request: answer) as talk,
        pytest.raises((SendError, CredentialsError)) as raised,
    ):
        asyncio.run(talk.output.send_text_message("PSID_1", "hello"))
    assert len(talk.server.requests) == 1, "the worker repeats, not the channel"
    assert "EAAG" not in str(raised.value), "Meta's own words quote tokens"
    assert "hello" not in str(raised.value)
    return raised.value


@pytest.mark.parametrize(
    ("status", "code", "subcode", "expected"),
    [
        (400, 4, None, RateLimited),
        (400, 17, None, RateLimited),
        (403, 32, None, RateLimited),
        (400, 613, None, RateLimited),
        (400, 80006, None, RateLimited),
        (429, 4, None, RateLimited),
        (400, 551, None, RecipientGone),
        (400, 551, 1545041, RecipientGone),
        (403, 200, 1545041, RecipientGone),
        (400, 10, 2018278, RecipientGone),
        (403, 10, 2534022, RecipientGone),
        (403, 10, 2018108, RecipientGone),
        (400, 100, 2018001, RecipientGone),
        (400, 1, 99, PlatformUnavailable),
        (400, 2, None, PlatformUnavailable),
        (400, 1200, None, PlatformUnavailable),
        (500, 1, None, PlatformUnavailable),
        (503, 2, None, PlatformUnavailable),
        (401, 190, 463, CredentialsError),
        (400, 102, None, CredentialsError),
        (403, 10, None, CredentialsError),
        (403, 10, 1893063, CredentialsError),
        (403, 200, 2018028, CredentialsError),
        (403, 230, None, CredentialsError),
        (400, 3, None, CredentialsError),
        (400, 100, None, SendError),
        (400, 100, 2018008, SendError),
        (400, 368, None, SendError),
        (400, "x", [1], PlatformUnavailable),
        (400, 100, [1], SendError),
        (200, 100, None, SendError),
    ],
)
def test_an_error_of_graph(status, code, subcode, expected):
    assert type(outcome(error(status, code, subcode))) is expected


def test_a_secret_of_another_app_is_told_from_a_bad_message():
    message = "Invalid appsecret_proof provided in the API argument"
    raised = outcome(error(400, 100, message=message))
    assert type(raised) is CredentialsError
    assert "'appsecret_proof: false'" in str(raised)


def test_an_error_that_meta_calls_passing():
    assert type(outcome(error(400, 99999, is_transient=True))) is PlatformUnavailable


@pytest.mark.parametrize("answer", [(200, b"{}", {}), (404, b"{}", {}), (400, b"null", {})])
def test_an_answer_that_is_none(answer):
    assert type(outcome(answer)) is PlatformUnavailable


def test_no_answer():
    assert type(outcome(None)) is PlatformUnavailable


def test_the_log_says_what_to_look_up():
    assert str(outcome(error(400, 100, 2018008))) == "code 100/2018008, fbtrace_id BLBz"
    assert "'page-access-token'" in str(outcome(error(401, 190)))
    assert "pages_messaging" in str(outcome(error(403, 200)))


@pytest.mark.parametrize(
    ("usage", "seconds"),
    [
        ({"1": [{"type": "messenger", "estimated_time_to_regain_access": 5}]}, 300.0),
        (
            {
                "1": [{"estimated_time_to_regain_access": 1}],
                "2": [{"estimated_time_to_regain_access": 2}, {}],
            },
            120.0,
        ),
        ({"1": [{"estimated_time_to_regain_access": 100000}]}, 3600.0),
        ({"1": [{"estimated_time_to_regain_access": 0}]}, 30.0),
        ({}, 30.0),
        ([], 30.0),
        ({"1": 1}, 30.0),
        ({"1": [{"estimated_time_to_regain_access": "soon"}]}, 30.0),
    ],
)
def test_how_long_a_rate_limit_lasts(usage, seconds):
    headers = {"x-business-use-case-usage": json.dumps(usage)}
    assert outcome(error(400, 613, headers=headers)).retry_after == seconds


def test_a_usage_without_an_end_says_nothing():
    headers = {"x-business-use-case-usage": "[" * 20_000}
    assert outcome(error(400, 613, headers=headers)).retry_after == 30.0


def test_a_rate_limit_by_status_says_how_long():
    assert outcome((429, b"{}", {"retry-after": "7"})).retry_after == 7.0


@pytest.mark.parametrize("message", [{"image": "https://e.com/i.png"}, {"text": "hello"}])
def test_a_rate_limit_ends_the_attempt_without_a_text_in_place_of_a_file(message):
    with conversation(lambda request: error(400, 613)) as talk:
        with pytest.raises(RateLimited):
            talk.send(message)
        assert (len(talk.bodies), talk.marks) == (1, [])


def test_what_is_refused_for_good_is_marked_and_the_turn_goes_on():
    def respond(request):
        bad = b"bad" in request.body
        return error(400, 100) if bad else (200, b'{"message_id": "m_2"}', {})

    with conversation(respond) as talk:
        talk.send({"text": "bad\n\ngood"})
        assert talk.marks == [(1, "refused: code 100/0, fbtrace_id BLBz"), (2, "m_2")]
