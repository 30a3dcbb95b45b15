"""Telegram, as `ops` knows it."""

from ops.platforms.platform import Knowledge
from ops.platforms.telegram.fresh_ids import with_fresh_ids
from ops.platforms.telegram.registration import Telegram
from ops.platforms.telegram.signature import sign

KNOWLEDGE = Knowledge(sign, with_fresh_ids, Telegram)
