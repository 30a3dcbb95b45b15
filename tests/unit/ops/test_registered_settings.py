from ops.parameter_store import ParameterStore
from ops.registered_settings import faults, kept, unregistered
from tests.unit.ops.moto_stack import moto_stack

BOT = {"access_token": "42:made-up"}


def test_a_channel_that_lacks_only_what_registration_makes():
    sections = {
        "telegram": dict(BOT),
        "webexteams": {"access_token": "x", "webhook_secret": None},
        "facebook": {"secret": "s", "page-access-token": "t"},
        "mattermost": {"url": "https://chat.example.com", "token": "t"},
        "rocketchat": {"user": "u", "password": "p", "server_url": "https://chat.example.com"},
        "slack": {"slack_token": "xoxb-1"},
    }
    assert unregistered(sections) == list(sections)


def test_other_faults_are_faults():
    sections = {
        "telegram": {"verify": "my_bot"},
        "twilio": {"account_sid": "AC1"},
        "rest": {},
        "slack": {"slack_token": "x", "slack_signing_secret": "y"},
    }
    assert unregistered(sections) == []


def test_what_is_told_is_the_fault_and_not_what_registration_makes():
    sections = {
        "telegram": {**BOT, "parse_mode": "markdown"},
        "mattermost": {"url": "chat.example.com", "token": "t", "webhook_tokens": None},
        "slack": {"slack_token": "x", "edit": True},
        "webexteams": {"access_token": "t"},
    }
    told = [(each.section, each.key) for each in faults(sections)]
    assert told == [("telegram", None), ("mattermost", None), ("slack", "edit")]
    assert [each.what.partition("'")[2].partition("'")[0] for each in faults(sections)] == [
        "parse_mode",
        "url",
        "edit",
    ]
    assert unregistered(sections) == ["webexteams"]


def test_what_the_stack_has_stays_where_the_file_is_silent():
    known = {"secret_token": "made", "edited_messages": False}
    assert kept("telegram", BOT, known) == {**BOT, "secret_token": "made"}
    assert kept("telegram", {**BOT, "secret_token": "mine"}, known)["secret_token"] == "mine"
    assert kept("telegram", {**BOT, "allow_unsigned": True}, known) == {
        **BOT,
        "allow_unsigned": True,
    }
    assert kept("rest", {}, {"token": "old"}) == {}


def test_a_push_of_the_file_does_not_take_a_secret_away():
    with moto_stack() as moto:
        store = ParameterStore(moto.stack)
        store.push({"telegram": {**BOT, "secret_token": "made"}})
        assert store.push({"telegram": BOT}).unchanged == ["telegram"]
        assert store.credentials()["telegram"]["secret_token"] == "made"
        assert store.push({"telegram": {"access_token": "43:other"}}).written == ["telegram"]
        assert store.credentials() == {
            "telegram": {"access_token": "43:other", "secret_token": "made"}
        }
