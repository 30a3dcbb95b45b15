"""Rocket.Chat, as `ops` knows it."""

from ops.platforms.platform import Knowledge
from ops.platforms.rocketchat.fresh_ids import with_fresh_ids
from ops.platforms.rocketchat.registration import RocketChat
from ops.platforms.rocketchat.signature import sign

KNOWLEDGE = Knowledge(sign, with_fresh_ids, RocketChat)
