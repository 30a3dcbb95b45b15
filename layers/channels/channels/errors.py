"""Every error the channels raise, each named after what its catcher does.

    ChannelError
    ├── CredentialsError            a setting is missing or wrong: 500, logged
    │   └── CredentialsMissing      the whole section is missing
    ├── VerificationError           the sender has not proved itself: 401/403, no detail
    ├── Refused                     a connector's own refusal: its status and text are told
    ├── PayloadError                the request cannot be read: 400, never retried
    │   └── PayloadTooLarge         413
    ├── InboxUnavailable            not queued: 503, the platform sends it again
    ├── Unfinished                  abandoned after its time limit: 504
    ├── AgentError                  the agent failed: 502 in a request, retried by the worker
    │   ├── AgentTimeout            504
    │   └── AgentUnavailable        502: it is down and may be back
    └── SendError                   the platform will never take this message: drop it, record
        ├── RateLimited             resume after `retry_after` seconds
        ├── RecipientGone           drop and record: user blocked the bot, socket closed
        └── PlatformUnavailable     retry; 503 when a webhook needed it

The texts of CredentialsError, PayloadError and AgentError are shown to people: they say the cause
and hold neither secrets nor what the user wrote.
"""


class ChannelError(Exception):
    """Root of all errors of this package; `status` is the HTTP status of the answer."""

    status = 500


class CredentialsError(ChannelError):
    """A channel's credentials are missing or invalid; the text names key and channel."""


class CredentialsMissing(CredentialsError):
    """There are no credentials at all for a channel or for the agent."""


class VerificationError(ChannelError):
    """A request is not from whom it claims to be from; `status` is 401 or 403.

    The text goes to the log only: who forges requests learns nothing from the answer.
    """

    def __init__(self, message: str = "", status: int = 401) -> None:
        super().__init__(message)
        self.status = status


class Refused(ChannelError):
    """A connector refuses a request in its own words, as by Sanic's exceptions.

    `status`, text and `headers` are the answer.
    """

    def __init__(
        self, message: str, status: int = 500, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


class PayloadError(ChannelError):
    """A request or a platform's answer is malformed; the same bytes can never succeed."""

    status = 400


class PayloadTooLarge(PayloadError):
    """A request's body is larger than the channel takes."""

    status = 413


class AgentError(ChannelError):
    """The agent could not be asked or gave no usable answer."""

    status = 502


class AgentTimeout(AgentError):
    """The agent did not finish its turn in time."""

    status = 504


class AgentUnavailable(AgentError):
    """The agent is down or overloaded: any message would have failed, a later one may not."""


class InboxUnavailable(ChannelError):
    """A message could not be made safe: the platform must send it again."""

    status = 503


class Unfinished(ChannelError):
    """A coroutine did not end within its time limit; whoever set the limit knows whose it was."""

    status = 504


class SendError(ChannelError):
    """The platform refused a message for good; its subclasses say where there is hope."""

    status = 502


class RateLimited(SendError):
    """The platform asks for patience; `retry_after` is in seconds."""

    def __init__(self, message: str = "", retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RecipientGone(SendError):
    """The recipient cannot be reached any more: sending again is pointless."""


class PlatformUnavailable(SendError):
    """The platform or the way to it is down for the moment."""

    status = 503
