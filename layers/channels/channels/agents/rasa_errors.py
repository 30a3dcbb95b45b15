"""The meaning of a Rasa server's failures: which error, with which text. Pure."""

from __future__ import annotations

from urllib3 import exceptions

from channels.errors import AgentError, AgentTimeout, AgentUnavailable

#: Statuses with which a server may refuse one message and accept the next. Any other means that the
#: server is down, overloaded or misconfigured, and that the message can wait.
_OF_THE_MESSAGE = (400, 408, 409, 411, 413, 414, 415, 422, 500)

#: Errors of urllib3, the specific before the general.
_FAILURES: tuple[tuple[type[Exception], type[AgentError], str], ...] = (
    (
        exceptions.NameResolutionError,
        AgentUnavailable,
        "the host name in RasaUrl is not known: check its spelling, and whether the function's "
        "network can resolve it",
    ),
    (
        exceptions.NewConnectionError,
        AgentUnavailable,
        "no connection to Rasa: is it running, and does RasaUrl have its host and port?",
    ),
    (
        exceptions.ConnectTimeoutError,
        AgentUnavailable,
        "no connection to Rasa in time: does a firewall stand between it and the function?",
    ),
    (
        exceptions.SSLError,
        AgentUnavailable,
        "no secure connection to Rasa: check its certificate, 'cafile' in the section 'agent', "
        "and whether its port speaks https",
    ),
    (
        exceptions.ProtocolError,
        AgentError,
        "the connection to Rasa broke before its answer was complete: see its log",
    ),
    (exceptions.DecodeError, AgentError, "Rasa's answer cannot be decompressed"),
    (exceptions.HTTPError, AgentError, "the request to Rasa failed"),
)


def failure(error: exceptions.HTTPError) -> AgentError:
    """Return what an error of urllib3 means, without its text, which may quote the response."""
    kind, text = next((kind, text) for cause, kind, text in _FAILURES if isinstance(error, cause))
    origins = (error.__cause__, *reversed(error.args), error)
    origin = next(origin for origin in origins if isinstance(origin, Exception))
    return kind(f"{text} ({type(origin).__name__})")


def check_status(status: int, channel: str) -> None:
    """Raise the error of an unsuccessful status; `channel` is the Rasa channel that was asked."""
    if 200 <= status < 300:
        return
    raise _status_error(status)(f"Rasa responded with status {status}: {_mend(status, channel)}")


def _status_error(status: int) -> type[AgentError]:
    """Return the error for a status, which concerns either this message or any message."""
    if status == AgentTimeout.status:
        return AgentTimeout
    return AgentError if status in _OF_THE_MESSAGE else AgentUnavailable


def _mend(status: int, channel: str) -> str:
    if 300 <= status < 400:
        return "redirects are not followed; set RasaUrl to the final address"
    if status in (401, 403, 407):
        keys = "'token', 'basic_auth' and 'headers'"
        keys = f"'remote_token', {keys}" if channel == "remote" else keys
        return f"check {keys} in the section 'agent' of credentials.yml"
    if status in (404, 405):
        named = f"the channel '{channel}'"
        return f"check RasaUrl, and that the server's own credentials.yml has {named}"
    return "see the server's log"
