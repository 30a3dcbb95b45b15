"""Settings of every channel that are true or false: a quoted one is a mistake, and named."""

import pytest

from channels.errors import CredentialsError
from channels.wiring.registry import create_channel
from tests.contract.samples import SAMPLES

#: All but `enhanced` of twilio_voice, which Rasa writes as a string.
SWITCHES = {
    "botframework": ["allow_unsigned", "edited_messages"],
    "callback": ["allow_private_addresses", "array"],
    "facebook": ["allow_sha1", "allow_unsigned", "appsecret_proof"],
    "hangouts": ["allow_unsigned"],
    "mattermost": ["allow_unsigned", "use_threads"],
    "rocketchat": ["allow_unsigned", "edits", "keep_trigger_word", "use_threads"],
    "slack": ["allow_unsigned", "edits", "ephemeral", "use_threads"],
    "telegram": ["allow_unsigned", "edited_messages", "file_urls"],
    "twilio": ["allow_unsigned", "typing"],
    "twilio_voice": ["allow_unsigned"],
    "webexteams": ["allow_unsigned", "use_threads"],
}


def made(name, **settings):
    """A channel that `ops credentials check` has nothing against."""
    credentials = {**SAMPLES[name].credentials, **settings}
    channel = create_channel(name, credentials)
    type(channel).check_credentials(credentials)
    return channel


each_switch = pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name, keys in SWITCHES.items() for key in keys]
)


@each_switch
@pytest.mark.parametrize("value", ["true", "false", "yes", 1])
def test_a_switch_that_is_neither_true_nor_false_is_refused(name, key, value):
    with pytest.raises(CredentialsError, match=rf"'{key}' must be true or false.*\(docs/channels"):
        made(name, **{key: value})


@each_switch
@pytest.mark.parametrize("value", [True, False, None])
def test_a_switch_may_be_left_empty(name, key, value):
    assert made(name, **{key: value}).name() == name


@pytest.mark.parametrize("name", ["facebook", "slack", "telegram", "twilio", "webexteams"])
def test_an_api_base_is_a_url(name):
    with pytest.raises(CredentialsError, match=r"'api_base' must be a URL.*\(docs/channels"):
        made(name, api_base="slack.example.com/api/")
