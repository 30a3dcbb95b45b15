"""What Meta's Send API accepts, as its reference says it: refuses what breaks a rule."""

from __future__ import annotations

from channels.messages.text import utf8_bytes, utf16_units

BUTTON_KEYS = {
    "postback": {"type", "title", "payload"},
    "web_url": {"type", "title", "url"},
    "phone_number": {"type", "title", "payload"},
}


def check(message, *, instagram=False):
    """AssertionError for a `message` that the platform would refuse or cut."""
    if "attachment" in message:
        assert set(message) == {"attachment"}
        check_attachment(message["attachment"])
        return
    assert set(message) <= {"text", "quick_replies"}
    assert message["text"].strip()
    length = utf8_bytes(message["text"]) if instagram else utf16_units(message["text"])
    assert length <= (1000 if instagram else 2000)
    for reply in message.get("quick_replies", []):
        assert set(reply) <= {"content_type", "title", "payload", "image_url"}
        if reply["content_type"] == "text":
            check_text(reply["title"], 20)
            check_text(reply["payload"], 1000)
    if "quick_replies" in message:
        assert 1 <= len(message["quick_replies"]) <= 13


def check_attachment(attachment):
    payload = attachment["payload"]
    if attachment["type"] != "template":
        assert attachment["type"] in ("image", "video", "audio", "file")
        assert payload["url"].startswith(("http://", "https://"))
    elif payload["template_type"] == "button":
        check_text(payload["text"], 640)
        check_buttons(payload["buttons"])
    else:
        assert payload["template_type"] == "generic"
        assert 1 <= len(payload["elements"]) <= 10
        for card in payload["elements"]:
            assert set(card) <= {"title", "subtitle", "image_url", "default_action", "buttons"}
            assert len(card) >= 2, "a card needs something beside its title"
            check_text(card["title"], 80)
            if "subtitle" in card:
                check_text(card["subtitle"], 80)
            if "buttons" in card:
                check_buttons(card["buttons"])


def check_buttons(buttons):
    assert 1 <= len(buttons) <= 3
    for button in buttons:
        assert set(button) == BUTTON_KEYS[button["type"]]
        check_text(button["title"], 20)
        if "payload" in button:
            check_text(button["payload"], 1000)


def check_text(text, longest):
    assert isinstance(text, str)
    assert text.strip()
    assert utf16_units(text) <= longest
