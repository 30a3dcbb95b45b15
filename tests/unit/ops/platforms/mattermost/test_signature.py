import pytest

from channels.wiring.registry import create_channel
from ops.events import signatures
from ops.events.new_ids import with_new_ids
from ops.platforms.fresh_ids import Fresh
from ops.platforms.signing import Signing
from tests.channels.mattermost.sample import SAMPLE
from tests.unit.ops.platforms.signed import BASE, NOW, request, sign


@pytest.mark.parametrize(
    "name",
    ["button_forged", "dialog_forged", "slash_command_wrong_token", "slash_command_get", "menu"],
)
def test_every_kind_of_mattermosts_requests(name):
    credentials = SAMPLE.credentials
    signed = sign(f"mattermost/{name}", credentials)
    create_channel("mattermost", credentials).verify(signed.read(BASE))


def test_a_dialog_is_signed_as_the_same_submission_or_as_a_new_one():
    credentials = SAMPLE.credentials
    channel = create_channel("mattermost", credentials)
    recorded = request("mattermost/dialog")

    def submitted(again):
        signed = signatures.sign(again, Signing(credentials, BASE, NOW)).read(BASE)
        channel.verify(signed)
        [message] = channel.parse(signed)
        return message.message_id, message.metadata["state"]

    [before] = channel.parse(recorded.read(BASE))
    assert submitted(recorded) == (before.message_id, "page 1")
    new = with_new_ids(recorded, Fresh("0123456789abcdef" * 2, NOW))
    assert submitted(new) == submitted(new)
    assert submitted(new)[0] != before.message_id
    assert submitted(new)[1] == "page 1"
