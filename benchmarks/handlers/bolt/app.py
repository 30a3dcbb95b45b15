"""slack_bolt's own adapter for Lambda, with a listener that does nothing."""

import os

from slack_bolt import App
from slack_bolt.adapter.aws_lambda import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult


def authorize(enterprise_id, team_id):
    """The installation; without this one bolt would call Slack's `auth.test`."""
    return AuthorizeResult(
        enterprise_id=enterprise_id,
        team_id=team_id,
        bot_token="xoxb-made-up",  # noqa: S106
        bot_id="B0BOT0000",
        bot_user_id="U0BOT0000",
    )


app = App(
    signing_secret=os.environ["SLACK_SIGNING_SECRET"],
    authorize=authorize,
    process_before_response=True,
)


@app.event("message")
def message(event):
    """Hear a message."""


handler = SlackRequestHandler(app).handle
