"""Webex, as `ops` knows it."""

from ops.platforms.platform import Knowledge
from ops.platforms.webexteams.fresh_ids import with_fresh_ids
from ops.platforms.webexteams.registration import Webex
from ops.platforms.webexteams.signature import sign

KNOWLEDGE = Knowledge(sign, with_fresh_ids, Webex)
