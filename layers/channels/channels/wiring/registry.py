"""Find the class that a channel's name in `credentials.yml` stands for."""

from __future__ import annotations

from importlib import import_module

from channels.errors import ChannelError, CredentialsError, CredentialsMissing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    from channels.channel import InputChannel, KeyValueStore, Outbox, Sockets

#: Built-in channels: name -> module and class. A module is imported when its channel is needed.
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

#: The route of a custom channel must be valid in an SSM parameter's name and in a URL.
_ROUTE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_LONGEST_ROUTE = 64

#: How similar a section's name must be to a built-in one to count as a misspelling of it.
_NEAR = 0.7

#: What channels are called elsewhere, in letters alone.
_OTHER_NAMES = {
    "chatwidget": "socketio",
    "facebookmessenger": "facebook",
    "googlechat": "hangouts",
    "googlehangouts": "hangouts",
    "instagram": "facebook",
    "messenger": "facebook",
    "microsoftteams": "botframework",
    "msteams": "botframework",
    "sms": "twilio",
    "teams": "botframework",
    "webchat": "socketio",
    "webex": "webexteams",
    "whatsapp": "twilio",
}

#: Sections of credentials.yml that are not channels, and what they are. Every new Rasa project has
#: `rasa`, for Rasa X.
NOT_CHANNELS = {
    "agent": "how the agent is reached",
    "conversations_api": "who may call the conversations API",
    "rasa": "belongs to Rasa X and has no effect here",
}


def channel_class(name: str) -> type[InputChannel]:
    """Return the class of a built-in name or a dotted path such as `addons.my_channel.MyIO`.

    Raises CredentialsError, in Rasa's words, if there is no such class or its module cannot be
    imported.
    """
    module, _, attribute = BUILT_IN.get(name, name).rpartition(".")
    failed = f"Failed to find input channel class for '{name}'"
    try:
        found: type[InputChannel] = getattr(_imported(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        if meant := _meant(name):
            raise CredentialsError(f"{failed}: did you mean '{meant}'?") from error
        is_named = is_custom(name) or name in BUILT_IN
        cause = f"{error}. {_missing_library(error)}" if is_named else ""
        raise CredentialsError(
            f"{failed}: {cause}Built-in channels are {', '.join(sorted(BUILT_IN))}; name "
            "your own by its module path, for example 'addons.my_channel.MyIO'."
        ) from error
    except Exception as error:  # a user's module may raise anything
        raise CredentialsError(
            f"{failed}: its module raised {type(error).__name__}: {error}"
        ) from error
    if not hasattr(found, "from_credentials"):
        raise CredentialsError(f"'{name}' is not an input channel: it must subclass InputChannel")
    return found


def _imported(module: str) -> ModuleType:
    """Import a module, or the module of that name in `addons`.

    Rasa finds `mypackage.MyIO` in the folder that it is started from; here that folder is `addons`.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if module.partition(".")[0] != error.name:
            raise
        missing = error
    try:
        return import_module(f"addons.{module}")
    except ModuleNotFoundError as error:
        if f"addons.{module}.".startswith(f"{error.name}."):
            raise missing from None
        raise


def _meant(name: str) -> str | None:
    """Return the section that a name misspells, or that it is another name of.

    None for module paths and existing names.
    """
    from channels.section import letters, nearest

    names = (*BUILT_IN, *NOT_CHANNELS)
    if is_custom(name) or name in names:
        return None
    return _OTHER_NAMES.get(letters(name)) or nearest(name, names, _NEAR)


def _missing_library(error: Exception) -> str:
    library = (getattr(error, "name", None) or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError) or library in ("", "addons", "channels"):
        return ""
    return (
        f"If '{library}' is a library you use, add it to layers/channels/addons/requirements.txt. "
    )


def is_custom(section: str) -> bool:
    """Return whether a section of credentials.yml names a channel by its module path."""
    return "." in section


def custom_section(route: str) -> str:
    """Return where a stack stores the credentials of the custom channel served under `route`.

    Its content is that of `custom_document`.
    """
    return f"custom/{route}"


def custom_document(path: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Return the class of a custom channel and its settings, as a stack stores them."""
    return {"class": path, "settings": settings}


def is_route(name: str) -> bool:
    """Return whether a custom channel can be served under `name`: letters, digits, - and _."""
    return 0 < len(name) <= _LONGEST_ROUTE and not set(name) - _ROUTE


def route_of(channel: InputChannel) -> str:
    """Return a custom channel's path below `/webhooks/`: its `url_prefix()`, by default its name.

    Raises CredentialsError if the channel cannot be served under it.
    """
    route: object = channel.url_prefix()
    if not isinstance(route, str) or not is_route(route):
        raise CredentialsError(
            f"{type(channel).__name__} cannot be served under {route!r}: its url_prefix(), or "
            f"name(), must consist of at most {_LONGEST_ROUTE} letters, digits, - and _"
        )
    if route in BUILT_IN:
        raise CredentialsError(
            f"{type(channel).__name__} has the name of the built-in channel '{route}', which is "
            f"served at /webhooks/{route}: give it a different name()"
        )
    return route


class Channels:
    """Channels by name; each is made once, and again when its credentials change."""

    def __init__(
        self,
        credentials: Callable[[str], dict[str, Any]],
        outbox: Outbox | None = None,
        memory: Callable[[str], KeyValueStore] | None = None,
        sockets: Sockets | None = None,
    ) -> None:
        """Make channels from `credentials(name)`, which returns the same object until it changes.

        `outbox`, `memory(name)` and `sockets` are passed on to the channels.
        """
        self._credentials = credentials
        self._outbox = outbox
        self._memory = memory
        self._sockets = sockets
        self._made: dict[str, tuple[dict[str, Any], InputChannel]] = {}

    def __call__(self, name: str) -> InputChannel:
        """Return the channel of a built-in name, or of a custom channel's route.

        Raises CredentialsError if it cannot be made.
        """
        credentials = self._credentials(name if name in BUILT_IN else custom_section(name))
        known = self._made.get(name)
        if known is None or known[0] is not credentials:
            channel = _create(name, credentials)
            channel.outbox = self._outbox
            channel.memory = self._memory(name) if self._memory else None
            channel.sockets = self._sockets
            known = self._made[name] = (credentials, channel)
        return known[1]

    def forget(self, name: str) -> None:
        """Make the channel anew when it is next requested."""
        self._made.pop(name, None)


def create_channel(name: str, credentials: dict[str, Any] | None) -> InputChannel:
    """Make the channel of a name or module path from its section of credentials.yml.

    Raises CredentialsError if there is no such channel, or if a setting is missing or wrong.
    """
    found = channel_class(name)
    if not is_custom(name):
        return found.from_credentials(credentials)
    try:
        return found.from_credentials(credentials)
    except CredentialsError:
        raise
    except Exception as error:
        # The texts of other errors may contain a setting's value.
        told = isinstance(error, ChannelError | KeyError | TypeError)
        reason = f"{type(error).__name__}: {error}" if told else type(error).__name__
        raise CredentialsError(f"'{name}' cannot be made from its settings: {reason}") from error


def _create(name: str, credentials: dict[str, Any]) -> InputChannel:
    if name in BUILT_IN:
        return create_channel(name, credentials)
    if not {"class", "settings"} <= credentials.keys():
        raise CredentialsMissing(
            f"'{name}' has no stored credentials, which name its class: push them"
        )
    return create_channel(credentials["class"], credentials["settings"])
