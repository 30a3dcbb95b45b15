"""Values of the wrong kind, and keys without a value: refused alike in every section."""

import pytest

from channels.auth.bearer import JwtVerifier
from channels.errors import CredentialsError
from channels.socketio import SocketIOInput
from channels.wiring.credentials import problems, section_of
from channels.wiring.registry import BUILT_IN

#: Sections that work.
WORKING = {
    "rest": {},
    "callback": {"url": "https://example.com/bot"},
    "socketio": {},
    "slack": {"slack_token": "xoxb-1", "slack_signing_secret": "s"},
    "telegram": {"access_token": "42:x", "secret_token": "s"},
    "facebook": {"verify": "v", "secret": "s", "page-access-token": "EAAG"},
    "twilio": {"account_sid": "AC1", "auth_token": "t", "twilio_number": "+15005550010"},
    "twilio_voice": {"auth_token": "t"},
    "mattermost": {"url": "https://chat.example.com", "token": "t", "webhook_tokens": ["a"]},
    "rocketchat": {
        "user": "u",
        "password": "p",
        "server_url": "https://chat.example.com",
        "webhook_token": "w",
    },
    "botframework": {"app_id": "a", "app_password": "p"},
    "webexteams": {"access_token": "t", "webhook_secret": "w"},
    "hangouts": {"project_id": "1"},
    "conversations_api": {"token": "t"},
}
assert set(WORKING) == {*BUILT_IN, "conversations_api"} - {"cmdline"}

#: Who may call, and what the stack calls with.
SECRETS = {
    "rest": ["token", "jwt_key"],
    "callback": ["jwt_key", "signing_secret", "token"],
    "socketio": ["jwt_key"],
    "slack": ["slack_token", "slack_signing_secret"],
    "telegram": ["access_token", "secret_token"],
    "facebook": ["verify", "secret", "page-access-token"],
    "twilio": ["auth_token", "secondary_auth_token", "twilio_number", "api_key_secret"],
    "twilio_voice": ["auth_token", "secondary_auth_token"],
    "mattermost": ["token", "pw", "webhook_tokens"],
    "rocketchat": ["password", "webhook_token", "livechat_token", "auth_token"],
    "botframework": ["app_id", "app_password"],
    "webexteams": ["access_token", "webhook_secret"],
    "conversations_api": ["token"],
}


def whats(name, **changes):
    return [each.what for each in problems({name: {**WORKING[name], **changes}})]


@pytest.mark.parametrize("name", WORKING)
def test_the_sections_of_this_test_work(name):
    assert whats(name) == []


@pytest.mark.parametrize("value", [8.5, True], ids=repr)
@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name in SECRETS for key in SECRETS[name]]
)
def test_a_secret_that_is_no_text_to_yaml_needs_quotes(name, key, value):
    [told] = whats(name, **{key: value})
    assert told.startswith(f"{name}: '{key}' must be a string: put it in quotes (docs/")


@pytest.mark.parametrize(
    ("name", "key"),
    [(name, key) for name in SECRETS for key in SECRETS[name] if name != "facebook"],
)
def test_a_number_as_a_secret_needs_quotes(name, key):
    """Facebook's section takes whole numbers, which YAML leaves as they are written."""
    [told] = whats(name, **{key: 83})
    assert told.startswith(f"{name}: '{key}' must be a string: put it in quotes (docs/")


@pytest.mark.parametrize("value", ["false", "true", "yes", 1, []], ids=repr)
@pytest.mark.parametrize(
    "name", [name for name in WORKING if "allow_unsigned" in section_of(name).keys]
)
def test_a_door_is_opened_by_true_alone(name, value):
    [told] = whats(name, allow_unsigned=value)
    assert told.startswith(f"{name}: 'allow_unsigned' must be true or false (docs/")


def test_a_proof_is_left_out_by_false_alone():
    assert whats("facebook", appsecret_proof="no") != []
    assert whats("facebook", appsecret_proof=None) == []


DOORS = {
    "rest": ["token", "jwt_key"],
    "callback": ["jwt_key", "signing_secret"],
    "socketio": ["jwt_key", "allowed_origins"],
}


@pytest.mark.parametrize("value", [None, "", " "], ids=repr)
@pytest.mark.parametrize(("name", "key"), [(name, key) for name in DOORS for key in DOORS[name]])
def test_a_key_without_a_value_does_not_open_the_door(name, key, value):
    [told] = whats(name, **{key: value})
    assert told.startswith(f"{name}: '{key}' has no value: remove the line to do without (docs/")


def test_what_a_stack_has_of_such_a_key_is_refused_too():
    """A function makes its channel of what an earlier version pushed."""
    from channels.rest import RestInput

    with pytest.raises(CredentialsError, match="'token' has no value"):
        RestInput.from_credentials({"token": None})
    with pytest.raises(CredentialsError, match="'jwt_key' has no value"):
        SocketIOInput.from_credentials({"jwt_key": None})


SUBCLASS = """
from channels.rest import RestInput

class Mine(RestInput):
    @classmethod
    def name(cls):
        return "mine"
"""


def test_nor_does_it_in_a_class_of_ones_own(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "own_rest_channel.py").write_text(SUBCLASS)
    [told] = problems({"own_rest_channel.Mine": {"token": None}})
    assert "'token' has no value: remove the line to do without" in told.what


@pytest.mark.parametrize("name", ["rest", "callback", "socketio"])
@pytest.mark.parametrize(
    ("method", "told"),
    [
        ("S3CRET", "'jwt_method' must be one of ES256, "),
        ("none", "'jwt_method' must be one of ES256, "),
        ("RS256", "'jwt_key' is no valid key for its 'jwt_method'"),
    ],
)
def test_a_method_or_key_that_cannot_serve_is_told_by_section_and_page(name, method, told):
    [what] = whats(name, jwt_key="S3CRET" * 8, jwt_method=method)
    assert what.startswith(f"{name}: {told}")
    assert what.endswith(f" (docs/channels/{name}.md)")
    assert "S3CRET" not in what


def test_the_conversations_api_needs_its_token():
    for token in (None, "", " "):
        [told] = problems({"conversations_api": {"token": token}})
        assert told.what.startswith("conversations_api: 'token' ")
        assert told.what.endswith("(docs/conversations-api.md)")
    assert len(problems({"conversations_api": {}})) == 1


@pytest.mark.parametrize("method", ["HS1", "none", ""])
def test_a_verifier_names_no_value(method):
    with pytest.raises(CredentialsError, match="JWT: 'jwt_method' must be one of") as raised:
        JwtVerifier("k" * 32, method)
    assert f"'{method}'" not in str(raised.value)
