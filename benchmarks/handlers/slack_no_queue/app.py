"""Our Slack channel with an inbox that keeps nothing: an acknowledgement without its AWS call."""

import os

from channels.handlers.webhook import webhook
from channels.wiring.services import Services

CREDENTIALS = {
    "slack_token": "xoxb-made-up",
    "slack_signing_secret": os.environ["SLACK_SIGNING_SECRET"],
}


class Inbox:
    """Takes messages and forgets them."""

    def put(self, channel, messages):
        """Forget messages."""


def no_agent():
    """In place of an agent: an acknowledgement asks none."""
    raise RuntimeError("an acknowledgement asks no agent")


handler = webhook("slack", Services(lambda name: CREDENTIALS, no_agent, inbox=Inbox()))
