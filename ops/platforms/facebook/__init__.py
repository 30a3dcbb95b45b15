"""Messenger and Instagram, as `ops` knows them."""

from ops.platforms.facebook.fresh_ids import with_fresh_ids
from ops.platforms.facebook.registration import Facebook
from ops.platforms.facebook.signature import sign
from ops.platforms.platform import Knowledge

KNOWLEDGE = Knowledge(sign, with_fresh_ids, Facebook)
