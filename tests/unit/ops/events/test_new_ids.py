import pytest

from channels.http.request import Request
from ops.events.new_ids import with_new_ids
from ops.failure import Failure
from ops.platforms.fresh_ids import Fresh
from ops.platforms.webhook_request import WebhookRequest
from tests.functions.channel_rows import ROWS
from tests.functions.harness import example, queuing

FRESH = Fresh("0123456789abcdef" * 2, 1_767_300_000.5)
MESSAGES = [
    f"{row.name}/{name}"
    for row in ROWS.values()
    for name in queuing(row.outcomes)
    if not row.only_names_messages
]

#: Who calls is known by the call alone: a new call is another conversation.
NAMELESS = {"twilio_voice/number_withheld"}


def parsed(channel, request):
    return channel.parse(request.read("https://bot.example.com"))


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_a_new_one_and_the_same_otherwise(name):
    channel = ROWS[name.partition("/")[0]].function().instance
    event = example(name)
    request = WebhookRequest.from_event(event)
    before, after = parsed(channel, request), parsed(channel, with_new_ids(request, FRESH))
    assert before == [] or len(after) == len(before)
    old, new = [{message.message_id for message in each} for each in (before, after)]
    assert not old & new
    assert len(new) == len(old)
    assert [each.text for each in after] == [each.text for each in before]
    if name not in NAMELESS:
        assert [each.sender_id for each in after] == [each.sender_id for each in before]
    assert event == example(name)
    assert Request.from_event(event).body == request.body


@pytest.mark.parametrize("name", ["slack/malformed", "telegram/malformed", "rest/malformed"])
def test_what_cannot_be_read_stays_as_it_is(name):
    request = WebhookRequest.from_event(example(name))
    assert with_new_ids(request, FRESH).body == request.body


def test_a_channel_of_ones_own():
    event = example("rest/text")
    event["rawPath"] = "/webhooks/myio/webhook"
    with pytest.raises(Failure, match="known to its class only"):
        with_new_ids(WebhookRequest.from_event(event), FRESH)


@pytest.mark.parametrize("row", [each for each in ROWS.values() if each.only_names_messages])
def test_a_message_that_only_the_platform_has(row):
    with pytest.raises(Failure, match="only names a message"):
        with_new_ids(WebhookRequest.from_event(row.example()), FRESH)
