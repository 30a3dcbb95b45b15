"""The Mattermost channel: its settings, what it lets in, and what it answers."""

import json

import pytest

from channels.errors import CredentialsError, VerificationError
from channels.mattermost import MattermostInput
from channels.mattermost.input import APOLOGY
from channels.mattermost.signature import ActionSigner
from channels.wiring.registry import create_channel
from tests.unit.mattermost.server import (
    CHANNEL,
    COMMAND_TOKEN,
    HOOK_TOKEN,
    SIGNER,
    TOKEN,
    WEBHOOK_URL,
    channel,
    clicked,
    example,
    form,
    post_fields,
    posted,
    request,
)


def test_rasas_credentials_are_valid_with_the_tokens_of_the_webhooks():
    made = channel()
    assert made.url == "https://chat.example.com/api/v4"
    assert (made.token, made.webhook_url) == (TOKEN, WEBHOOK_URL)


def test_the_older_credentials_are_valid_too():
    made = channel(token=None, webhook_url=None, team="community", user="bot@x.io", pw="made-up")
    assert (made.token, made.webhook_url) == ("", "")


def test_it_can_be_made_with_rasas_parameters_in_rasas_order():
    names = MattermostInput.__init__.__code__.co_varnames[1:4]
    assert names == ("url", "token", "webhook_url")
    made = MattermostInput("https://x.io/api/v4", TOKEN, WEBHOOK_URL, webhook_tokens=HOOK_TOKEN)
    made.verify(posted())


@pytest.mark.parametrize("credentials", [None, {}])
def test_without_credentials(credentials):
    with pytest.raises(CredentialsError, match=r"mattermost.*credentials"):
        create_channel("mattermost", credentials)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"url": None}, "url"),
        ({"url": "chat.example.com"}, "url"),
        ({"url": 5}, "url"),
        ({"token": None}, "token"),
        ({"token": ["x"]}, "token"),
        ({"token": None, "user": "bot"}, "token"),
        ({"webhook_url": "/webhooks/mattermost/webhook"}, "webhook_url"),
        ({"webhook_tokens": None}, "webhook_tokens"),
        ({"webhook_tokens": []}, "webhook_tokens"),
        ({"webhook_tokens": ""}, "webhook_tokens"),
        ({"webhook_tokens": [HOOK_TOKEN, " "]}, "webhook_tokens"),
        ({"webhook_tokens": [1]}, "webhook_tokens"),
        ({"webhook_tokens": {"a": "b"}}, "webhook_tokens"),
        ({"allow_unsigned": "yes"}, "allow_unsigned"),
        ({"use_threads": 1}, "use_threads"),
        ({"conversation_granularity": "thread"}, "conversation_granularity"),
        ({"conversation_granularity": "team"}, "conversation_granularity"),
        ({"conversation_granularity": "user:user"}, "conversation_granularity"),
        ({"conversation_granularity": ["user"]}, "conversation_granularity"),
        ({"max_post_size": 10}, "max_post_size"),
        ({"max_post_size": "4000"}, "max_post_size"),
        ({"max_post_size": True}, "max_post_size"),
        ({"apology": 5}, "apology"),
    ],
)
def test_a_setting_that_is_wrong_is_named(wrong, named):
    with pytest.raises(CredentialsError, match=rf"'{named}'.*docs/.*mattermost") as raised:
        channel(**wrong)
    assert TOKEN not in str(raised.value)
    assert HOOK_TOKEN not in str(raised.value)


def is_let_in(asked, **settings):
    try:
        channel(**settings).verify(asked)
    except VerificationError as error:
        assert error.status == 403
        assert HOOK_TOKEN not in str(error)
        return False
    return True


MENU = SIGNER.menu(CHANNEL, ["/red", "/blue"])
BUTTON = SIGNER.button(CHANNEL, "/affirm")
STATE = SIGNER.state(CHANNEL, "book", "page 1", "t1")


def dialog(**fields):
    given = {"type": "dialog_submission", "channel_id": CHANNEL, "callback_id": "book"}
    return request(json.dumps({**given, "state": STATE, **fields}).encode())


