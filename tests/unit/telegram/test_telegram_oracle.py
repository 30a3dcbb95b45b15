"""What is sent, compared with what Telegram's well-known library sends for the same."""

import asyncio
import json

import telegram
from hypothesis import given
from hypothesis import strategies as st
from telegram.helpers import escape_markdown
from telegram.request import BaseRequest

from channels.telegram.markup import escape
from channels.telegram.output import TelegramOutput
from tests.unit.telegram.bot import CHAT, GENERATED_TEXTS

IMAGE = "https://example.com/i.png"
MESSAGE = {"message_id": 21, "date": 0, "chat": {"id": CHAT, "type": "private"}}


class Recorded(BaseRequest):
    """The library's way to Telegram: notes each call, takes every message."""

    def __init__(self):
        self.calls = []

    @property
    def read_timeout(self):
        return None

    async def initialize(self):
        return

    async def shutdown(self):
        return

    async def do_request(self, url, method, request_data=None, **timeouts):
        name = url.rpartition("/")[2]
        self.calls.append((name, request_data.parameters))
        result = [MESSAGE] if name == "sendMediaGroup" else MESSAGE
        return 200, json.dumps({"ok": True, "result": result}).encode()


class Api:
    """Ours."""

    def __init__(self):
        self.calls = []

    def call(self, method, parameters):
        self.calls.append((method, parameters))
        return MESSAGE


def ours(response, **settings):
    api = Api()
    output = TelegramOutput("1:a", api=api, reply_to={"chat_id": CHAT}, **settings)
    asyncio.run(output.send_response(str(CHAT), response))
    return api.calls


def theirs(method, **parameters):
    request = Recorded()
    bot = telegram.Bot("1:a", request=request, get_updates_request=Recorded())
    asyncio.run(getattr(bot, method)(chat_id=CHAT, **parameters))
    return request.calls


BUTTONS = st.lists(
    st.builds(
        lambda title, payload: {"title": title, "payload": payload},
        st.text(min_size=1, max_size=20),
        st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=64),
    ),
    min_size=1,
    max_size=8,
)


@given(text=GENERATED_TEXTS)
def test_text(text):
    assert ours({"text": text}) == theirs("send_message", text=text)


@given(text=GENERATED_TEXTS, buttons=BUTTONS)
def test_buttons(text, buttons):
    row = [
        telegram.InlineKeyboardButton(each["title"], callback_data=each["payload"])
        for each in buttons
    ]
    markup = telegram.InlineKeyboardMarkup([row])
    assert ours({"text": text, "buttons": buttons}) == theirs(
        "send_message", text=text, reply_markup=markup
    )


@given(text=GENERATED_TEXTS, buttons=BUTTONS)
def test_a_keyboard_in_place_of_the_users(text, buttons):
    rows = [[telegram.KeyboardButton(each["title"])] for each in buttons]
    markup = telegram.ReplyKeyboardMarkup(rows, one_time_keyboard=True, resize_keyboard=False)
    response = {"text": text, "buttons": buttons, "button_type": "reply"}
    assert ours(response) == theirs("send_message", text=text, reply_markup=markup)


def test_media():
    assert ours({"image": IMAGE}) == theirs("send_photo", photo=IMAGE)
    assert ours({"attachment": IMAGE}) == theirs("send_document", document=IMAGE)
    card = {"title": "T", "subtitle": "S", "image_url": IMAGE}
    assert ours({"elements": [card]}, parse_mode="HTML") == theirs(
        "send_photo", photo=IMAGE, caption="T : S", parse_mode="HTML"
    )


def test_custom_json():
    assert ours({"custom": {"latitude": 1.5, "longitude": 2.5}}) == theirs(
        "send_location", latitude=1.5, longitude=2.5
    )
    contact = {"phone_number": "1", "first_name": "Ann"}
    assert ours({"custom": contact}) == theirs("send_contact", **contact)
    photos = [telegram.InputMediaPhoto(f"{IMAGE}?{number}") for number in range(2)]
    media = [{"type": "photo", "media": f"{IMAGE}?{number}"} for number in range(2)]
    assert ours({"custom": {"media": media}}) == theirs("send_media_group", media=photos)


@given(buttons=BUTTONS)
def test_a_keyboard_is_one_to_telegrams_library(buttons):
    [(_, call)] = ours({"text": "?", "buttons": buttons, "button_type": "vertical"})
    parsed = telegram.InlineKeyboardMarkup.de_json(call["reply_markup"], None)
    assert parsed.to_dict() == call["reply_markup"]


@given(text=st.text(min_size=1, max_size=200))
def test_escaping_is_that_of_telegrams_library(text):
    assert escape(text, "MarkdownV2") == escape_markdown(text, version=2)
    assert escape(text, "Markdown") == escape_markdown(text, version=1)
