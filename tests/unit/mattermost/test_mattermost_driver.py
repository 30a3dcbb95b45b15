"""What is sent, compared with what the Mattermost community's Python client sends for the same.

PyPI `mattermostdriver`: its calls below `/api/v4` of the same server.
"""

import asyncio
import json
from urllib.parse import urlsplit

import pytest
from mattermostdriver import Driver

from channels.channel import UserMessage
from tests.servers.recording_server import recording_server
from tests.unit.mattermost.server import CHANNEL, JSON, POST, TOKEN, USER, channel, created, says

DIALOG = {"callback_id": "book", "title": "Book", "elements": []}


def respond(recorded):
    if recorded.path.endswith("/login"):
        return 200, b'{"id": "us1", "username": "bot"}', {**JSON, "Token": "session"}
    if recorded.path.startswith("/api/v4/posts/"):
        return 200, json.dumps(created({"root_id": ""}, POST)).encode(), JSON
    if recorded.method == "GET":
        return 200, b'{"id": "us1", "username": "bot"}', JSON
    if recorded.path == "/api/v4/posts":
        return 201, json.dumps(created({})).encode(), JSON
    return 200, b'{"status": "OK"}', JSON


def seen(requests):
    """What makes a request, without what names the client."""
    return [
        (
            each.method,
            each.path,
            each.headers.get("authorization"),
            each.headers.get("content-type"),
            each.json if each.method == "POST" else None,
        )
        for each in requests
    ]


def theirs(call, **options):
    with recording_server(respond) as server:
        address = urlsplit(server.url)
        made = {"scheme": "http", "url": address.hostname, "port": address.port}
        driver = Driver({**made, "token": TOKEN, "verify": False, **options})
        if "token" not in options:
            driver.client.token = TOKEN
        call(driver)
        return seen(server.requests)


RESPONSES = {
    "text": {"text": "hi *there* <b> ü 😀"},
    "buttons": {"text": "Sure?", "buttons": [{"title": "Yes", "payload": "/affirm"}]},
    "menu": {"text": "?", "buttons": [{"title": f"T{n}"} for n in range(30)]},
    "image": {"image": "https://x.io/i.png"},
    "attachment": {"attachment": "https://x.io/a.pdf"},
    "element": {"elements": [{"title": "E", "subtitle": "S"}]},
    "custom": {"custom": {"message": "hi", "props": {"card": "more"}}},
}


@pytest.mark.parametrize("response", RESPONSES.values(), ids=RESPONSES)
def test_posts(response):
    requests, _ = says(response, respond)
    [request] = requests
    assert theirs(lambda driver: driver.posts.create_post(request.json)) == seen(requests)


def test_a_post_in_a_thread():
    requests, _ = says({"text": "hi"}, respond, use_threads=True)
    post = {"channel_id": CHANNEL, "root_id": POST, "message": "hi"}

    def call(driver):
        driver.posts.get_post(POST)
        driver.posts.create_post(post)

    assert [each[:3] for each in theirs(call)] == [each[:3] for each in seen(requests)]
    assert theirs(call)[-1] == seen(requests)[-1]


def test_a_dialog():
    to = {"channel_id": CHANNEL, "trigger_id": "t1"}
    requests, _ = says({"custom": {"dialog": DIALOG}}, respond, reply_to=to)
    [request] = requests
    call = theirs(lambda driver: driver.integration_actions.open_dialog(request.json))
    assert call == seen(requests)


def test_typing():
    with recording_server(respond) as server:
        output = channel(url=server.url).output_for(
            UserMessage("hi", reply_to={"channel_id": CHANNEL})
        )
        asyncio.run(output.show_typing(USER))
    ours = seen(server.requests)
    # The client has no call for it: its own way to make one, with the path of Mattermost's API.
    body = {"channel_id": CHANNEL}
    assert ours == theirs(lambda driver: driver.client.post("/users/me/typing", options=body))


def test_who_the_bot_is():
    with recording_server(respond) as server:
        made = channel(url=server.url)
        made.enrich(UserMessage("hi", reply_to={"author": USER}))
    calls = theirs(lambda driver: [driver.users.get_user(each) for each in ("me", USER)])
    assert [each[:3] for each in seen(server.requests)] == [each[:3] for each in calls]


def test_a_login():
    ours, _ = says({"text": "hi"}, respond, token=None, user="bot@x.io", pw="made-up")
    login = {"login_id": "bot@x.io", "password": "made-up"}
    post = {"channel_id": CHANNEL, "message": "hi"}

    def call(driver):
        driver.login()
        driver.posts.create_post(post)

    calls = theirs(call, token=None, **login)
    (method, path, authorization, content_type, body), made = seen(ours)
    assert (method, path, authorization, content_type) == calls[0][:4]
    assert body == {key: calls[0][4][key] for key in body}
    assert not any(value for key, value in calls[0][4].items() if key not in body)
    assert made == calls[-1]