LET_IN = {
    "a post's token, in JSON": posted(),
    "a post's token, in a form": form(post_fields()),
    "the token of another hook": posted(token=COMMAND_TOKEN),
    "a hook with OAuth": request(json.dumps(post_fields()).encode(), authorization="Bearer x"),
    "a command's token": form({"command": "/ask", "token": COMMAND_TOKEN}),
    "a command's header": form({"command": "/ask"}, authorization=f"Token {COMMAND_TOKEN}"),
    "a header in another case": form({}, authorization=f"token {COMMAND_TOKEN}"),
    "a command by GET": example("slash_command_get"),
    "a button": clicked(BUTTON),
    "a button on which a client chose something": clicked({**BUTTON, "selected_option": "x"}),
    "a menu": clicked({**MENU, "selected_option": "1"}, type="select"),
    "a dialog": dialog(),
}

REFUSED = {
    "no token": posted(token=None),
    "an empty token": posted(token=""),
    "the token of another": posted(token=HOOK_TOKEN[:-1] + "b"),
    "half a token": posted(token=HOOK_TOKEN[:13]),
    "two tokens in one": posted(token=HOOK_TOKEN + COMMAND_TOKEN),
    "a token that is no text": posted(token=[HOOK_TOKEN]),
    "a token that is true": posted(token=True),
    "a token of other characters": posted(token="ключ"),
    "a wrong token in a form": form(post_fields(token="x")),
    "the API's token": posted(token=TOKEN),
    "a wrong header": form({"command": "/ask"}, authorization="Token x"),
    "a wrong header beside a right field": form(
        {"command": "/ask", "token": COMMAND_TOKEN}, authorization="Token x"
    ),
    "a right header beside a wrong field": form(
        {"command": "/ask", "token": "x"}, authorization=f"Token {COMMAND_TOKEN}"
    ),
    "a token as a bearer": form({"text": "hi"}, authorization=f"Bearer {HOOK_TOKEN}"),
    "a click without a signature, as Rasa's": clicked({"action": "/affirm"}),
    "another action under a signature": clicked({**BUTTON, "action": "/transfer"}),
    "a button in another channel": clicked(BUTTON, channel_id="ch2"),
    "a button of another bot": clicked(ActionSigner("x").button(CHANNEL, "/affirm")),
    "a button's signature on a menu": clicked({**MENU, "signature": BUTTON["signature"]}),
    "another option in a menu": clicked({**MENU, "actions": ["/red", "/transfer"]}),
    "a menu with options that are none": clicked({**MENU, "actions": ["/red", {}]}),
    "a signature that is no text": clicked({**BUTTON, "signature": 5}),
    "a signature of other characters": clicked({**BUTTON, "signature": "ü" * 64}),
    "a context that says nothing": clicked({}),
    "a webhook's token in a click": clicked({"action": "/affirm"}, token=HOOK_TOKEN),
    "a dialog without a signature": dialog(state="page 1"),
    "a dialog without a state": dialog(state=None),
    "a dialog of another state": dialog(state=STATE[:96] + "page 2"),
    "a dialog that was opened by another click": dialog(state=STATE[:64] + "0" * 32 + "page 1"),
    "a dialog without a mark": dialog(state=STATE[:64] + "page 1"),
    "another dialog": dialog(callback_id="pay"),
    "a dialog in another channel": dialog(channel_id="ch2"),
    "a button's signature on a dialog": dialog(state=BUTTON["signature"]),
    "no JSON": request(b"{"),
    "JSON that is no object": request(b"[]"),
    "nothing": request(b""),
    "no UTF-8": request(b"\xff\xfe"),
    "too many fields": request(b"&".join([b"a=1"] * 2000), "application/x-www-form-urlencoded"),
}


@pytest.mark.parametrize("asked", LET_IN.values(), ids=LET_IN)
def test_what_is_proved_is_let_in(asked):
    assert is_let_in(asked)


