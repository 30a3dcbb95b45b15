"""Google Chat through the deployed stack: answers in the response, and later ones by its API."""

from tests.e2e.platforms.conftest import OPERATOR


def answer(chat, parts):
    response = chat.request(parts)
    assert response.status_code == 200, response.text
    return response.json()


def buttons(message):
    widgets = [
        widget
        for card in message["cardsV2"]
        for section in card["card"]["sections"]
        for widget in section["widgets"]
    ]
    return [button for widget in widgets for button in widget.get("buttonList", {})["buttons"]]


def payload(button):
    return button["onClick"]["action"]["parameters"][0]["value"]


def test_a_conversation_in_the_responses(google_chat):
    platform = google_chat.platform
    greeting = answer(google_chat, platform.message("hi", 1))
    assert greeting["text"] == "Hey! How are you?"
    assert [payload(each) for each in buttons(greeting)] == ["/mood_great", "/mood_unhappy"]
    cheering = answer(google_chat, platform.click("/mood_unhappy", 2, []))
    assert cheering["text"].startswith("Here is something to cheer you up:")
    assert "imgur.com/nGF1K8f.jpg" in str(cheering["cardsV2"])
    assert "Did that help you?" in str(cheering)


def test_what_google_sends_again_gets_the_same_answer(google_chat):
    parts = google_chat.platform.message("bye", 3)
    assert [answer(google_chat, parts)["text"] for _ in range(3)] == ["Bye"] * 3


def test_a_long_text_is_one_message(google_chat):
    said = answer(google_chat, google_chat.platform.message("/long", 4))["text"]
    assert all(f"Paragraph {number} of six" in said for number in range(1, 7))
    assert len(said.encode()) <= google_chat.platform.longest


def test_what_is_not_signed_is_refused(google_chat):
    assert google_chat.request(google_chat.platform.unsigned("hi", 5)).status_code == 401


def test_what_is_said_unasked_goes_by_the_api(google_chat):
    answer(google_chat, google_chat.platform.message("hello", 6))
    google_chat.refuse["reminder one"] = google_chat.platform.limited()
    google_chat.say_unasked("AAA", "reminder one", OPERATOR)
    google_chat.wait_for("reminder one")
    google_chat.platform.expire_login()
    google_chat.say_unasked("AAA", "reminder two", OPERATOR)
    google_chat.wait_for("reminder two", 2)
    posts = [call for call in google_chat.taken if "reminder two" in call.body.decode()]
    ids = {call.path.partition("requestId=")[2] for call in posts}
    assert len(posts) == 2, "refused with the old login, taken with a new one"
    assert len(ids) == 1, "by which Google knows that it is one message"


def test_a_new_key_of_googles_is_taken(google_chat):
    google_chat.platform.rotate_key()
    parts = google_chat.platform.message("are you a bot?", 7)
    assert google_chat.post_when_known(parts).json()["text"].startswith("I am a bot.")
