"""Slack, as `ops` knows it."""

from ops.platforms.platform import Knowledge
from ops.platforms.slack.fresh_ids import with_fresh_ids
from ops.platforms.slack.registration import Slack
from ops.platforms.slack.signature import sign

KNOWLEDGE = Knowledge(sign, with_fresh_ids, Slack)
