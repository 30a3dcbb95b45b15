"""The demo agent: Rasa's mood bot and a message of every kind, without any other service."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from channels.channel import UserMessage

Message = dict[str, Any]

_IMAGE = "https://i.imgur.com/nGF1K8f.jpg"

_GREETING: list[Message] = [
    {
        "text": "Hey! How are you?",
        "buttons": [
            {"title": "great", "payload": "/mood_great"},
            {"title": "super sad", "payload": "/mood_unhappy"},
        ],
    }
]
_HAPPY: list[Message] = [{"text": "Great, carry on!"}]
_CHEER_UP: list[Message] = [
    {"text": "Here is something to cheer you up:", "image": _IMAGE},
    {
        "text": "Did that help you?",
        "buttons": [
            {"title": "yes", "payload": "/affirm"},
            {"title": "no", "payload": "/deny"},
        ],
    },
]
_GOODBYE: list[Message] = [{"text": "Bye"}]
_ABOUT: list[Message] = [
    {"text": "I am a bot. I run in a Lambda function and show what your channel can do."}
]
_HELP: list[Message] = [
    {
        "text": "Say hi, or pick a kind of message to see how this channel shows it.",
        "quick_replies": [
            {"title": kind, "payload": f"/{kind}"}
            for kind in ("buttons", "image", "attachment", "cards", "custom", "long", "stream")
        ],
    }
]
_CARDS: list[Message] = [
    {
        "elements": [
            {
                "title": f"Card {number}",
                "subtitle": f"The {ordinal} of two cards",
                "image_url": _IMAGE,
                "buttons": [{"title": f"Pick {number}", "payload": f"/pick_{number}"}],
            }
            for number, ordinal in ((1, "first"), (2, "second"))
        ]
    }
]
_LONG: list[Message] = [
    {"text": "\n\n".join(f"Paragraph {number} of six. " + "word " * 200 for number in range(1, 7))}
]

_ANSWERS: dict[str, list[Message]] = {
    "greet": _GREETING,
    "mood_great": _HAPPY,
    "mood_unhappy": _CHEER_UP,
    "affirm": _HAPPY,
    "deny": [{"text": "I am sorry. It will be better tomorrow."}],
    "goodbye": _GOODBYE,
    "bot_challenge": _ABOUT,
    "help": _HELP,
    "buttons": _GREETING,
    "image": [{"image": _IMAGE}],
    "attachment": [{"attachment": _IMAGE}],
    "cards": _CARDS,
    "custom": [{"custom": {"type": "demo", "answer": 42}}],
    "long": _LONG,
}

#: Seconds between the words of a streamed reply, so that it can be seen growing.
_PAUSE = 0.04

_STREAM = "A streamed answer comes word by word, and then once more as a whole."

#: What people type -> the intent that it stands for.
_INTENTS = {
    **dict.fromkeys(("hi", "hello", "hey", "start", "good morning"), "greet"),
    **dict.fromkeys(("great", "good", "very good", "perfect", "wonderful"), "mood_great"),
    **dict.fromkeys(("sad", "super sad", "unhappy", "bad", "not good"), "mood_unhappy"),
    **dict.fromkeys(("yes", "y", "of course", "indeed"), "affirm"),
    **dict.fromkeys(("no", "n", "never", "not really"), "deny"),
    **dict.fromkeys(("bye", "goodbye", "see you later", "ciao"), "goodbye"),
    **dict.fromkeys(("are you a bot?", "are you a bot", "who are you?"), "bot_challenge"),
}


class DemoAgent:
    """Replies by fixed rules without state, so every Lambda instance replies alike."""

    async def handle_message(self, message: UserMessage) -> None:
        """Send the reply to `message` through its output channel."""
        intent = _intent(message.text or "")
        if intent == "stream":
            await _stream(message)
            return
        for answer in _ANSWERS.get(intent) or _echo(message.text or ""):
            await message.output_channel.send_response(message.sender_id, answer)


def _intent(text: str) -> str:
    """Return the intent of a payload (`/greet{"slot": 1}`) or phrase; an unknown phrase itself."""
    if text.startswith("/"):
        return text[1:].partition("{")[0].strip()
    phrase = text.lower().rstrip("!. ")
    return _INTENTS.get(phrase, phrase)


def _echo(text: str) -> list[Message]:
    said = f"You said: {text}" if text else "That was an empty message."
    return [{"text": said}, {"text": "Say hi, or help to see what I can show."}]


async def _stream(message: UserMessage) -> None:
    output, recipient = message.output_channel, message.sender_id
    await output.send_response_chunk_start(recipient)
    for word in _STREAM.split(" "):
        await output.send_response_chunk(recipient, f"{word} ")
        await asyncio.sleep(_PAUSE)
    await output.send_response_chunk_end(recipient)
    await output.send_response(recipient, {"text": _STREAM})
