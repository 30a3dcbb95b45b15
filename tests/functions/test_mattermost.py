"""functions/mattermost: what only Mattermost does."""

import json

import pytest

from tests.channels.mattermost.row import ROW
from tests.functions.harness import queuing


def test_a_post_that_comes_twice_has_one_id():
    names = ("webhook", "webhook", "webhook_form")
    queued = [message for name in names for message in ROW.post(ROW.example(name))[1]]
    assert len(queued) == 3
    assert len({message.message_id for message in queued}) == 1


@pytest.mark.parametrize("name", queuing(ROW.outcomes))
def test_while_the_inbox_refuses_the_user_is_told_in_the_bots_words(name):
    answer, _ = ROW.post(ROW.example(name), is_down=True, apology="Not now.")
    assert answer["statusCode"] == 200, "Mattermost never sends again"
    assert "Not now." in json.loads(answer["body"]).values()
