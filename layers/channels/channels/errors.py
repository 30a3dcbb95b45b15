"""All errors of this package, each named after what the code that catches it does.

    ChannelError
    ├── CredentialsError            a setting is missing or wrong: 500, logged
    │   └── CredentialsMissing      the whole section is missing
    ├── VerificationError           the sender has not proved itself: 401/403, no details
    ├── Refused                     a connector's own refusal: its status and text are the response
    ├── PayloadError                the request cannot be read: 400, never retried
    │   └── PayloadTooLarge         413
    ├── InboxUnavailable            not queued: 503, the platform sends it again
    ├── Unfinished                  abandoned after its time limit: 504
    ├── AgentError                  the agent failed: 502 in a request, retried by the worker
    │   ├── AgentTimeout            504
    │   └── AgentUnavailable        502: the agent is down and may come back
    └── SendError                   the platform will never accept this message: drop and record it
        ├── RateLimited             resume after `retry_after` seconds
        ├── RecipientGone           drop and record: the user blocked the bot, the socket closed
        └── PlatformUnavailable     retry, after `retry_after` seconds; 503 from a webhook

The texts of CredentialsError, PayloadError and AgentError are shown to people: they name the cause
and contain neither secrets nor what the user wrote.
"""


class ChannelError(Exception):
    """Base class of all errors of this package; `status` is the HTTP status of the response."""

    status = 500


class CredentialsError(ChannelError):
    """A channel's credentials are missing or invalid; the text names the key and the channel."""


class CredentialsMissing(CredentialsError):
    """A channel or the agent has no credentials at all."""


class VerificationError(ChannelError):
    """A request does not come from its claimed sender; `status` is 401 or 403.

    The text only goes to the log: whoever forges requests learns nothing from the response.
    """

    def __init__(self, message: str = "", status: int = 401) -> None:
        super().__init__(message)
        self.status = status


class Refused(ChannelError):
    """A connector refuses a request in its own words, for example with Sanic's exceptions.

    `status`, text and `headers` make up the response.
    """

    def __init__(
        self, message: str, status: int = 500, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


class PayloadError(ChannelError):
    """A request or a platform's response is malformed; the same bytes can never succeed."""

    status = 400


class PayloadTooLarge(PayloadError):
    """A request's body is larger than the channel accepts."""

    status = 413


class AgentError(ChannelError):
    """The agent could not be asked or gave no usable reply."""

    status = 502


class AgentTimeout(AgentError):
    """The agent did not finish its turn in time."""

    status = 504


class AgentUnavailable(AgentError):
    """The agent is down or overloaded: no message would succeed now, but a later one may."""


class InboxUnavailable(ChannelError):
    """A message could not be queued: the platform must send it again."""

    status = 503


class Unfinished(ChannelError):
    """A coroutine did not end within its time limit; whoever set the limit knows whose it was."""

    status = 504


class SendError(ChannelError):
    """The platform refused a message for good; the subclasses are for all other failures."""

    status = 502


class RateLimited(SendError):
    """The platform asks to wait; `retry_after` is in seconds."""

    def __init__(self, message: str = "", retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RecipientGone(SendError):
    """The recipient can no longer be reached: sending again is pointless."""


class PlatformUnavailable(SendError):
    """The platform or the way to it is down for the moment.

    `retry_after` is how long the platform asks to wait (seconds); 0 if it does not say.
    """

    status = 503

    def __init__(self, message: str = "", retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
