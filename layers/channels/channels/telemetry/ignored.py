"""Log what is ignored on purpose: every event leaves a log line, which never has its text."""

from __future__ import annotations

import logging

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from channels.channel import InputChannel, UserMessage

logger = logging.getLogger(__name__)

#: Ids are short; any other value in place of an id is cut to this many characters.
_LONGEST = 256


def ignored(channel: str, what: str, ids: Mapping[str, object], level: int = logging.INFO) -> None:
    """Log that a channel ignores an event: `what` it is, and its `ids` by the platform's names.

    INFO is for what somebody may miss: another bot's message, an unreadable message. DEBUG is for
    what every bot causes all day: its own messages, clicks on links, irrelevant kinds of events.
    Ids that are empty or None are left out.
    """
    given = {name: str(value)[:_LONGEST] for name, value in ids.items() if value not in (None, "")}
    told = "".join(f" {name}={value!r}" for name, value in given.items())
    logger.log(level, "channel %s: ignored %s%s", channel, what, told)


def not_a_message(
    channel: str, kind: str, ids: Mapping[str, object], declared: Collection[str]
) -> None:
    """Log an event of a `kind`, by the platform's name, that the channel does not read.

    At DEBUG if the channel has `declared` the kind to be nobody's message, else at INFO: it may be
    something that a person said in a way that is new.
    """
    level = logging.DEBUG if kind in declared else logging.INFO
    ignored(channel, f"an event of the kind {kind[:_LONGEST]!r}", ids, level)


def found(channel: str, messages: list[UserMessage]) -> list[UserMessage]:
    """Return the messages of a request unchanged; log if there are none."""
    if not messages:
        ignored(channel, "a request without a message to the bot", {}, logging.DEBUG)
    return messages


def is_kept(name: str, channel: InputChannel, message: UserMessage) -> bool:
    """Return whether the channel keeps a message in its `enrich`; log if it does not."""
    kept = channel.enrich(message)
    if not kept:
        ids = {"message_id": message.message_id}
        ignored(name, "a message that is not for the bot", ids, logging.DEBUG)
    return kept
