"""The samples of the channels: how the contract tests set one up and speak to it.

A channel that is added to the registry is tested as soon as its folder has a sample,
tests/channels/<channel>/sample.py; without one the contract tests fail. A custom channel's is the
`SAMPLE` of its test, tests/addons/test_<name>.py.
"""

from __future__ import annotations

from tests.channel_folders import of_all
from tests.contract.sample import Sample

SAMPLES: dict[str, Sample] = of_all("sample")

#: Channels that are another one's route, or come over sockets (tests/unit/socketio).
WITHOUT_A_WEBHOOK = {"cmdline", "socketio"}
