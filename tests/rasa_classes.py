"""Stand-ins for the classes of Rasa that a connector imports, where Rasa is not installed.

`install()` puts them under Rasa's module names; call it in a process of its own, since the layer
has modules of these names too. They do what was seen of Rasa 3.6 and, with `pro=True`, of Rasa Pro,
in a few lines: nothing of theirs is tested. Runs on Python 3.8 as Rasa does.
"""

from __future__ import annotations

import sys
import types
import uuid
from typing import Any


class RasaException(Exception):
    pass


class InvalidConfigException(RasaException):
    pass


class AgentNotReady(RasaException):
    pass


class LockError(RasaException):
    pass


class UserMessage:
    def __init__(
        self,
        text: Any = None,
        output_channel: Any = None,
        sender_id: Any = None,
        parse_data: Any = None,
        input_channel: Any = None,
        message_id: Any = None,
        metadata: Any = None,
    ) -> None:
        self.text = text.strip() if text else text
        self.output_channel = output_channel
        self.sender_id = str(sender_id) if sender_id is not None else "default"
        self.input_channel = input_channel
        self.message_id = str(message_id) if message_id is not None else uuid.uuid4().hex
        self.metadata = metadata


class InputChannel:
    @classmethod
    def name(cls) -> str:
        return cls.__name__

    def url_prefix(self) -> str:
        return self.name()


class OutputChannel:
    """Of Rasa 3.6: without streaming and tracker state."""

    @classmethod
    def name(cls) -> str:
        return cls.__name__


class ProOutputChannel(OutputChannel):
    def __init__(self) -> None:
        self.tracker_state: Any = None

    def attach_tracker_state(self, tracker: Any) -> None:
        self.tracker_state = tracker.current_state("AFTER_RESTART")


def install(*, pro: bool = False) -> None:
    """Let `from rasa.core.channels.channel import ...` find the stand-ins."""
    modules: dict[str, dict[str, Any]] = {
        "rasa": {},
        "rasa.core": {},
        "rasa.core.channels": {},
        "rasa.core.channels.channel": {
            "UserMessage": UserMessage,
            "InputChannel": InputChannel,
            "OutputChannel": ProOutputChannel if pro else OutputChannel,
        },
        "rasa.core.exceptions": {"AgentNotReady": AgentNotReady},
        "rasa.core.lock_store": {"LockError": LockError},
        "rasa.shared": {},
        "rasa.shared.exceptions": {"InvalidConfigException": InvalidConfigException},
    }
    for name, members in modules.items():
        module = types.ModuleType(name)
        module.__dict__.update(members)
        sys.modules[name] = module
