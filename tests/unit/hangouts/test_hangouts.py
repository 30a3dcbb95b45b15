"""The Google Chat channel's credentials, and how its input module starts."""

import json
import subprocess
import sys

import pytest

from channels.errors import CredentialsError
from channels.hangouts import HangoutsInput
from channels.hangouts.output import HangoutsOutput
from ops import ROOT
from tests.unit.hangouts.google import PROJECT
from tests.unit.hangouts.space import ACCOUNT, CREDENTIALS, channel


def account(**changes):
    return {"service_account": {**ACCOUNT, **changes}}


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"project_id": None}, "project_id"),
        ({"project_id": None, "allow_unsigned": "yes"}, "allow_unsigned"),
        ({"project_id": "my-project"}, "project_id"),
        ({"project_id": ""}, "project_id"),
        ({"project_id": True}, "project_id"),
        ({"audience": "example.com"}, "audience"),
        ({"audience": ""}, "audience"),
        ({"audience": ["endpoint"]}, "audience"),
        ({"service_account": ""}, "service_account"),
        ({"service_account": "{"}, "service_account"),
        ({"service_account": "[]"}, "service_account"),
        ({"service_account": 5}, "service_account"),
        (account(client_email=None), "service_account"),
        (account(private_key=" "), "service_account"),
        ({"conversation_granularity": "topic"}, "conversation_granularity"),
        ({"conversation_granularity": ["space"]}, "conversation_granularity"),
        ({"apology": ["sorry"]}, "apology"),
        ({"api_base": "chat.googleapis.com"}, "api_base"),
        ({"chat_keys_url": 5}, "chat_keys_url"),
        ({"google_keys_url": "x"}, "google_keys_url"),
    ],
)
def test_a_setting_that_cannot_serve_is_named_with_the_readmes_section(changes, key):
    with pytest.raises(CredentialsError, match=f"hangouts: '{key}'.*docs/channels/hangouts.md"):
        channel(**changes)


@pytest.mark.parametrize("credentials", [None, {}])
def test_without_any_credentials_the_section_is_asked_for(credentials):
    with pytest.raises(CredentialsError, match="section 'hangouts'"):
        HangoutsInput.from_credentials(credentials)


def test_rasas_parameters_are_valid_and_no_proof_is_not():
    assert HangoutsInput(PROJECT).project_id == PROJECT
    assert HangoutsOutput().name() == HangoutsInput.name() == "hangouts"
    with pytest.raises(CredentialsError, match="project_id"):
        HangoutsInput()


def test_a_service_account_is_an_object_or_its_text():
    for key in (ACCOUNT, json.dumps(ACCOUNT)):
        HangoutsInput.check_credentials({**CREDENTIALS, "service_account": key})
    HangoutsInput.check_credentials(CREDENTIALS)


def test_a_private_key_that_is_none_is_found_by_the_check_and_not_shown():
    with pytest.raises(CredentialsError, match="'private_key' is invalid") as refused:
        HangoutsInput.check_credentials({**CREDENTIALS, **account(private_key="not-a-key")})
    assert "not-a-key" not in str(refused.value)


def test_the_webhook_starts_without_what_only_sending_needs():
    path = str(ROOT / "layers" / "channels")
    slow = "requests urllib3 yaml jwt cryptography asyncio typing dataclasses logging.config"
    program = (
        f"sys.path.insert(0, {path!r}); import channels.hangouts; "
        f"print([name for name in {slow.split()!r} if name in sys.modules])"
    )
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-I", "-c", f"import sys; {program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "[]"


def test_rasas_module_path_leads_here():
    from rasa.core.channels.hangouts import HangoutsInput as Alias
    from rasa.core.channels.hangouts import HangoutsOutput as OutputAlias

    assert (Alias, OutputAlias) == (HangoutsInput, HangoutsOutput)
