"""My Platform, as `ops` knows it."""

from ops.platforms.my_platform.fresh_ids import with_fresh_ids
from ops.platforms.my_platform.registration import MyPlatform
from ops.platforms.my_platform.signature import sign
from ops.platforms.platform import Knowledge

KNOWLEDGE = Knowledge(sign, with_fresh_ids, MyPlatform)
