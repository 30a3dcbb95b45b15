"""Mattermost, as `ops` knows it."""

from ops.platforms.mattermost.fresh_ids import with_fresh_ids
from ops.platforms.mattermost.registration import Mattermost
from ops.platforms.mattermost.signature import sign
from ops.platforms.platform import Knowledge

KNOWLEDGE = Knowledge(sign, with_fresh_ids, Mattermost)
