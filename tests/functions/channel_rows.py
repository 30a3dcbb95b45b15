"""The channels that the tests of all channels are about: a new one needs its row here.

`rest` has none: it proves nothing by itself, queues nothing, and answers any path.
"""

from __future__ import annotations

from tests.functions.rows import (
    botframework,
    callback,
    facebook,
    hangouts,
    mattermost,
    rocketchat,
    slack,
    telegram,
    twilio,
    twilio_voice,
    webexteams,
)

ROWS = {
    module.ROW.name: module.ROW
    for module in (
        botframework,
        callback,
        facebook,
        hangouts,
        mattermost,
        rocketchat,
        slack,
        telegram,
        twilio,
        twilio_voice,
        webexteams,
    )
}
