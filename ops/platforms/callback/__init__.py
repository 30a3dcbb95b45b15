"""The callback channel, as `ops` knows it: its clients' requests are as REST's."""

from ops.platforms.platform import Knowledge
from ops.platforms.rest.fresh_ids import with_fresh_ids
from ops.platforms.rest.signature import sign

KNOWLEDGE = Knowledge(sign, with_fresh_ids)
