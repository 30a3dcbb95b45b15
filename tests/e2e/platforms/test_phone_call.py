"""A phone call through the deployed stack, answered inside each request by way of the worker."""

import requests

from tests.e2e.platforms.platform import PUBLIC_BASE_URL


def test_a_whole_call(phone):
    phone.call()
    assert phone.heard == [
        "Hey! How are you?",
        "Press 1 for great.",
        "Press 2 for super sad.",
    ]
    phone.keep_silent()
    assert "Hey! How are you?" in phone.heard
    phone.press("2")
    assert phone.heard[0] == "Here is something to cheer you up:"
    assert phone.heard[-3:] == ["Did that help you?", "Press 1 for yes.", "Press 2 for no."]
    phone.again()
    assert phone.heard[0] == "Here is something to cheer you up:", "the same answer once more"
    phone.say("not really")
    assert phone.heard == ["I am sorry. It will be better tomorrow."]
    phone.say("Bye!")
    assert phone.heard == ["Bye"]
    phone.hang_up()
    assert phone.is_over
    assert phone.heard == []


def test_a_call_that_twilio_did_not_sign_is_refused(http_url):
    answer = requests.post(
        f"{http_url}/webhooks/twilio_voice/webhook",
        data={"CallSid": "CA1", "From": "+15005550006", "CallStatus": "ringing"},
        headers={"x-twilio-signature": "AAAA", "host": PUBLIC_BASE_URL.split("/")[2]},
        timeout=30,
    )
    assert answer.status_code == 403
