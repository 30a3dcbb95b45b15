"""Requests proved anew, judged by the connectors' own checks."""

import pytest

from channels.errors import VerificationError
from channels.wiring.credentials import section_of
from channels.wiring.registry import create_channel
from ops.events import signatures
from ops.failure import Failure
from ops.platforms.signing import Signing
from ops.platforms.webhook_request import WebhookRequest
from tests.contract.samples import SAMPLES
from tests.functions.channel_rows import ROWS
from tests.functions.harness import example
from tests.unit.ops.platforms.signed import BASE, NOW, request, sign

SIGNED_HERE = [name for name, each in SAMPLES.items() if not each.only_the_platform_signs]
MAY_BE_UNSIGNED = [
    name for name in SIGNED_HERE if name in ROWS and "allow_unsigned" in section_of(name).keys
]


@pytest.mark.parametrize("name", SIGNED_HERE)
def test_a_channel_takes_what_was_signed_with_its_credentials(name):
    sample = SAMPLES[name]
    channel = create_channel(name, sample.credentials)
    unsigned = request(sample.event)
    with pytest.raises(VerificationError):
        channel.verify(unsigned.read(BASE))
    channel.verify(sign(sample.event, sample.credentials).read(BASE))


@pytest.mark.parametrize("name", SIGNED_HERE)
def test_other_credentials_make_other_proofs(name):
    sample = SAMPLES[name]
    other = {
        key: [f"{text}1" for text in value] if isinstance(value, list) else f"{value}1"
        for key, value in sample.credentials.items()
    }
    signed = sign(sample.event, other)
    with pytest.raises(VerificationError):
        create_channel(name, sample.credentials).verify(signed.read(BASE))


@pytest.mark.parametrize("name", sorted(SAMPLES.keys() - {*SIGNED_HERE}))
def test_what_only_the_platform_can_sign(name):
    with pytest.raises(Failure, match="Only ") as failure:
        sign(SAMPLES[name].event, SAMPLES[name].credentials)
    assert "--key" in failure.value.mend


@pytest.mark.parametrize("name", MAY_BE_UNSIGNED)
def test_what_needs_no_proof_is_sent_as_it_is(name):
    row = ROWS[name]
    section = {key: row.credentials[key] for key in row.credentials.keys() - {*row.needs}}
    event = f"{name}/{row.base}"
    assert sign(event, {**section, "allow_unsigned": True}) == request(event)


def test_health_needs_no_proof():
    assert sign("slack/health", {"slack_signing_secret": "s"}) == request("slack/health")


def test_a_channel_of_ones_own():
    event = example("rest/text")
    event["rawPath"] = "/webhooks/myio/webhook"
    with pytest.raises(Failure, match="known to its class only"):
        signatures.sign(WebhookRequest.from_event(event), Signing({}, BASE, NOW))
