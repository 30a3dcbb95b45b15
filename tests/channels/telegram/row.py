"""Telegram, for the tests of all channels."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from channels.telegram.files import add_file_urls
from tests.functions.bodies import WRONG, Post, byte_posts, documents, json_posts, with_headers
from tests.functions.harness import Kind, Row
from tests.unit.telegram import bot

OUTCOMES: dict[str, list[str] | int] = {
    "album_second_photo": [""],
    "animation": [""],
    "anonymous_administrator": ["as the group"],
    "another_bot": [],
    "audio": ["listen"],
    "base64": ["h\xe9llo \U0001f44b"],
    "bot_blocked": [],
    "business_message": [],
    "button_press": ["/affirm"],
    "button_press_in_inline_mode": ["/deny"],
    "button_press_on_old_message": ["/deny"],
    "channel_post": [],
    "channel_post_in_group": [],
    "command_in_topic": ["/ask what is up"],
    "command_of_another_bot": [],
    "command_with_deep_link": ["/start ref123"],
    "contact": ['{"phone_number": "+491700000000", "first_name": "Ann", "user_id": 4242}'],
    "document": ["the invoice"],
    "edited_caption": ["my receipt, again"],
    "edited_channel_post": [],
    "edited_rich_message": ["Please cancel order 18"],
    "edited_text": ["hello!"],
    "game_button_press": [],
    "general_topic": ["hi"],
    "generation_stopped": [],
    "group_mention": ["what is up?"],
    "group_migrated": [],
    "group_reply_to_the_bot": ["yes"],
    "group_text": ["hello all"],
    "health": [],
    "inline_query": [],
    "live_location_moves": [],
    "location": ['{"lng":13.405, "lat":52.52}'],
    "long_payload_button_press": ["payload:48e0e6f3d0a5e2e8a6fa5d0f1d7fbf0c9f1b2a3c"],
    "malformed": 400,
    "mention_only": ["@rasa_bot"],
    "message_reaction": [],
    "new_member": [],
    "no_secret": 401,
    "photo_with_caption": ["my receipt"],
    "poll": [],
    "poll_answer": [],
    "pre_checkout_query": [],
    "restart": ["/restart", "/start"],
    "rich_message": ["Order\n\nPlease cancel order 17\n\n1. two chairs\n2. one table"],
    "rich_message_in_group": ["what is open?"],
    "sticker": ["\U0001f44b"],
    "text": ["hello"],
    "unknown_kind": [],
    "venue": ['{"lng":13.405, "lat":52.52}'],
    "video": [""],
    "video_note": [""],
    "voice": [""],
    "written_as_channel": ["as the channel"],
    "wrong_secret": 401,
}

HEADER = "x-telegram-bot-api-secret-token"
KEYS = """
    update_id message edited_message callback_query chat from id text data photo caption location
    message_id
"""
BODIES = documents(KEYS)


def telegram_secret(event):
    """The secret token of setWebhook."""
    event["headers"][HEADER] = bot.SECRET


#: The callback queries of the examples, which are answered in the acknowledgement.
PRESSES = {
    "button_press": "4382bfdwdsb323b2d9",
    "button_press_in_inline_mode": "3",
    "button_press_on_old_message": "2",
    "game_button_press": "78",
    "long_payload_button_press": "77",
}


def spinner_stops(callback_query_id):
    """The answer to a press, after which the button does not spin any more."""
    return json.dumps({"method": "answerCallbackQuery", "callback_query_id": callback_query_id})


class Files:
    """A Bot API with files that cannot be fetched any more."""

    def call(self, method, parameters):
        """The answer of getFile."""
        return {"file_id": parameters["file_id"]}


ROW = Row(
    name="telegram",
    base="text",
    credentials=bot.CREDENTIALS,
    outcomes=OUTCOMES,
    prove=telegram_secret,
    proved={"bytes": Kind(byte_posts()), "json": Kind(json_posts(BODIES))},
    forged={
        "secret": with_headers(
            byte_posts() | json_posts(BODIES) | st.just(Post()),
            x_telegram_bot_api_secret_token=WRONG.filter(lambda text: text != bot.SECRET),
        )
    },
    statuses=(200, 400),
    text_path=("message", "text"),
    acknowledgement="success",
    bodies={name: spinner_stops(query) for name, query in PRESSES.items()},
    settings=({}, {"file_urls": True, "conversation_granularity": "sender"}),
    enrich=lambda instance, message: add_file_urls(message, Files()),
    needs=("secret_token",),
)
