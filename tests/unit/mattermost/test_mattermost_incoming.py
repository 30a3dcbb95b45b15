"""What people do on Mattermost, as the messages that the agent gets."""

import json

import pytest

from channels.channel import UserMessage
from channels.errors import CredentialsError, PlatformUnavailable
from tests.servers.recording_server import recording_server
from tests.unit.mattermost.server import (
    BOT,
    CHANNEL,
    POST,
    SIGNER,
    TEAM,
    USER,
    WEBHOOK_URL,
    KeyValueStore,
    channel,
    clicked,
    error,
    example,
    form,
    post_fields,
    posted,
    request,
    taken,
)

FILES = ["fi000000000000000000000001", "fi000000000000000000000002"]
BUTTON = SIGNER.button(CHANNEL, "/affirm")
MENU = SIGNER.menu(CHANNEL, ["/red", "/blue"])
AFFIRM = {"action": "/affirm", "type": "button"}
BLUE = {"selected_option": "1", "type": "select"}
CUSTOM_MENU = {**BUTTON, "selected_option": "blue"}


def only(asked, **settings):
    [message] = channel(**settings).parse(asked)
    return message


# what a user does: its request, the text, and some of the metadata
DOES = {
    "writes the trigger word and more": (example("webhook"), "book a table", {"post_id": POST}),
    "the same, as a form": (example("webhook_form"), "book a table", {"timestamp": 1763700000}),
    "writes in a channel of the bot": (example("webhook_without_trigger_word"), "book a table", {}),
    "posts files after the trigger word": (
        example("webhook_with_files"),
        "@bot",
        {"file_ids": FILES},
    ),
    "writes the trigger word alone": (example("mention_only"), "@bot", {"trigger_word": "@bot"}),
    "posts a file": (example("webhook_files_only"), "", {"file_ids": FILES[:1]}),
    "types a command": (example("slash_command"), "what is up?", {"command": "/ask"}),
    "types a command sent by GET": (example("slash_command_get"), "what is up?", {}),
    "types a bare command": (example("slash_command_without_text"), "/ask", {}),
    "clicks": (example("button"), "/affirm", {"action": AFFIRM}),
    "chooses": (example("menu"), "/blue", {"action": BLUE}),
    "chooses in a menu of custom JSON": (clicked(CUSTOM_MENU, type="select"), "blue", {}),
    "clicks with a client that adds a choice": (clicked(CUSTOM_MENU), "/affirm", {}),
    "submits a dialog": (
        example("dialog"),
        '/book_table{"name": "Ana", "people": "4"}',
        {"callback_id": "book_table", "state": "page 1", "submission": {"name": "Ana"}},
    ),
}


def submitted(trigger_id, submission, **changes):
    """A dialog that was opened by a trigger, submitted."""
    state = SIGNER.state(CHANNEL, "book", "page 1", trigger_id)
    given = {"type": "dialog_submission", "callback_id": "book", "channel_id": CHANNEL}
    fields = {**given, "user_id": USER, "state": state, "submission": submission, **changes}
    return request(json.dumps(fields).encode())


def test_a_dialog_is_submitted_once_whatever_somebody_else_enters():
    """Mattermost gives a submission no id: who recorded one would have as many messages of it."""
    first, again = (only(submitted("t1", {"name": name})) for name in ("Ana", "Bob"))
    assert first.message_id == again.message_id
    assert only(submitted("t2", {"name": "Ana"})).message_id != first.message_id
    assert first.metadata["state"] == "page 1"


