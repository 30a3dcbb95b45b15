"""What the tests of all channels need of one stands in its folder: a missing part is told here.

They find the channels by these folders: one without its part would not be tested, in silence.
"""

import pytest

from channels.wiring.registry import BUILT_IN
from ops.platforms import KNOWN, PLATFORMS
from tests.channel_folders import FOLDER, of_all
from tests.contract.sample import Sample
from tests.e2e.platforms.platform import Platform
from tests.functions.harness import Row

#: The class of what each part holds, and the channels that do without it.
PARTS = {
    # one is another channel's route, the other comes over sockets
    "sample": (Sample, {"cmdline", "socketio"}),
    # REST proves nothing of its own and queues nothing
    "row": (Row, {"cmdline", "socketio", "rest"}),
    # clients of their own, and a phone (tests/e2e/platforms/phone.py)
    "platform": (Platform, {"cmdline", "socketio", "rest", "callback", "twilio_voice"}),
}


@pytest.mark.parametrize("name", sorted(BUILT_IN))
@pytest.mark.parametrize("part", PARTS)
def test_a_channel_has_its_part(part, name):
    kind, without = PARTS[part]
    found = of_all(part).get(name)
    if name in without:
        assert found is None, f"{name} is said to do without {part}.py"
    else:
        assert isinstance(found, kind), f"tests/channels/{name}/{part}.py is missing"
        assert getattr(found, "name", name) == name


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_the_commands_know_a_channel(name):
    """`ops/platforms/<channel>`: how requests are proved, what is new, whom to tell of the bot."""
    assert (name in KNOWN) == (name not in {"cmdline", "socketio"})
    told = {"cmdline", "socketio", "rest", "callback"}
    assert (name in PLATFORMS) == (name not in told)
    assert name not in PLATFORMS or PLATFORMS[name].name == name


def test_a_folder_is_a_channels():
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()}
    assert folders - {"__pycache__"} <= {*BUILT_IN}
    assert KNOWN.keys() <= {*BUILT_IN}
