"""A message that mentions the bot and says nothing else, in all channels that have groups.

Somebody who writes `@bot` wants the bot's attention, so it is a turn. Its text is the mention as it
was typed, in the form that mentions of others keep in that channel (`@rasa_bot`, `<@U0BOT0000>`,
`<at>Bot</at>`): an empty text is answered by no chat model and is no intent to Rasa, and a text of
ours would be words that nobody said, in a language that may not be the user's.
"""

from __future__ import annotations


def said(rest: str, written: str) -> str:
    """What a message says: the `rest` without the bot's mention, else all that was `written`."""
    return rest if rest.strip() else written.strip()
