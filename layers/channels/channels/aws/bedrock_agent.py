"""An agent for models on Amazon Bedrock, called through its operation ConverseStream.

    Agent=channels.aws.bedrock_agent:BedrockAgent BedrockModelArns=arn:aws:bedrock:...

    agent:
      model: amazon.nova-lite-v1:0     # id or ARN of a model or an inference profile
      region: us-east-1                # the model's region, if not the stack's

The section also has the settings of `agents.chat`. The template's parameter BedrockModelArns grants
the functions permission to call the model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.eventstream import ParserError
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)
from urllib3 import exceptions as urllib3_exceptions

from channels.agents.chat import (
    KEYS,
    ChatAgent,
    ChatSettings,
    read_chat_settings,
    text_setting,
)
from channels.errors import AgentError, AgentTimeout, AgentUnavailable
from channels.section import Section

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient
    from mypy_boto3_bedrock_runtime.type_defs import MessageTypeDef

    from channels.agents.chat import Exchange
    from channels.channel import KeyValueStore

_OWN_KEYS = ("region",)

SECTION = Section("agent", "docs/agents.md", keys=(*KEYS, *_OWN_KEYS))

#: Timeout for connecting (seconds).
_CONNECT_TIMEOUT = 5.0

#: Errors that any message would have met: the service is busy, down or not set up.
_PASSING = (
    "AccessDeniedException",
    "InternalServerException",
    "ModelNotReadyException",
    "ResourceNotFoundException",
    "ServiceQuotaExceededException",
    "ServiceUnavailableException",
    "ThrottlingException",
)


class BedrockAgent(ChatAgent):
    """Replies with the text of a model on Amazon Bedrock."""

    @classmethod
    def from_credentials(
        cls, credentials: dict[str, Any], *, timeout: float, memory: KeyValueStore | None
    ) -> BedrockAgent:
        """Make the agent from the section `agent`; raise CredentialsError for invalid settings."""
        settings, region = _read(credentials, timeout)
        # No retries here: the worker retries, and knows the limits of a turn.
        config = Config(
            connect_timeout=_CONNECT_TIMEOUT,
            read_timeout=settings.timeout,
            retries={"total_max_attempts": 1},
        )
        client = boto3.client("bedrock-runtime", region_name=region, config=config)
        return cls(settings, client, memory=memory)

    def __init__(
        self,
        settings: ChatSettings,
        bedrock: BedrockRuntimeClient,
        *,
        memory: KeyValueStore | None = None,
    ) -> None:
        """Call the model through `bedrock`, a bedrock-runtime client."""
        super().__init__(settings, memory)
        self._bedrock = bedrock

    def pieces(
        self, exchanges: list[Exchange], text: str, remaining: Callable[[], float]
    ) -> Iterator[str]:
        """Yield the text of the reply's events."""
        try:
            yield from self._text(exchanges, text, remaining)
        except ClientError as error:  # also raised for an error event in the stream
            raise _refusal(error.response.get("Error", {}).get("Code", "")) from None
        except (ReadTimeoutError, urllib3_exceptions.ReadTimeoutError):
            remaining()
            raise AgentTimeout("Bedrock did not answer in time") from None
        except (HTTPClientError, ConnectionError) as error:
            raise AgentUnavailable(f"no connection to Bedrock ({type(error).__name__})") from None
        except (BotoCoreError, ParserError, urllib3_exceptions.HTTPError) as error:
            raise AgentError(f"Bedrock's answer broke off ({type(error).__name__})") from None

    def _text(
        self, exchanges: list[Exchange], text: str, remaining: Callable[[], float]
    ) -> Iterator[str]:
        remaining()
        answer = self._bedrock.converse_stream(**self._request(exchanges, text))
        stopped = False
        try:
            for event in answer["stream"]:
                remaining()
                piece = event.get("contentBlockDelta", {}).get("delta", {}).get("text")
                if piece:
                    yield piece
                stopped = stopped or "messageStop" in event
        finally:
            answer["stream"].close()
        if not stopped:
            raise AgentError("Bedrock's answer broke off before its end")

    def _request(self, exchanges: list[Exchange], text: str) -> dict[str, Any]:
        settings = self.settings
        messages: list[MessageTypeDef] = []
        for exchange in exchanges:
            messages.append({"role": "user", "content": [{"text": exchange.user}]})
            messages.append({"role": "assistant", "content": [{"text": exchange.bot}]})
        messages.append({"role": "user", "content": [{"text": text}]})
        inference = {"temperature": settings.temperature, "maxTokens": settings.max_tokens}
        request: dict[str, Any] = {
            "modelId": settings.model,
            "messages": messages,
            "inferenceConfig": {key: n for key, n in inference.items() if n is not None},
        }
        if settings.system_prompt:
            request["system"] = [{"text": settings.system_prompt}]
        return request


def check_credentials(credentials: dict[str, Any]) -> None:
    """Raise CredentialsError for settings that the agent could not use."""
    _read(credentials, ChatSettings("").timeout)


def _read(credentials: dict[str, Any], timeout: float) -> tuple[ChatSettings, str | None]:
    """The chat's settings, and the model's region, None for the stack's."""
    settings = read_chat_settings(SECTION.known(credentials), timeout, _OWN_KEYS)
    has_region = credentials.get("region") is not None
    return settings, text_setting(credentials, "region") if has_region else None


def _refusal(code: str) -> AgentError:
    """Return what an error of Bedrock means, without its text, which may quote the request."""
    if code in ("ModelTimeoutException", "RequestTimeout"):
        return AgentTimeout(f"the model did not answer Bedrock in time ({code})")
    if code == "AccessDeniedException":
        return AgentUnavailable(
            "Bedrock denies access: put the model's ARN into the parameter BedrockModelArns, "
            "and request access to the model in the Bedrock console"
        )
    if code == "ResourceNotFoundException":
        return AgentUnavailable(
            "Bedrock does not know the model: check 'model' and 'region' in the section 'agent'"
        )
    first_letter_up = code[:1].upper() + code[1:]  # error events start with a lower-case letter
    kind = AgentUnavailable if first_letter_up in _PASSING else AgentError
    return kind(f"Bedrock refused or broke off the answer ({code or 'unnamed error'})")
