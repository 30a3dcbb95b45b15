"""Registration with the messaging platforms: what a bot needs there, what is there, what to do.

One module a platform. Each describes as data what should be registered, reads what is, and gives
the difference as actions; `ops register` carries them out, `ops doctor` tells what they would be.
"""

from __future__ import annotations

from ops.platforms.botframework.registration import BotFramework
from ops.platforms.facebook.registration import Facebook
from ops.platforms.hangouts.registration import GoogleChat
from ops.platforms.mattermost.registration import Mattermost
from ops.platforms.platform import Bot, Platform
from ops.platforms.rocketchat.registration import RocketChat
from ops.platforms.slack.registration import Slack
from ops.platforms.telegram.registration import Telegram
from ops.platforms.twilio.registration import Twilio
from ops.platforms.twilio_voice.registration import TwilioVoice
from ops.platforms.webexteams.registration import Webex

#: The channels that a platform has to be told of, and how.
PLATFORMS: dict[str, type[Platform]] = {
    each.name: each
    for each in (
        BotFramework,
        Facebook,
        GoogleChat,
        Mattermost,
        RocketChat,
        Slack,
        Telegram,
        Twilio,
        TwilioVoice,
        Webex,
    )
}

__all__ = ["PLATFORMS", "Bot", "Platform"]
