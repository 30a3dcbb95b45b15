"""Bot Framework, as `ops` knows it."""

from ops.platforms.botframework.fresh_ids import with_fresh_ids
from ops.platforms.botframework.registration import BotFramework
from ops.platforms.botframework.signature import sign
from ops.platforms.platform import Knowledge

KNOWLEDGE = Knowledge(sign, with_fresh_ids, BotFramework)
