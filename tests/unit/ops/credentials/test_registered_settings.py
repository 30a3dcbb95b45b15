import pytest

from channels.wiring.credentials import problems
from ops.credentials.parameter_store import ParameterStore
from ops.credentials.registered_settings import SETTINGS, faults, kept, unregistered
from tests.contract.samples import SAMPLES
from tests.functions.channel_rows import ROWS
from tests.unit.ops.moto_stack import moto_stack

BOT = {"access_token": "42:made-up"}


#: What a section has before its channel is registered, and what registration makes.
SECTIONS = {
    name: {k: v for k, v in SAMPLES[name].credentials.items() if k not in made}
    for name, made in SETTINGS.items()
}
MADE = {
    name: {key: ["made"] if isinstance(value, list) else "made" for key, value in made.items()}
    for name, made in SETTINGS.items()
}


def test_a_channel_that_lacks_only_what_registration_makes():
    assert unregistered(SECTIONS) == list(SECTIONS)
    without_values = {name: {**SECTIONS[name], **dict.fromkeys(MADE[name])} for name in MADE}
    assert unregistered(without_values) == list(SECTIONS)
    assert len(SECTIONS) > 5


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

    def pushed(new, channel="telegram"):
        return kept(channel, new, known, {}, exact=False).section

    assert pushed(BOT) == {**BOT, "secret_token": "made"}
    assert pushed({**BOT, "secret_token": "mine"})["secret_token"] == "mine"
    assert pushed({}, "rest") == {}


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


@pytest.fixture
def store():
    with moto_stack() as moto:
        yield ParameterStore(moto.stack)


@pytest.mark.parametrize("channel", SECTIONS)
@pytest.mark.parametrize("nothing", [None, "", []])
def test_a_key_without_a_value_takes_nothing_away(store, channel, nothing):
    store.push({channel: {**SECTIONS[channel], **MADE[channel]}})
    silent = dict.fromkeys(MADE[channel], nothing)
    assert store.push({channel: {**SECTIONS[channel], **silent}}).unchanged == [channel]
    assert store.credentials()[channel] == {**SECTIONS[channel], **MADE[channel]}


#: What stays in a section that does without signatures: ids, and what Meta asks for.
NO_PROOF = {name: MADE[name].keys() - {*ROWS[name].needs} for name in MADE}


@pytest.mark.parametrize("channel", SECTIONS)
def test_a_secret_outlasts_a_time_without_it(store, channel):
    store.push({channel: {**SECTIONS[channel], **MADE[channel]}})
    unsigned = {**SECTIONS[channel], "allow_unsigned": True}
    for _ in range(2):
        store.push({channel: unsigned})
        stays = {key: MADE[channel][key] for key in NO_PROOF[channel]}
        assert store.credentials() == {channel: {**unsigned, **stays}}
        assert problems(store.credentials()) == []
    store.push({channel: SECTIONS[channel]})
    assert store.credentials() == {channel: {**SECTIONS[channel], **MADE[channel]}}


def test_a_secret_goes_with_its_section_only(store):
    store.push({"telegram": {**BOT, "secret_token": "made"}, "rest": {}})
    store.push({"telegram": BOT}, prune=True)
    assert store.credentials() == {"telegram": {**BOT, "secret_token": "made"}}
    store.push({"rest": {}}, prune=True)
    store.push({"telegram": BOT})
    assert store.credentials()["telegram"] == BOT


def test_the_key_of_what_is_kept_beside_is_the_sections(store):
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    store.push({"telegram": {**BOT, "secret_token": "made"}})
    for _ in range(2):
        store.push({"telegram": {**BOT, "allow_unsigned": True}}, key=key)
    assert store.push({"telegram": BOT}, key=key).written == ["telegram"]
    assert {each["KeyId"] for each in store._client.describe_parameters()["Parameters"]} == {key}


def test_a_section_under_another_name_leaves_the_secret_where_it_is(store):
    store.push({"telegram": {**BOT, "secret_token": "made"}})
    renamed = {"custom/my_telegram": {"class": "addons.bot.MyTelegram", "settings": BOT}}
    assert store.push(renamed).absent == ["telegram"]
    assert store.credentials()["telegram"]["secret_token"] == "made"
    assert store.credentials()["custom/my_telegram"] == renamed["custom/my_telegram"]


def test_a_pruning_push_of_an_empty_list_leaves_no_token(store):
    store.push({"mattermost": {**SECTIONS["mattermost"], "webhook_tokens": ["mine", "made"]}})
    emptied = {"mattermost": {**SECTIONS["mattermost"], "webhook_tokens": []}}
    store.push(emptied, prune=True)
    assert store.credentials() == emptied
    assert unregistered(store.credentials()) == ["mattermost"]
    store.push({"mattermost": SECTIONS["mattermost"]})
    assert store.credentials() == {"mattermost": SECTIONS["mattermost"]}


@pytest.mark.parametrize("nothing", [None, "", []], ids=repr)
@pytest.mark.parametrize("channel", SECTIONS)
def test_a_section_with_such_a_key_without_a_value_may_be_pushed(channel, nothing):
    silent = {channel: {**SECTIONS[channel], **dict.fromkeys(MADE[channel], nothing)}}
    assert faults(silent) == []
    assert unregistered(silent) == [channel]
