"""Which class a channel's name in `credentials.yml` stands for."""

from __future__ import annotations

from importlib import import_module

from channels.errors import CredentialsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.channel import InputChannel, Memory, Outbox, Sockets

#: Built-in channels: name -> module and class. A module is imported when its channel is asked for.
BUILT_IN = {
    "botframework": "channels.botframework.BotFrameworkInput",
    "callback": "channels.callback.CallbackInput",
    "cmdline": "channels.console.CmdlineInput",
    "facebook": "channels.facebook.FacebookInput",
    "mattermost": "channels.mattermost.MattermostInput",
    "hangouts": "channels.hangouts.HangoutsInput",
    "rest": "channels.rest.RestInput",
    "rocketchat": "channels.rocketchat.RocketChatInput",
    "slack": "channels.slack.SlackInput",
    "socketio": "channels.socketio.SocketIOInput",
    "telegram": "channels.telegram.TelegramInput",
    "twilio": "channels.twilio.TwilioInput",
    "twilio_voice": "channels.twilio_voice.TwilioVoiceInput",
    "webexteams": "channels.webexteams.WebexTeamsInput",
}

#: Sections of credentials.yml that are not channels, and what they are. Every new Rasa project has
#: one for Rasa X, `rasa`.
NOT_CHANNELS = {
    "agent": "how the agent is reached",
    "conversations_api": "who may call the conversations API",
    "rasa": "belongs to Rasa X, has no meaning here",
}


def channel_class(name: str) -> type[InputChannel]:
    """The class of a built-in name or of a dotted path such as `addons.my_channel.MyIO`.

    Raises CredentialsError, in Rasa's words, when there is none.
    """
    module, _, attribute = BUILT_IN.get(name, name).rpartition(".")
    try:
        found: type[InputChannel] = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise CredentialsError(
            f"Failed to find input channel class for '{name}': {error}. Built in are "
            f"{', '.join(sorted(BUILT_IN))}; a channel of your own is named by its module path, "
            f"for example 'addons.my_channel.MyIO'."
        ) from error
    return found


class Channels:
    """Channels by name, each made once and again when its credentials change."""

    def __init__(
        self,
        credentials: Callable[[str], dict[str, Any]],
        outbox: Outbox | None = None,
        memory: Callable[[str], Memory] | None = None,
        sockets: Sockets | None = None,
    ) -> None:
        """Make channels of `credentials(name)`: the same object until it changes.

        `outbox`, `memory(name)` and `sockets` are what they are given to work with.
        """
        self._credentials = credentials
        self._outbox = outbox
        self._memory = memory
        self._sockets = sockets
        self._made: dict[str, tuple[dict[str, Any], InputChannel]] = {}

    def __call__(self, name: str) -> InputChannel:
        """The channel of a name; raises CredentialsError when it cannot be made."""
        credentials = self._credentials(name)
        known = self._made.get(name)
        if known is None or known[0] is not credentials:
            channel = create_channel(name, credentials)
            channel.outbox = self._outbox
            channel.memory = self._memory(name) if self._memory else None
            channel.sockets = self._sockets
            known = self._made[name] = (credentials, channel)
        return known[1]


def create_channel(name: str, credentials: dict[str, Any] | None) -> InputChannel:
    """The channel of a name or module path, made of its section of credentials.yml.

    Raises CredentialsError when there is no such channel or a setting is missing or wrong.
    """
    return channel_class(name).from_credentials(credentials)
