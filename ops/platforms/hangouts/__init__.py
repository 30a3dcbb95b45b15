"""Google Chat, as `ops` knows it."""

from ops.platforms.hangouts.fresh_ids import with_fresh_ids
from ops.platforms.hangouts.registration import GoogleChat
from ops.platforms.hangouts.signature import sign
from ops.platforms.platform import Knowledge

KNOWLEDGE = Knowledge(sign, with_fresh_ids, GoogleChat)
