"""What is sent, compared with what Webex's own Python client sends for the same."""

import asyncio
import json
from contextlib import contextmanager

import pytest
import webexpythonsdk
from hypothesis import given
from hypothesis import strategies as st
from webexpythonsdk.models.cards import AdaptiveCard, OpenUrl, Submit, TextBlock

from channels.channel import UserMessage
from channels.errors import RateLimited
from channels.turns.retry import INBOX
from channels.webexteams.api import WebexApi
from tests.servers.recording_server import recording_server
from tests.unit.webexteams.webex import (
    FETCHED,
    ME,
    ROOM,
    SUBMITTED,
    TOKEN,
    answer,
    body,
    channel,
    refused,
    request,
    say,
)

FILE = "https://example.com/a.pdf"
YES = {"title": "Yes", "payload": "/affirm"}


@contextmanager
def recorded(*answers):
    """`(client, server)`: Webex's client, and the requests it makes."""
    answers = list(answers)
    with recording_server(lambda request: answers.pop(0)) as server:
        yield webexpythonsdk.WebexAPI(TOKEN, base_url=f"{server.url}/"), server


def theirs(**message):
    message = {"roomId": ROOM, **message}
    with recorded(answer({"id": "OUT1", "roomId": "ROOM1"})) as (client, server):
        client.messages.create(**message)
        return server.requests[0]


def ours(response, **settings):
    [message] = say(response, **settings)
    return message


SENDS = {
    "a text": ({"text": "hi \u00e9"}, {"markdown": "hi \u00e9", "text": "hi \u00e9"}),
    "a file": ({"attachment": FILE}, {"files": [FILE]}),
    "an image": ({"image": FILE}, {"files": [FILE]}),
    "custom JSON": ({"custom": {"markdown": "*a*"}}, {"markdown": "*a*"}),
}


@pytest.mark.parametrize("name", SENDS)
def test_a_message_is_that_of_webexs_client(name):
    response, arguments = SENDS[name]
    assert ours(response) == theirs(**arguments).json


def test_a_reply_in_a_thread_is_that_of_webexs_client():
    reply_to = {"roomId": ROOM, "parentId": "MSG0"}
    mine = ours({"text": "hi"}, reply_to=reply_to, use_threads=True)
    assert mine == theirs(markdown="hi", text="hi", parentId="MSG0").json


def test_a_card_is_that_of_webexs_client():
    link = {"title": "Site", "url": "https://example.com"}
    card = AdaptiveCard(
        body=[TextBlock("Sure?", wrap=True)],
        actions=[
            Submit(title="Yes", data={"payload": "/affirm"}),
            OpenUrl("https://example.com", title="Site"),
        ],
    )
    mine = ours({"text": "Sure?", "buttons": [YES, link]})
    sent = theirs(markdown="Sure?", text="Sure?", attachments=[card]).json
    # Defaults of the schema, which their client spells out.
    content = sent["attachments"][0]["content"]
    del content["body"][0]["isVisible"], content["actions"][0]["associatedInputs"]
    assert mine == sent


def test_the_requests_are_those_of_webexs_client():
    with recorded(
        answer(ME), answer(FETCHED), answer(SUBMITTED), answer({"id": "OUT1", "roomId": "ROOM1"})
    ) as (client, server):
        client.people.me()
        client.messages.get("MSG1")
        client.attachment_actions.get("ACT1")
        client.messages.create(roomId=ROOM, text="hi")
        expected = [outline(each) for each in server.requests]
    known = {"id": "x", "roomId": "ROOM1", "displayName": "RasaBot"}
    with recording_server(lambda request: answer(known)) as server:
        api = WebexApi(TOKEN, server.url)
        for path in ("people/me", "messages/MSG1", "attachment/actions/ACT1"):
            api.get(path)
        api.post_message({"roomId": ROOM, "text": "hi"})
        api.close()
        assert [outline(each) for each in server.requests] == expected


def outline(request):
    sent = json.loads(request.body) if request.body else None
    content_type = request.headers.get("content-type", "").partition(";")[0] if sent else None
    return request.method, request.path, request.headers["authorization"], content_type, sent


@pytest.mark.parametrize("status", [429, 423])
@pytest.mark.parametrize("said", ["7", "0", "soon", None])
def test_the_wait_is_that_of_webexs_client(status, said):
    headers = {} if said is None else {"retry-after": said}
    refusal = refused(status, **headers)
    with recording_server(lambda request: refusal) as server:
        with pytest.raises(RateLimited) as mine:
            WebexApi(TOKEN, server.url).get("people/me")
        client = webexpythonsdk.WebexAPI(TOKEN, base_url=f"{server.url}/", wait_on_rate_limit=False)
        with pytest.raises(webexpythonsdk.ApiError) as raised:
            client.people.me()
    if status == 429:  # to them 423 is an error that is not repeated
        wait = INBOX.delay(1, 0.0, mine.value.retry_after)  # what the worker makes of it
        assert wait == raised.value.retry_after
    assert raised.value.status_code == status


PLAIN = st.text(st.characters(exclude_characters="<`\n\r"), min_size=1, max_size=300)


def test_any_text_is_that_of_webexs_client():
    with recording_server(lambda request: answer({"id": "OUT1", "roomId": "ROOM1"})) as server:
        client = webexpythonsdk.WebexAPI(TOKEN, base_url=f"{server.url}/")
        output = channel(api_base=server.url).output_for(UserMessage(reply_to={"roomId": ROOM}))

        @given(text=PLAIN.filter(lambda text: len(text.splitlines()) == 1 and text.strip()))
        def agree(text):
            client.messages.create(roomId=ROOM, markdown=text, text=text)
            asyncio.run(output.send_text_message(ROOM, text))
            theirs, mine = server.requests[-2:]
            assert mine.json == theirs.json

        agree()


def test_hooks_are_read_as_webexs_client_reads_them():
    for name in ("message_direct", "message_in_group", "reply_in_thread", "card_submit"):
        theirs = webexpythonsdk.WebhookEvent(body(name)).data
        [message] = channel().parse(request(name))
        assert (message.message_id, message.sender_id) == (theirs.id, theirs.roomId)
        assert message.metadata["personId"] == theirs.personId
        assert message.reply_to.get("parentId") == getattr(theirs, "parentId", None)
