"""Rasa's channel classes and connectors, for AWS Lambda.

Authors of channels and agents import everything they need from here:

    from channels import InputChannel, OutputChannel, UserMessage

Each name is loaded on first use, so that a starting Lambda loads only its own channel. The packages
are, from the top down: `handlers` (what Lambda calls), `wiring` (the composition root), `aws`, one
package per channel, `agents`, `turns`, `channel` and `output` (the contract), `auth`, `clients`,
`http`, `messages`, `telemetry`. Imports point only down this list.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from channels.agents.agent import Agent
    from channels.auth.bearer import BearerAuthentication
    from channels.channel import InputChannel, UserMessage, accept_unsigned
    from channels.clients.answer_form import AnswerForm
    from channels.clients.platform_api import PlatformApi
    from channels.errors import (
        AgentError,
        AgentTimeout,
        AgentUnavailable,
        CredentialsError,
        PayloadError,
        PlatformUnavailable,
        RateLimited,
        RecipientGone,
        SendError,
        VerificationError,
    )
    from channels.handlers.webhook import webhook
    from channels.http.blueprint import Blueprint
    from channels.http.request import Request
    from channels.http.response import Response
    from channels.output import CollectingOutputChannel, OutputChannel, QueueOutputChannel

#: The module of each public name. Anything not listed here may move in any release.
_MODULES = {
    "Agent": "agents.agent",
    "AgentError": "errors",
    "AgentTimeout": "errors",
    "AgentUnavailable": "errors",
    "AnswerForm": "clients.answer_form",
    "BearerAuthentication": "auth.bearer",
    "Blueprint": "http.blueprint",
    "CollectingOutputChannel": "output",
    "CredentialsError": "errors",
    "InputChannel": "channel",
    "OutputChannel": "output",
    "PayloadError": "errors",
    "PlatformApi": "clients.platform_api",
    "PlatformUnavailable": "errors",
    "QueueOutputChannel": "output",
    "RateLimited": "errors",
    "RecipientGone": "errors",
    "Request": "http.request",
    "Response": "http.response",
    "SendError": "errors",
    "UserMessage": "channel",
    "VerificationError": "errors",
    "accept_unsigned": "channel",
    "webhook": "handlers.webhook",
}

__all__ = [
    "Agent",
    "AgentError",
    "AgentTimeout",
    "AgentUnavailable",
    "AnswerForm",
    "BearerAuthentication",
    "Blueprint",
    "CollectingOutputChannel",
    "CredentialsError",
    "InputChannel",
    "OutputChannel",
    "PayloadError",
    "PlatformApi",
    "PlatformUnavailable",
    "QueueOutputChannel",
    "RateLimited",
    "RecipientGone",
    "Request",
    "Response",
    "SendError",
    "UserMessage",
    "VerificationError",
    "accept_unsigned",
    "webhook",
]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
