"""What ours sends, beside what the client sends that Rasa uses: `rocketchat_API`."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rocketchat_API.rocketchat import RocketChat

from tests.servers.recording_server import recording_server
from tests.unit.rocketchat.server import CREDENTIALS, PERSONAL, ROOM, Server, channel

IMAGE = "https://example.com/i.png"
YES = {"title": "Yes", "payload": "yes"}
SENT = ("x-auth-token", "x-user-id", "content-type")


def requests_of(act):
    """Method, path, headers that matter and JSON of what `act(server_url)` calls."""
    model = Server()
    with recording_server(model) as recorder:
        model.recorder = recorder
        act(recorder.url)
        return [
            (each.method, each.path, {key: each.headers.get(key) for key in SENT}, each.json)
            for each in recorder.requests
        ]


def ours(response, **credentials):
    def act(server_url):
        output = channel(server_url=server_url, **credentials).get_output_channel()
        asyncio.run(output.send_response(ROOM, response))

    return requests_of(act)


def theirs(*arguments, **credentials):
    login = credentials or {"user": CREDENTIALS["user"], "password": CREDENTIALS["password"]}

    def act(server_url):
        client = RocketChat(server_url=server_url, **login)
        for each in arguments:
            client.chat_post_message(each.pop("text", None), **each)
        client.session.close()

    return requests_of(act)


#: A bot's response, and the calls of Rasa's channel that say the same with its client.
CASES = {
    "a text": ({"text": "hi \u00e9"}, [{"text": "hi \u00e9", "room_id": ROOM}]),
    "paragraphs": (
        {"text": "one\n\ntwo"},
        [{"text": "one", "room_id": ROOM}, {"text": "two", "room_id": ROOM}],
    ),
    "buttons": (
        {"text": "Sure?", "buttons": [YES]},
        [
            {
                "text": "Sure?",
                "room_id": ROOM,
                "attachments": [
                    {
                        "actions": [
                            {
                                "text": "Yes",
                                "msg": "yes",
                                "type": "button",
                                "msg_in_chat_window": True,
                            }
                        ]
                    }
                ],
            }
        ],
    ),
    "an image": (
        {"image": IMAGE},
        [{"room_id": ROOM, "attachments": [{"image_url": IMAGE, "collapsed": False}]}],
    ),
    "an attachment": (
        {"attachment": {"title": "T"}},
        [{"room_id": ROOM, "attachments": [{"title": "T"}]}],
    ),
    "elements": (
        {"elements": [{"title": "T", "text": "S"}]},
        [{"room_id": ROOM, "attachments": [{"title": "T", "text": "S"}]}],
    ),
    "custom": (
        {"custom": {"text": "hi", "alias": "Bot"}},
        [{"text": "hi", "room_id": ROOM, "alias": "Bot"}],
    ),
    "custom to a channel": (
        {"custom": {"text": "hi", "channel": "#ops"}},
        [{"text": "hi", "channel": "#ops"}],
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("account", ["password", "personal access token"])
def test_the_same_requests_as_rasas_client(case, account):
    response, arguments = CASES[case]
    personal = PERSONAL if account != "password" else {}
    expected = theirs(*(dict(each) for each in arguments), **personal)
    assert ours(response, **personal) == expected
    assert expected[0][1].endswith("postMessage" if personal else "login")


@pytest.mark.parametrize("user", ["rasa", "rasa@example.org"])
def test_the_same_login(user):
    login = {"user": user, "password": CREDENTIALS["password"]}
    assert ours({"text": "hi"}, user=user)[0] == theirs({"text": "hi", "room_id": ROOM}, **login)[0]


TEXTS = st.text(min_size=1, max_size=200).filter(
    lambda text: text.strip() and "\n\n" not in text and text == text.strip("\r\n")
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXTS, title=TEXTS)
def test_any_words_in_the_same_bytes(text, title):
    response = {"text": text, "attachment": {"title": title}}
    said = {"text": text, "room_id": ROOM}
    shown = {"room_id": ROOM, "attachments": [{"title": title}]}
    assert ours(response, **PERSONAL) == theirs(said, shown, **PERSONAL)
