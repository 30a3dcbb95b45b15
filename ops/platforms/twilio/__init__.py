"""Twilio, as `ops` knows it."""

from ops.platforms.platform import Knowledge
from ops.platforms.twilio.fresh_ids import with_fresh_ids
from ops.platforms.twilio.registration import Twilio
from ops.platforms.twilio.signature import sign

KNOWLEDGE = Knowledge(sign, with_fresh_ids, Twilio)