def test_dialogs_of_others_are_as_many_messages_where_nothing_is_checked():
    asked = submitted("t1", {"name": "Ana"}, state="x" * 200)
    unsigned = {"webhook_tokens": None, "allow_unsigned": True}
    ids = {channel(**unsigned).parse(asked)[0].message_id for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize(("asked", "text", "metadata"), DOES.values(), ids=DOES)
def test_what_users_do(asked, text, metadata):
    message = only(asked)
    assert message.text == text
    assert (message.sender_id, message.input_channel) == (USER, "mattermost")
    assert message.reply_to["channel_id"] == CHANNEL
    told = message.metadata
    assert told["channel_id"] == CHANNEL
    if "submission" in metadata:
        told = {**told, "submission": {"name": told["submission"]["name"]}}
    assert {key: told[key] for key in metadata} == metadata
    assert "signature" not in json.dumps(told)
    assert '"token"' not in json.dumps(told)


def test_all_that_is_told_of_a_post():
    message = only(example("webhook"))
    assert message.metadata == {
        "user_name": "ana",
        "channel_id": CHANNEL,
        "channel_name": "support",
        "team_id": TEAM,
        "team_domain": "acme",
        "post_id": POST,
        "trigger_word": "@bot",
        "timestamp": 1763700000,
    }
    assert message.reply_to == {"channel_id": CHANNEL, "post_id": POST, "author": USER}
    assert message.message_id == POST


# text and trigger word: what is left
TRIGGERS = {
    "the word and more": ("@bot book a table", "@bot", "book a table"),
    "no word": ("book a table", "", "book a table"),
    "the word alone, as Rasa": ("@bot", "@bot", "@bot"),
    "white space around": ("  @bot   hi  ", "@bot", "hi"),
    "a line below": ("@bot\nhi", "@bot", "hi"),
    "a comma": ("@bot, hi", "@bot", "hi"),
    "a colon": ("@bot: hi", "@bot", "hi"),
    "only at the start": ("hi @bot", "@bot", "hi @bot"),
    "only once": ("@bot @bot", "@bot", "@bot"),
    "a sign that words start with": ("!help me", "!", "help me"),
    "the beginning of a longer word": ("bookings today", "book", "bookings today"),
    "the beginning of a longer name": ("@bot-two hi", "@bot", "@bot-two hi"),
    "another text": ("hello", "bye", "hello"),
    "a word that is no text": ("@bot hi", 5, "@bot hi"),
}


@pytest.mark.parametrize(("text", "word", "left"), TRIGGERS.values(), ids=TRIGGERS)
@pytest.mark.parametrize("post", [posted, lambda **fields: form(post_fields(**fields))])
def test_trigger_words(post, text, word, left):
    assert only(post(text=text, trigger_word=word)).text == left


NOTHING_SAID = {
    "an empty post": posted(text=""),
    "a post of white space": posted(text=" \n"),
    "a post without an id": posted(post_id=None),
    "a post of nobody": posted(user_id=None),
    "a post nowhere": posted(channel_id=None),
    "a text that is no text": posted(text={"a": 1}),
    "the server tells of somebody's joining": example("system_message"),
    "the server's own bot": posted(user_name="system-bot"),
    "a command without a user": example("slash_command_malformed"),
    "a click without an action": clicked({}),
    "a click with an empty action": clicked(SIGNER.button(CHANNEL, "")),
    "a click whose action is no text": clicked({"action": {"a": 1}}),
    "a menu without a choice": clicked(MENU, type="select"),
    "a choice that is not there": clicked({**MENU, "selected_option": "2"}, type="select"),
    "a choice before the first": clicked({**MENU, "selected_option": "-1"}, type="select"),
    "a choice that is a number": clicked({**MENU, "selected_option": 1}, type="select"),
    "a dialog that is cancelled": example("dialog_cancelled"),
    "a dialog without a name": request(
        json.dumps({"type": "dialog_submission", "channel_id": "c", "user_id": "u"}).encode()
    ),
    "no JSON": request(b"{"),
    "a list": request(b"[1]"),
    "another kind": request(b'{"type": "dialog_lookup", "channel_id": "c", "user_id": "u"}'),
}


@pytest.mark.parametrize("asked", NOTHING_SAID.values(), ids=NOTHING_SAID)
def test_what_says_nothing_is_no_message(asked):
    assert channel().parse(asked) == []


@pytest.mark.parametrize(
    ("timestamp", "told"),
    [("1763700000", 1763700000), ("9" * 50, 999999999999), ("²", None), ("", None), ("x", None)],
)
def test_when_a_post_was_made_in_a_form(timestamp, told):
    message = only(form(post_fields(timestamp=timestamp)))
    assert message.metadata.get("timestamp") == told


# the event: its id; what Mattermost or a person repeats has the same one or another one
@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        (example("webhook"), example("webhook"), True),
        (example("webhook"), example("webhook_form"), True),
        (example("webhook"), posted(post_id="po2"), False),
        (example("slash_command"), example("slash_command_get"), True),
        (clicked(BUTTON), clicked(BUTTON), True),
        (clicked(BUTTON), clicked(BUTTON, trigger_id="t2"), False),
        (clicked(BUTTON, trigger_id=""), clicked(BUTTON, trigger_id=""), False),
    ],
)
def test_ids(one, other, are_one):
    assert (only(one).message_id == only(other).message_id) is are_one


@pytest.mark.parametrize(
    ("granularity", "sender_id"),
    [
        (None, USER),
        ("sender", USER),
        ("channel", f"{USER}_{CHANNEL}"),
        ("channel:user", f"{CHANNEL}:{USER}"),
        ("team:channel", f"{TEAM}:{CHANNEL}"),
        ("team:channel:user", f"{TEAM}:{CHANNEL}:{USER}"),
    ],
)
def test_what_names_the_conversation(granularity, sender_id):
    assert only(example("webhook"), conversation_granularity=granularity).sender_id == sender_id


def test_a_post_and_a_click_are_one_conversation():
    granularity = {"conversation_granularity": "team:channel:user"}
    assert (
        only(example("webhook"), **granularity).sender_id
        == only(example("button"), **granularity).sender_id
    )


