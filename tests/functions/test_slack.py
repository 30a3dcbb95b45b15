"""functions/slack: what only Slack does."""

from tests.channels.slack.row import ROW


def test_what_slack_sends_again_has_one_id():
    function = ROW.function(slack_channel="C0GENERAL")
    names = ("message_im", "retry", "app_mention_twin", "app_mention", "app_mention_twin")
    queued = [message for name in names for message in function.post(ROW.example(name))[1]]
    assert len(queued) == 5
    assert len({message.message_id for message in queued}) == 2
