"""functions/hangouts: what Google hears."""

import json

import pytest

from channels.handlers.webhook import webhook
from channels.hangouts.settings import APOLOGY
from channels.wiring.services import Services
from tests.channels.hangouts.row import HELLO, ROW
from tests.unit.hangouts.space import IN_THREAD

IN_SPACE = {**IN_THREAD, **HELLO}


def add_on(message):
    return {"hostAppDataAction": {"chatDataAction": {"createMessageAction": {"message": message}}}}


#: What Google hears when the agent says `hello` to each message.
ANSWERS = {
    "message": IN_SPACE,
    "base64": IN_SPACE,
    "direct_message": HELLO,
    "slash_command": IN_SPACE,
    "attachment": IN_SPACE,
    "card_clicked": IN_SPACE,
    "submit_form": IN_SPACE,
    "quick_command": IN_SPACE,
    "added_to_space": HELLO,
    "added_to_dm": HELLO,
    "added_by_mention": {**IN_THREAD, "text": "hello\n\nhello"},
    "removed": {},
    "own_message": {},
    "widget_updated": {},
    "app_home": {},
    "dialog_cancelled": {},
    "unknown_kind": {},
    "malformed": {},
    "add_on_message": add_on(IN_SPACE),
    "add_on_direct_message": add_on(HELLO),
    "add_on_button": add_on(IN_SPACE),
    "add_on_added": add_on(HELLO),
    "add_on_removed": {},
    "add_on_command": add_on(IN_SPACE),
    "add_on_quick_command": add_on(IN_SPACE),
    "add_on_widget_updated": {},
    "health": {"status": "ok"},
}


class HelloAgent:
    """Says hello to whatever there is."""

    async def handle_message(self, message):
        await message.output_channel.send_response(message.sender_id, HELLO)


@pytest.mark.parametrize("name", ANSWERS)
def test_what_google_hears_of_a_deployed_stack(name):
    answer, _ = ROW.post(ROW.example(name))
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, ANSWERS[name])


@pytest.mark.parametrize("name", ANSWERS)
def test_and_of_sam_local(name):
    services = Services(lambda section: ROW.credentials, HelloAgent, 5.0)
    answer = webhook("hangouts", services)(ROW.example(name), None)
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, ANSWERS[name])


def test_google_never_sends_again_so_the_user_is_told():
    answer, queued = ROW.post(ROW.example("direct_message"), is_down=True)
    assert (json.loads(answer["body"]), queued) == ({"text": APOLOGY}, [])


def test_keys_that_cannot_be_had_are_a_503():
    answer, queued = ROW.post(ROW.example(), chat_keys_url="http://127.0.0.1:1")
    assert (answer["statusCode"], queued) == (503, [])