@pytest.mark.parametrize("asked", REFUSED.values(), ids=REFUSED)
def test_what_is_not_proved_is_refused(asked):
    assert not is_let_in(asked)


def test_one_token_may_stand_alone():
    assert is_let_in(posted(), webhook_tokens=HOOK_TOKEN)
    assert not is_let_in(posted(token=COMMAND_TOKEN), webhook_tokens=HOOK_TOKEN)


@pytest.mark.parametrize("asked", REFUSED.values(), ids=REFUSED)
def test_only_allow_unsigned_lets_everything_in(asked):
    assert is_let_in(asked, webhook_tokens=None, allow_unsigned=True)
    assert not is_let_in(asked, allow_unsigned=True), "tokens that are there are checked"


def test_a_signature_survives_a_restart_and_does_not_depend_on_the_webhooks():
    assert is_let_in(clicked(BUTTON), webhook_tokens=["another"])
    assert not is_let_in(clicked(BUTTON), token="another")


def test_a_login_signs_with_its_password():
    context = ActionSigner("bot:made-up").button(CHANNEL, "/affirm")
    assert is_let_in(clicked(context), token=None, user="bot", pw="made-up")
    assert not is_let_in(clicked(context), token=None, user="bot", pw="changed")


def test_the_signing_key_is_not_the_token():
    signed = json.dumps(BUTTON) + STATE + SIGNER.account
    assert TOKEN not in signed


EMPTY = {}
UNREADABLE = {"response_type": "ephemeral", "text": "This command could not be read."}

# Section 8 of the platforms' facts: what each kind hears, understood or not.
ANSWERS = {
    "webhook": (posted(), EMPTY),
    "webhook, form": (form(post_fields()), EMPTY),
    "webhook that says nothing": (posted(text=""), EMPTY),
    "webhook of an odd shape": (posted(text=5, user_id=[]), EMPTY),
    "action": (clicked(BUTTON), EMPTY),
    "action of an odd shape": (clicked(BUTTON, user_id=None), EMPTY),
    "menu without a choice": (clicked(MENU, type="select"), EMPTY),
    "slash command": (example("slash_command"), EMPTY),
    "slash command by GET": (example("slash_command_get"), EMPTY),
    "slash command of an odd shape": (example("slash_command_malformed"), UNREADABLE),
    "slash command that cannot be read": (
        request(b"{", authorization=f"Token {COMMAND_TOKEN}"),
        UNREADABLE,
    ),
    "dialog": (dialog(), EMPTY),
    "dialog cancelled": (dialog(cancelled=True), EMPTY),
}


@pytest.mark.parametrize(("asked", "heard"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_200_and_json(asked, heard):
    made = channel()
    made.verify(asked)
    made.parse(asked)
    response = made.acknowledgement(asked)
    assert response.status == 200
    assert response.headers["content-type"] == "application/json"
    assert json.loads(response.body) == heard


@pytest.mark.parametrize(
    ("asked", "heard"),
    [
        (posted(), {"text": APOLOGY}),
        (form(post_fields()), {"text": APOLOGY}),
        (example("slash_command"), {"response_type": "ephemeral", "text": APOLOGY}),
        (clicked(BUTTON), {"ephemeral_text": APOLOGY}),
        (dialog(), {"error": APOLOGY}),
    ],
)
def test_who_is_not_heard_is_told_so(asked, heard):
    response = channel().unavailable_response(asked)
    assert response.status == 200
    assert json.loads(response.body) == heard


def test_the_apology_can_be_chosen():
    response = channel(apology="Spätere gern.").unavailable_response(posted())
    assert json.loads(response.body) == {"text": "Spätere gern."}


def test_rasas_module_path():
    from rasa.core.channels.mattermost import MattermostBot
    from rasa.core.channels.mattermost import MattermostInput as Alias

    made = Alias("https://x.io/api/v4", TOKEN, WEBHOOK_URL, webhook_tokens=HOOK_TOKEN)
    [message] = made.parse(posted())
    assert isinstance(made.output_for(message), MattermostBot)