def test_clicks_go_to_the_address_that_mattermost_called_unless_one_is_given():
    assert "webhook_url" not in only(example("slash_command_get")).reply_to
    message = only(example("slash_command_get"), webhook_url=None)
    called = "https://abc123.execute-api.eu-west-1.amazonaws.com/webhooks/mattermost/webhook"
    assert message.reply_to["webhook_url"] == called
    assert channel(webhook_url=None).output_for(message).webhook_url == called
    assert channel().output_for(message).webhook_url == WEBHOOK_URL


def test_metadata_of_a_request():
    assert channel().get_metadata(example("button"))["action"] == AFFIRM
    assert channel().get_metadata(request(b"{")) is None


def test_half_a_character_does_not_travel_on():
    assert only(posted(text="a\ud83d")).text == "a?"


@pytest.mark.parametrize(
    "asked", [example("system_message"), posted(user_name="system-bot", post_id=POST)]
)
def test_what_the_server_itself_says_is_logged_by_its_ids(asked, caplog):
    caplog.set_level("INFO", "channels")
    assert channel().parse(asked) == []
    [record] = caplog.records
    assert "ignored" in record.message
    assert CHANNEL in record.message
    assert "joined" not in record.message


# own posts


def completed(messages, respond=taken, memory=None, **settings):
    """Which messages are for the agent, and the paths that were asked for it."""
    with recording_server(respond) as server:
        made = channel(url=f"{server.url}/api/v4", **settings)
        made.memory = memory
        results = [made.enrich(message) for message in messages]
    return results, [each.path for each in server.requests]


def messages(*names):
    return [only(example(name)) for name in names]


def test_the_bots_own_posts_are_dropped_and_who_it_is_is_asked_once():
    given = messages("own_post", "webhook", "own_post")
    results, paths = completed(given)
    assert results == [False, True, False]
    assert paths == ["/api/v4/users/me", f"/api/v4/users/{USER}"]


def test_who_the_bot_is_is_remembered_for_all_instances():
    memory = KeyValueStore()
    assert completed(messages("own_post"), memory=memory)[0] == [False]
    assert set(memory.values()) == {BOT}
    assert set(memory.lifetimes.values()) == {30 * 86400}
    assert completed(messages("own_post"), memory=memory) == ([False], [])


OTHER_BOT = "bo000000000000000000000002"


def test_the_posts_of_other_bots_are_dropped_and_who_is_one_is_asked_once(caplog):
    caplog.set_level("INFO", "channels")
    given = messages("another_bot", "webhook", "another_bot", "webhook")
    results, paths = completed(given)
    assert results == [False, True, False, True]
    assert paths == ["/api/v4/users/me", f"/api/v4/users/{OTHER_BOT}", f"/api/v4/users/{USER}"]
    assert OTHER_BOT in caplog.text


def test_who_is_a_bot_is_remembered_for_all_instances():
    memory = KeyValueStore()
    assert completed(messages("another_bot", "webhook"), memory=memory)[0] == [False, True]
    assert completed(messages("another_bot", "webhook"), memory=memory) == ([False, True], [])
    [asked] = {key for key, value in memory.items() if value == "person"}
    assert memory.lifetimes[asked] == 86400
    assert USER not in str(memory), "of people nothing is kept by name"


@pytest.mark.parametrize(
    "answer",
    [
        error(400, "api.context.invalid_url_param.app_error"),
        error(403, "api.context.permissions.app_error"),
        error(404, "app.user.missing_account.const"),
    ],
)
def test_an_author_who_is_not_to_be_seen_is_a_person(answer):
    def respond(recorded):
        return answer if recorded.path == f"/api/v4/users/{USER}" else taken(recorded)

    assert completed(messages("webhook"), respond)[0] == [True]


def test_an_author_is_asked_for_by_an_id_that_is_one():
    given = [only(posted(user_id="../users/me"))]
    assert completed(given) == ([True], ["/api/v4/users/me"])


def test_as_long_as_mattermost_does_not_say_who_an_author_is_the_message_waits():
    def respond(recorded):
        return None if recorded.path == f"/api/v4/users/{USER}" else taken(recorded)

    with pytest.raises(PlatformUnavailable):
        completed(messages("webhook"), respond)


def test_another_bot_of_the_same_memory_is_another():
    memory = KeyValueStore()
    completed(messages("own_post"), memory=memory)
    _, paths = completed(messages("own_post"), memory=memory, token="another")
    assert paths == ["/api/v4/users/me"]


@pytest.mark.parametrize("name", ["slash_command", "button", "menu", "dialog"])
def test_what_only_people_do_needs_no_question(name):
    assert completed(messages(name)) == ([True], [])


def test_a_message_that_nobody_wrote_is_let_through():
    assert completed([UserMessage("/remind", sender_id=USER)]) == ([True], [])


@pytest.mark.parametrize(
    ("answer", "raised"),
    [(error(401, "api.context.session_expired"), CredentialsError), (None, PlatformUnavailable)],
)
def test_as_long_as_mattermost_does_not_say_who_the_bot_is_the_message_waits(answer, raised):
    with pytest.raises(raised):
        completed(messages("webhook"), lambda recorded: answer)
