"""Messages that mention the bot and say nothing else, in all channels that have groups.

Somebody who writes `@bot` wants the bot's attention, so the message is a turn. Its text is the
mention as it was typed, in the form that mentions of others have in that channel (`@rasa_bot`,
`<@U0BOT0000>`, `<at>Bot</at>`). Chat models do not answer an empty text and Rasa has no intent for
it, and a text of our own would put words into the user's mouth, perhaps in a foreign language.
"""

from __future__ import annotations


def said(rest: str, written: str) -> str:
    """Return the `rest` of a message without the bot's mention, or all that was `written`."""
    return rest if rest.strip() else written.strip()
