"""functions/callback/app.py, driven by its events."""

import pytest


@pytest.mark.parametrize(
    ("event", "status", "body"),
    [
        ("health", 200, '{"status": "ok"}'),
        ("text", 500, "the channel is not set up"),
        ("malformed", 500, "the channel is not set up"),
    ],
)
def test_without_credentials_only_health_answers(lambda_handler, example, event, status, body):
    answer = lambda_handler("callback")(example(f"callback/{event}"), None)
    assert answer["statusCode"] == status
    assert body in answer["body"]
