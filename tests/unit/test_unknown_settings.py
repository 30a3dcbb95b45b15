"""Keys that no section knows: refused with the nearest one, before anything is pushed."""

import pytest

from channels.section import letters
from channels.wiring.credentials import problems, section_of
from channels.wiring.registry import _OTHER_NAMES, BUILT_IN
from tests.contract.samples import SAMPLES

#: Sections that work but for one misspelt key: the section, the key, and the one that is meant.
MISSPELT = [
    ({"rest": {"tokn": "x"}}, "tokn", "token"),
    ({"callback": {"url": "https://example.com/bot", "header": {}}}, "header", "headers"),
    (
        {"slack": {"slak_token": "xoxb-1", "slack_signing_secret": "s"}},
        "slak_token",
        "slack_token",
    ),
    (
        {"telegram": {"access_token": "42:x", "secret_token": "s", "parse-mode": "HTML"}},
        "parse-mode",
        "parse_mode",
    ),
    (
        {"facebook": {"verify": "v", "secret": "s", "page_access_token": "EAAG"}},
        "page_access_token",
        "page-access-token",
    ),
    (
        {
            "twilio": {
                "account_sid": "AC1",
                "auth_token": "t",
                "twilio_number": "+15005550010",
                "Secondary_Auth_Token": "u",
            }
        },
        "Secondary_Auth_Token",
        "secondary_auth_token",
    ),
    ({"agent": {"remote_tokn": "t"}}, "remote_tokn", "remote_token"),
    ({"conversations_api": {"tokens": "t"}}, "tokens", "token"),
]


@pytest.mark.parametrize(("sections", "key", "meant"), MISSPELT, ids=lambda each: "")
def test_a_misspelt_key_is_one_problem_with_the_key_that_is_meant(sections, key, meant):
    [name] = sections
    assert [tuple(each[i] for i in (0, 2, 3)) for each in problems(sections)] == [
        (name, key, meant)
    ]


KEYS = [(name, key) for name in sorted(BUILT_IN) for key in section_of(name).keys]


@pytest.mark.parametrize(("name", "key"), KEYS)
def test_every_key_of_every_channel_is_meant_by_its_slip(name, key):
    """`token` by `tokn`; the rest of the section is the contract tests' sample."""
    slip = key[:-2] + key[-1]
    sample = SAMPLES[name].credentials if name in SAMPLES else {}
    others = {each: value for each, value in sample.items() if each != key}
    found = [each for each in problems({name: {**others, slip: "x"}}) if each.key]
    assert [(each.section, each.key, each.nearest) for each in found] == [(name, slip, key)]


def test_all_misspelt_keys_are_told_not_the_first_alone():
    sections = {name: each for sections, _, _ in MISSPELT for name, each in sections.items()}
    assert [(each.key, each.nearest) for each in problems(sections)] == [
        (key, meant) for _, key, meant in MISSPELT
    ]
    two = problems({"rest": {"tokn": "x", "jwt_keys": "k" * 32, "jwt_key": "k" * 32}})
    assert [each.key for each in two] == ["tokn", "jwt_keys"]


def test_what_is_told_names_section_key_and_hint():
    [told] = problems({"rest": {"tokn": "a secret"}})
    assert (
        told.what == "rest: 'tokn' is not a setting: did you mean 'token'? (docs/channels/rest.md)"
    )


def test_a_key_like_no_other_is_told_with_all_there_are():
    [told] = problems({"rest": {"allow": ["me"]}})
    assert told.nearest is None
    assert "'allow' is not a setting; there are token, jwt_key, jwt_method" in told.what


def test_a_channel_that_cannot_be_made_is_told_beside_its_unknown_key():
    found = problems({"telegram": {"parse_mode": "markdown", "secret_token": "s", "edits": 1}})
    assert [each.key for each in found] == ["edits", None]
    assert "'access_token' is needed" in found[1].what


def test_a_value_is_checked_although_its_key_is_misspelt():
    found = problems(
        {"telegram": {"acess_token": "42:x", "secret_token": "s", "parse_mode": "markdown"}}
    )
    assert [each.key for each in found] == ["acess_token", None]
    assert "'parse_mode' must be one of" in found[1].what


def test_an_unknown_key_without_a_value_is_one():
    assert [each.key for each in problems({"rest": {"tokn": None}})] == ["tokn"]


def test_the_shell_has_no_settings_of_its_own():
    """A token in its section protects nothing: the section `rest` counts."""
    [told] = problems({"cmdline": {"token": "t"}})
    assert (told.key, told.nearest) == ("token", None)
    assert "'token' is not a setting; there are none" in told.what


def test_keys_of_every_agent_are_known():
    rasas = {"params": {}, "remote": True, "timeout": 5}
    chats = {"model": "m", "history": 3, "base_url": "https://example.com", "region": "us-east-1"}
    assert problems({"agent": {**rasas, **chats}}) == []


#: Rasa's own keys that have nothing to do here.
WITHOUT_EFFECT = {
    "slack": ["slack_retry_reason_header", "slack_retry_number_header", "errors_ignore_retry"],
    "socketio": ["socketio_path"],
    "telegram": ["webhook_url"],
}


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_keys_of_rasas_without_effect_are_taken_and_named(name):
    section = section_of(name)
    keys = WITHOUT_EFFECT.get(name, [])
    settings = dict.fromkeys((*keys, *section.keys), "x")
    assert section.unknown(settings) == {}
    assert list(section.unused(settings)) == keys


@pytest.mark.parametrize(
    "name", ["rasa", "addons.my_channel.MyIO", "channels.slack.SlackInput", "nope"]
)
def test_sections_of_others_take_any_key(name):
    assert section_of(name) is None
    assert [each for each in problems({name: {"anything": 1}}) if each.key] == []


