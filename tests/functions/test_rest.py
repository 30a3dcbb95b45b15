"""functions/rest/app.py, driven by its events and by whatever else may come."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.functions.bodies import documents
from tests.functions.harness import example

SIZE_OF_7_MB = 7 * 1024 * 1024

JSON = documents("sender message metadata input_channel x")


@pytest.fixture(scope="session")
def handler(lambda_handler):
    return lambda_handler("rest")


@pytest.mark.parametrize(
    ("event", "status", "start"),
    [
        ("text", 200, '[{"recipient_id": "me", "text": "Hey! How are you?", "buttons"'),
        ("stream", 200, '{"recipient_id": "me", "text": "Here is something to cheer you up:"}\n'),
        ("metadata", 200, '[{"recipient_id": "me"'),
        ("base64", 200, '[{"recipient_id": "me", "text": "You said: h\\u00e9llo"}'),
        ("bearer", 200, '[{"recipient_id": "me"'),
        ("rest_api_v1", 200, '[{"recipient_id": "me"'),
        ("malformed", 400, '{"description": "Bad Request"'),
        ("health", 200, '{"status": "ok"}'),
        ("health_slash", 200, '{"status": "ok"}'),
    ],
)
def test_events(handler, event, status, start):
    answer = handler(example(f"rest/{event}"), None)
    assert answer["statusCode"] == status
    assert answer["body"].startswith(start)


def assert_civil(answer, allowed):
    """The answer is one API Gateway takes, of an expected status, and shows nothing internal."""
    json.dumps(answer)
    assert answer["statusCode"] in allowed
    assert "Traceback" not in answer["body"]
    assert "internal error" not in answer["body"]
    document = json.loads(answer["body"])
    if answer["statusCode"] != 200:
        assert set(document) == {"description", "status", "message"}


def posted(body, is_base64=False):
    return {**example("rest/text"), "body": body, "isBase64Encoded": is_base64}


@given(body=st.binary(max_size=500))
def test_random_bytes(handler, body):
    event = posted(base64.b64encode(body).decode(), is_base64=True)
    assert_civil(handler(event, None), {200, 400})


@given(body=st.text(max_size=200), is_base64=st.booleans())
def test_random_text(handler, body, is_base64):
    assert_civil(handler(posted(body, is_base64), None), {200, 400})


@given(document=JSON)
def test_json_of_wrong_types(handler, document):
    assert_civil(handler(posted(json.dumps(document)), None), {200, 400})


@given(event=JSON)
def test_events_that_are_not_from_api_gateway(handler, event):
    assert_civil(handler(event, None), {400, 404})


@settings(max_examples=5)
@given(
    filling=st.sampled_from([b"x", b"[", b"\xff", b'{"message":"', b"\x00"]), coded=st.booleans()
)
def test_bodies_of_7_mb(handler, filling, coded):
    body = (filling * SIZE_OF_7_MB)[:SIZE_OF_7_MB]
    text = base64.b64encode(body).decode() if coded else body.decode("latin-1")
    assert_civil(handler(posted(text, coded), None), {413})


@given(
    path=st.text(max_size=60).map(lambda text: f"/webhooks/{text}") | st.text(max_size=60),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "", "\u2603"]),
)
def test_any_path_and_method(handler, path, method):
    event = example("rest/text")
    event["rawPath"] = path
    event["requestContext"]["http"]["method"] = method
    assert_civil(handler(event, None), {200, 404, 405})
