"""What a hook points to: fetched in the worker, from a Webex that answers as told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import (
    CredentialsError,
    PlatformUnavailable,
    RateLimited,
    RecipientGone,
    SendError,
)
from channels.messages.payloads import key_of
from channels.webexteams.contents import add_contents
from channels.webexteams.mentions import without_mentions
from channels.webexteams.payloads import MAX_PAYLOAD, said_by
from tests.pages import PAGES
from tests.unit.webexteams.webex import (
    FETCHED,
    ME,
    SUBMITTED,
    TOKEN,
    KeyValueStore,
    bot,
    channel,
    completed,
    refused,
    request,
)

MESSAGE = "/messages/MSG1"
SUBMIT = "/attachment/actions/ACT1"


def said(**fields):
    """The message of a group whose fetched fields are changed, and whether it is kept."""
    message, kept, _ = completed("message_in_group", {MESSAGE: {**FETCHED, **fields}})
    return message.text, kept


def test_a_message_in_a_group():
    message, kept, calls = completed("message_in_group", {MESSAGE: FETCHED})
    assert (message.text, kept) == ("hello", True)
    assert calls == ["GET /people/me", "GET /messages/MSG1"]
    assert message.metadata == {
        "resource": "messages",
        "id": "MSG1",
        "roomId": "ROOM1",
        "roomType": "group",
        "personId": "USERPERSON",
        "personEmail": "ann@example.com",
        "mentionedPeople": ["BOTPERSON"],
        "created": "2026-01-01T00:00:00.000Z",
        "html": FETCHED["html"],
        "parentId": "MSG0",
        "attachments": [{"url": "https://webexapis.com/v1/contents/C1"}],
    }


def test_the_token_goes_along():
    with bot(documents={MESSAGE: FETCHED}) as (instance, webex):
        [message] = instance.parse(request("message_direct"))
        instance.enrich(message)
    assert {each.headers["authorization"] for each in webex.server.requests} == {f"Bearer {TOKEN}"}


def test_a_message_that_is_completed_again_is_the_same():
    with bot(documents={MESSAGE: FETCHED}) as (instance, _):
        [message] = instance.parse(request("message_in_group"))
        instance.enrich(message)
        first = message.text, message.metadata, message.reply_to
        assert instance.enrich(message)
    assert (message.text, message.metadata, message.reply_to) == first


def test_what_the_bot_says_itself_is_dropped_before_it_is_fetched():
    with bot() as (instance, webex):
        [message] = instance.parse(request("message_direct"))
        message.metadata["personId"] = ME["id"]
        assert not instance.enrich(message)
    assert webex.calls == ["GET /people/me"]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"text": "hello", "html": None}, "hello"),
        ({"text": "", "html": ""}, "https://webexapis.com/v1/contents/C1"),
        ({"text": None, "files": ["https://a", "https://b"]}, "https://a\nhttps://b"),
    ],
)
def test_files_are_the_text_only_where_there_is_none(fields, text):
    assert said(**{"html": None, **fields}) == (text, True)


MENTIONED = (
    '<spark-mention data-object-type="person" data-object-id="BOTPERSON">RasaBot</spark-mention>'
)


@pytest.mark.parametrize("text", ["RasaBot", " RasaBot "])
def test_a_mention_alone_says_itself(text):
    assert said(files=[], html=MENTIONED, text=text) == ("RasaBot", True)


def test_a_mention_with_a_file_says_its_address():
    kept = said(html=MENTIONED, text="RasaBot")
    assert kept == ("https://webexapis.com/v1/contents/C1", True)


@pytest.mark.parametrize("fields", [{"text": "  "}, {"text": None}])
def test_a_message_that_says_nothing_is_dropped_and_logged(fields, caplog):
    caplog.set_level("INFO", "channels")
    assert said(**{"files": [], "html": MENTIONED, **fields}) == ("", False)
    assert "ignored" in caplog.text
    assert "MSG1" in caplog.text


CARD = "/messages/MSG2"
SUBMIT_ACTION = {"type": "Action.Submit", "title": "Approve"}


def card_of(*actions):
    content = {"type": "AdaptiveCard", "body": [], "actions": list(actions)}
    return {"id": "card", "roomId": "ROOM1", "attachments": [{"content": content}]}


@pytest.mark.parametrize(
    ("card", "text"),
    [
        (card_of(SUBMIT_ACTION), "Approve"),
        (card_of(SUBMIT_ACTION, {"type": "Action.OpenUrl", "title": "Site"}), "Approve"),
        (card_of(SUBMIT_ACTION, {"type": "Action.Submit", "title": "Reject"}), "submit"),
        (card_of({"type": "Action.Submit"}), "submit"),
        ({"id": "card", "roomId": "ROOM1", "attachments": "none"}, "submit"),
        (refused(404), "submit"),
    ],
)
@pytest.mark.parametrize("inputs", [{}, None, [], "x", {"payload": ""}])
def test_a_button_without_data_says_its_title_where_it_is_the_only_one(inputs, card, text):
    documents = {SUBMIT: {**SUBMITTED, "inputs": inputs}, CARD: card}
    message, kept, _ = completed("card_submit", documents)
    assert (message.text, kept) == (text, True)
    assert message.metadata["inputs"] == inputs


@pytest.mark.parametrize("status", [403, 404, 410])
@pytest.mark.parametrize("name", ["message_direct", "card_submit"])
def test_what_is_deleted_or_not_for_the_bot_is_dropped(name, status, caplog):
    documents = {MESSAGE: refused(status), SUBMIT: refused(status)}
    message, kept, _ = completed(name, documents)
    assert (message.text, kept) == (None, False)
    assert "dropped" in caplog.text
    assert "trackingId ROUTER_1" in caplog.text


ERRORS = {
    "the token is revoked": (refused(401), CredentialsError, "access_token"),
    "too many calls": (refused(429, **{"retry-after": "7"}), RateLimited, 7.0),
    "locked for a moment": (refused(423, **{"retry-after": "7"}), RateLimited, 7.0),
    "no time said": (refused(423), RateLimited, 15.0),
    "a time that is none": (refused(429, **{"retry-after": "soon"}), RateLimited, 15.0),
    "at once": (refused(429, **{"retry-after": "0"}), RateLimited, 0.0),
    "broken": (refused(500), PlatformUnavailable, "500"),
    "a gateway": (refused(503), PlatformUnavailable, "503"),
    **{name: (page, PlatformUnavailable, str(page[0])) for name, page in PAGES.items()},
    "no answer": (None, PlatformUnavailable, "no answer"),
    "refused for good": (refused(400, "odd id"), SendError, "odd id"),
}


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("path", [MESSAGE, "/people/me"])
def test_an_error_is_named_after_what_follows(name, path):
    said_no, kind, told = ERRORS[name]
    documents = {MESSAGE: FETCHED, path: said_no}
    if said_no is None:
        with bot() as (instance, webex):
            webex.server.respond = lambda recorded: None
            [message] = instance.parse(request("message_direct"))
            with pytest.raises(kind, match=told):
                instance.enrich(message)
        return
    with pytest.raises(kind) as error:
        completed("message_direct", documents)
    assert type(error.value) is kind
    assert TOKEN not in str(error.value)
    if kind is RateLimited:
        assert error.value.retry_after == told
    else:
        assert told in str(error.value)


@pytest.mark.parametrize("status", [403, 404])
def test_an_address_that_is_no_webex_loses_no_message(status):
    with pytest.raises(CredentialsError, match="api_base"):
        completed("message_direct", {"/people/me": refused(status)})


def test_without_its_id_the_bot_hears_nobody_rather_than_itself():
    with pytest.raises(PlatformUnavailable, match="not a response from Webex"):
        completed("message_direct", {"/people/me": {"displayName": "RasaBot"}, MESSAGE: FETCHED})


def test_the_own_id_is_asked_for_once():
    memory = KeyValueStore()
    with bot(documents={MESSAGE: FETCHED}, memory=memory) as (instance, webex):
        for _ in range(3):
            [message] = instance.parse(request("message_direct"))
            assert instance.enrich(message)
        assert webex.calls.count("GET /people/me") == 1
    _, _, calls = completed("message_direct", {MESSAGE: FETCHED}, memory=memory)
    assert calls == ["GET /messages/MSG1"], "by all instances together"
    assert TOKEN not in json.dumps(memory)


def test_another_bots_id_is_not_taken_for_it():
    memory = KeyValueStore()
    completed("message_direct", {MESSAGE: FETCHED}, memory=memory)
    _, _, calls = completed("message_direct", {MESSAGE: FETCHED}, memory=memory, access_token="new")
    assert "GET /people/me" in calls


def test_an_id_cannot_lead_elsewhere():
    with bot() as (instance, webex):
        [message] = instance.parse(request("message_direct"))
        message.message_id = "../people/x?y#z"
        instance.enrich(message)
    assert webex.calls[-1] == "GET /messages/..%2Fpeople%2Fx%3Fy%23z"


SUBMITS = {
    "a button": ({"payload": "/affirm"}, "/affirm"),
    "a button beside fields": ({"payload": "/affirm", "name": "Ann"}, "/affirm"),
    "fields only": ({"name": "Ann \u00e9"}, '{"name": "Ann \u00e9"}'),
    "a payload that is an object": ({"payload": {"a": 1}}, '{"a": 1}'),
    "a key of the user's own": ({"payload": "payload:short"}, "payload:short"),
}


@pytest.mark.parametrize("name", SUBMITS)
def test_a_submitted_card(name):
    inputs, text = SUBMITS[name]
    message, kept, calls = completed("card_submit", {SUBMIT: {**SUBMITTED, "inputs": inputs}})
    assert (message.text, kept) == (text, True)
    assert calls == ["GET /people/me", "GET /attachment/actions/ACT1"]
    assert message.metadata["inputs"] == inputs
    assert message.metadata["messageId"] == "MSG2"


def test_a_button_of_a_message_that_is_not_told():
    fetched = {**SUBMITTED, "inputs": {}, "messageId": None}
    message, kept, calls = completed("card_submit", {SUBMIT: fetched})
    assert (message.text, kept) == ("submit", True)
    assert calls == ["GET /people/me", f"GET {SUBMIT}"]


def test_a_long_payload_is_remembered():
    payload = "/long" + "x" * MAX_PAYLOAD
    inputs = {"payload": key_of(payload), "title": "Yes"}
    memory = KeyValueStore(**{key_of(payload): payload})
    assert said_by(inputs, memory) == payload
    assert said_by(inputs, KeyValueStore()) == "Yes", "forgotten"
    assert said_by(inputs, None) == "Yes"


MENTION = '<spark-mention data-object-type="person" data-object-id="{0}">{1}</spark-mention>'
ME_HTML = MENTION.format("BOTPERSON", "Rasa Bot")
API_ID = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8yN2VmNTEwMi0zMDVmLTQxOWItODk3Yi00ZmIyN2E1NmI1MjQ"
UUID = "27ef5102-305f-419b-897b-4fb27a56b524"

MENTIONS = {
    "first": ("Rasa Bot hello", f"<p>{ME_HTML} hello</p>", "hello"),
    "last": ("hello Rasa Bot", f"<p>hello {ME_HTML}</p>", "hello"),
    "between": ("hello Rasa Bot you", f"<p>hello {ME_HTML} you</p>", "hello you"),
    "with a comma": ("Rasa Bot, hello", f"<p>{ME_HTML}, hello</p>", "hello"),
    "twice": ("Rasa Bot hi Rasa Bot", f"<p>{ME_HTML} hi {ME_HTML}</p>", "hi"),
    "after the same words": (
        "is Rasa Bot Rasa Bot you",
        f"<p>is Rasa Bot {ME_HTML} you</p>",
        "is Rasa Bot you",
    ),
    "before the same words": ("Rasa Bot Rasa Bot", f"<p>{ME_HTML} Rasa Bot</p>", "Rasa Bot"),
    "entities": ("R&D a < b", f'<p>{MENTION.format("BOTPERSON", "R&amp;D")} a &lt; b</p>', "a < b"),
    "of another": (
        "Rasa Bot ask Ann",
        f'<p>{ME_HTML} ask {MENTION.format("OTHER", "Ann")}</p>',
        "ask Ann",
    ),
    "of all": (
        "All hello",
        '<p><spark-mention data-object-type="groupMention" data-group-type="all">All'
        "</spark-mention> hello</p>",
        "All hello",
    ),
    "none": ("Rasa Bot hello", "<p>Rasa Bot hello</p>", "Rasa Bot hello"),
    "no HTML": ("Rasa Bot hello", "", "Rasa Bot hello"),
    "broken HTML": ("Rasa Bot hello", f"<p>{ME_HTML[:-10]} hello<", "Rasa Bot hello"),
    "text and HTML that differ": ("hello", f"<p>{ME_HTML} hello</p>", "hello"),
}  # fmt: skip


@pytest.mark.parametrize("name", MENTIONS)
def test_a_mention_of_the_bot_goes_and_nothing_else(name):
    text, html, left = MENTIONS[name]
    assert without_mentions(text, html, "BOTPERSON") == left


@pytest.mark.parametrize("written", [API_ID, UUID])
def test_some_html_has_the_id_within_the_id(written):
    html = f"<p>{MENTION.format(written, 'RasaBot')} hello</p>"
    assert without_mentions("RasaBot hello", html, API_ID) == "hello"


@given(text=st.text(max_size=60), html=st.text(max_size=60), person=st.text(max_size=60))
def test_any_html_can_be_read(text, html, person):
    html = f"{html}<spark-mention{html}"
    assert set(without_mentions(text, html, person)) <= set(text)


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda children: st.lists(children, max_size=2) | st.dictionaries(st.text(), children),
    max_leaves=4,
)


@given(key=st.sampled_from(sorted({*FETCHED, "inputs"})), odd=ODD, name=st.booleans())
def test_an_answer_with_one_odd_value_is_read_or_dropped(key, odd, name):
    documents = {MESSAGE: {**FETCHED, key: odd}, SUBMIT: {**SUBMITTED, key: odd}}
    message, kept = completed_without_network("message_in_group" if name else "card_submit",
                                              documents)  # fmt: skip
    assert kept == bool(message.text)
    assert isinstance(message.text, str)


class Documents:
    """Webex without a network."""

    def __init__(self, documents):
        self.documents = documents

    def get(self, path):
        if path == "messages/MSG2":
            raise RecipientGone(path)
        return json.loads(json.dumps({"/people/me": ME, **self.documents}[f"/{path}"]))


def completed_without_network(name, documents):
    [message] = channel().parse(request(name))
    return message, add_contents(message, Documents(documents), "BOTPERSON", None)