SUBCLASS = """
from channels.rest import RestInput

class Mine(RestInput):
    @classmethod
    def name(cls):
        return "mine"
"""


def test_a_subclass_of_a_built_in_channel_takes_any_key(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "subclassed_channel.py").write_text(SUBCLASS)
    assert problems({"subclassed_channel.Mine": {"token": "t", "tokn": "x", "city": "Bonn"}}) == []


def test_what_is_inside_of_a_setting_is_free():
    sections = {
        "facebook": {"verify": "v", "secret": "s", "page_tokens": {"1000": "EAAG"}},
        "hangouts": {
            "project_id": "1",
            "service_account": {"client_email": "a@b.c", "private_key": "k", "universe": "x"},
        },
        "agent": {"headers": {"X-Team": "support"}, "params": {"region": "eu"}},
    }
    assert [each for each in problems(sections) if each.key] == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("slak", "slack"),
        ("Slack", "slack"),
        ("twilio-voice", "twilio_voice"),
        ("agents", "agent"),
        ("conversation_api", "conversations_api"),
    ],
)
def test_a_misspelt_section_is_told_with_the_one_that_is_meant(name, meant):
    [told] = problems({name: {"token": "x"}})
    assert told.what == (
        f"Failed to find input channel class for '{name}': did you mean '{meant}'?"
    )


@pytest.mark.parametrize("name", ["audiocodes", "genesys", "nope"])
def test_a_section_like_no_other_is_told_what_there_is(name):
    [told] = problems({name: {}})
    assert "did you mean" not in told.what
    assert "Built-in channels are botframework, " in told.what


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("teams", "botframework"),
        ("MSTeams", "botframework"),
        ("ms_teams", "botframework"),
        ("webex", "webexteams"),
        ("messenger", "facebook"),
        ("instagram", "facebook"),
        ("google_chat", "hangouts"),
        ("google-chat", "hangouts"),
        ("webchat", "socketio"),
        ("whatsapp", "twilio"),
    ],
)
def test_a_channel_by_another_name_is_told_with_its_own(name, meant):
    [told] = problems({name: {"token": "x"}})
    assert told.what.endswith(f"for '{name}': did you mean '{meant}'?")


def test_another_name_leads_to_a_channel_there_is():
    assert set(_OTHER_NAMES.values()) <= set(BUILT_IN)
    assert not set(_OTHER_NAMES) & set(BUILT_IN)
    assert [letters(name) for name in _OTHER_NAMES] == list(_OTHER_NAMES)


@pytest.mark.parametrize("name", ["audiocodes", "nope"])
def test_a_section_like_no_other_is_not_told_of_a_module(name):
    [told] = problems({name: {}})
    failed = f"Failed to find input channel class for '{name}'"
    assert told.what.startswith(f"{failed}: Built-in channels are ")


@pytest.mark.parametrize(
    ("name", "settings", "told"),
    [
        ("telegram", {"slack_token": "x"}, "'slack_token' is a key of slack"),
        ("telegram", {"slackToken": "x"}, "'slackToken' is a key of slack"),
        ("webexteams", {"secret_token": "x"}, "'secret_token' is a key of telegram"),
        ("slack", {"verify": "x"}, "'verify' is a key of facebook and telegram"),
        ("slack", {"model": "x"}, "'model' is a key of agent"),
        (
            "slack",
            {"access_token": "x"},
            "'access_token' is not a setting: did you mean 'slack_token'",
        ),
        ("rocketchat", {"room": "x"}, "'room' is not a setting: did you mean 'rooms'"),
        ("rest", {"slack": {"slack_token": "x"}}, "'slack' is a section of its own: move it to"),
        ("rest", {"telegram": None}, "'telegram' is a section of its own: move it to the left"),
        ("agent", {"url": "x"}, "'url' is the stack's parameter RasaUrl (docs/agents.md)"),
        (
            "telegram",
            {"access_token:123:S3CRET": None},
            "'access_token...' needs a space after its colon: 'access_token: ...'",
        ),
        ("telegram", {"acces_token:123:S3CRET": None}, "'acces_token...' is not a setting"),
    ],
)
def test_a_key_that_belongs_elsewhere_is_told_where(name, settings, told):
    found = next(each for each in problems({name: settings}) if each.key)
    assert told in found.what
    assert "S3CRET" not in repr(found)


def test_a_key_of_another_section_stands_for_none_of_this_one():
    settings = {"access_token": "42:x", "secret_token": "s", "slack_token": "x"}
    [told] = problems({"telegram": settings})
    assert (told.key, told.nearest) == ("slack_token", None)
    found = problems({"telegram": {"slack_token": "x", "secret_token": "s"}})
    assert [each.key for each in found] == ["slack_token", None]
    assert "'access_token' is needed" in found[1].what


def test_a_key_without_a_space_after_its_colon_is_one_problem():
    [told] = problems({"telegram": {"access_token:123:S3CRET": None, "secret_token": "s"}})
    assert (told.key, told.nearest) == ("access_token...", None)


def test_a_section_within_itself_is_one_problem():
    slack = {"slack_token": "xoxb-1", "slack_signing_secret": "s"}
    [told] = problems({"slack": {"slack": slack}})
    assert (told.key, told.nearest) == ("slack", None)
    assert "'slack' is the section within itself: move it to the left" in told.what
    found = problems({"slack": {"slack": {"slack_token": 5}}})
    assert [each.key for each in found] == ["slack", None]
    assert "'slack_token' must be a string: put it in quotes" in found[1].what
