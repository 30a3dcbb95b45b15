"""What is particular to the Bot Framework: tokens of both sides, which change in the middle."""

import json

from tests.e2e.platforms.conftest import OPERATOR


def test_a_login_that_expires_in_the_middle_is_renewed(teams):
    greeted = teams.arrived("How are you?")
    teams.post(teams.platform.message("hello", 21))
    teams.wait_for("How are you?", greeted + 1)
    expired = teams.taken[-1].headers["authorization"]
    teams.platform.expire_login()
    teams.post(teams.platform.message("are you a bot", 22))
    teams.wait_for_other_login("I am a bot. I run", expired)


def test_a_new_key_of_microsofts_is_taken(teams):
    before = teams.arrived("It will be better tomorrow")
    teams.platform.rotate_key()
    teams.post_when_known(teams.platform.message("not really", 23))
    teams.wait_for("It will be better tomorrow", before + 1)


def test_a_token_replayed_with_another_service_url_brings_the_bots_token_nowhere(teams):
    body, headers = teams.platform.message("hi", 24)
    activity = json.loads(body)
    activity["serviceUrl"] = f"{teams.server.url}/attacker/"
    before = len(teams.server.requests)
    assert teams.request((json.dumps(activity).encode(), headers)).status_code == 403
    heard = teams.arrived("It will be better tomorrow")
    teams.post(teams.platform.message("never", 25))
    teams.wait_for("It will be better tomorrow", heard + 1)
    assert not any("/attacker/" in call.path for call in teams.server.requests[before:])


def test_what_is_said_unasked_finds_the_conversation(teams):
    teams.say_unasked("29:ann", "a reminder", OPERATOR)
    teams.wait_for("a reminder")
