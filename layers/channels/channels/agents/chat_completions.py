"""An agent for any service with OpenAI's chat completions: OpenAI, vLLM, Ollama, a gateway, ...

    Agent=channels.agents.chat_completions:ChatCompletionsAgent

    agent:
      model: gpt-5-mini
      base_url: https://api.openai.com/v1    # the part before /chat/completions
      api_key: sk-...                        # sent as a bearer token, if given

The section also has the settings of `chat`. The reply is read as server-sent events while the model
writes it. Source: OpenAI's API reference, "Create chat completion", "Streaming".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from urllib3 import exceptions as urllib3_exceptions

from channels.agents.chat import (
    KEYS,
    ChatAgent,
    ChatSettings,
    read_chat_settings,
    refused,
    text_setting,
)
from channels.errors import AgentError, AgentTimeout, AgentUnavailable
from channels.section import Section

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from channels.agents.chat import Exchange
    from channels.channel import KeyValueStore

_OWN_KEYS = ("base_url", "api_key")

SECTION = Section("agent", "docs/agents.md", keys=(*KEYS, *_OWN_KEYS))

_OPENAI = "https://api.openai.com/v1"

#: Timeout for connecting (seconds).
_CONNECT_TIMEOUT = 5.0

_READ_SIZE = 65_536

#: The longest event, and the longest response of a server that does not stream (bytes).
_MAX_LINE = 4_194_304

#: Statuses that concern this request; any other means that the service is down, busy or
#: misconfigured.
_OF_THE_MESSAGE = (400, 413, 422, 500)


class ChatCompletionsAgent(ChatAgent):
    """Replies with the text of a chat completion."""

    @classmethod
    def from_credentials(
        cls, credentials: dict[str, Any], *, timeout: float, memory: KeyValueStore | None
    ) -> ChatCompletionsAgent:
        """Make the agent from the section `agent`; raise CredentialsError for invalid settings."""
        settings, base_url, api_key = _read(credentials, timeout)
        return cls(settings, base_url, api_key, memory=memory)

    def __init__(
        self,
        settings: ChatSettings,
        base_url: str = _OPENAI,
        api_key: str = "",
        *,
        memory: KeyValueStore | None = None,
    ) -> None:
        """Take the settings; no connection is opened yet."""
        super().__init__(settings, memory)
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._session = requests.Session()
        self._session.trust_env = False  # a .netrc would replace the key
        if api_key:
            self._session.headers["Authorization"] = f"Bearer {api_key}"

    def pieces(
        self, exchanges: list[Exchange], text: str, remaining: Callable[[], float]
    ) -> Iterator[str]:
        """Yield the text of the reply's events."""
        try:
            with self._post(exchanges, text, remaining) as response:
                _check_status(response.status_code)
                if response.headers.get("Content-Type", "").startswith("application/json"):
                    yield _whole_text(b"".join(_lines(response, remaining)))
                else:
                    yield from _streamed_text(_lines(response, remaining))
        except (requests.Timeout, urllib3_exceptions.TimeoutError):
            remaining()
            raise AgentTimeout("the model's service did not answer in time") from None
        except requests.ConnectionError as error:
            raise _no_connection(error) from None
        except (requests.RequestException, urllib3_exceptions.HTTPError) as error:
            raise AgentError(
                f"the model's answer broke off before its end ({type(error).__name__})"
            ) from None

    def _post(
        self, exchanges: list[Exchange], text: str, remaining: Callable[[], float]
    ) -> requests.Response:
        left = remaining()
        return self._session.post(
            self._url,
            json=self._body(exchanges, text),
            stream=True,
            allow_redirects=False,
            timeout=(min(_CONNECT_TIMEOUT, left), left),
        )

    def _body(self, exchanges: list[Exchange], text: str) -> dict[str, Any]:
        said = [("system", self.settings.system_prompt)] if self.settings.system_prompt else []
        for exchange in exchanges:
            said += [("user", exchange.user), ("assistant", exchange.bot)]
        said.append(("user", text))
        body = {
            "model": self.settings.model,
            "messages": [{"role": role, "content": content} for role, content in said],
            "stream": True,
            "temperature": self.settings.temperature,
            "max_tokens": self.settings.max_tokens,
        }
        return {key: value for key, value in body.items() if value is not None}


def check_credentials(credentials: dict[str, Any]) -> None:
    """Raise CredentialsError for settings that the agent could not use."""
    _read(credentials, ChatSettings("").timeout)


def _read(credentials: dict[str, Any], timeout: float) -> tuple[ChatSettings, str, str]:
    """The chat's settings, the service's address and its key, "" for none."""
    settings = read_chat_settings(SECTION.known(credentials), timeout, _OWN_KEYS)
    base_url = text_setting({"base_url": _OPENAI, **credentials}, "base_url")
    if urlsplit(base_url).scheme not in ("http", "https"):
        raise refused("base_url", "must begin with http:// or https://")
    has_key = credentials.get("api_key") is not None
    return settings, base_url, text_setting(credentials, "api_key") if has_key else ""


def _check_status(status: int) -> None:
    if status == 200:
        return
    if status in (401, 403):
        raise AgentUnavailable(
            f"the model's service responded with status {status}: check 'api_key' in the section "
            f"'agent' of credentials.yml"
        )
    if status in (408, 504):
        raise AgentTimeout(f"the model's service responded with status {status}")
    kind = AgentError if status in _OF_THE_MESSAGE else AgentUnavailable
    mend = ": check 'base_url' and 'model'" if status in (301, 302, 307, 308, 404, 405) else ""
    raise kind(f"the model's service responded with status {status}{mend}")


def _no_connection(error: requests.ConnectionError) -> AgentError:
    """Return what a failed connection means, without the error's text, which contains the URL."""
    cause = error.args[0] if error.args else None
    if isinstance(cause, urllib3_exceptions.ProtocolError):
        return AgentError("the connection to the model's service broke before its answer")
    return AgentUnavailable(
        "no connection to the model's service: check 'base_url', and whether the function's "
        "network reaches it"
    )


def _lines(response: requests.Response, remaining: Callable[[], float]) -> Iterator[bytes]:
    """Yield the response's lines as they arrive, and what follows the last line break."""
    pending = b""
    while chunk := response.raw.read1(_READ_SIZE, decode_content=True):
        *lines, pending = (pending + chunk).split(b"\n")
        if len(pending) > _MAX_LINE:
            raise AgentError("the model's answer contains a line that is too long")
        remaining()
        yield from lines
    yield pending


def _streamed_text(lines: Iterator[bytes]) -> Iterator[str]:
    """Yield the pieces of text in server-sent events; raise AgentError if they end too early."""
    finished = False
    for line in lines:
        if not line.startswith(b"data:"):
            continue  # a keep-alive comment, another field, a blank line
        data = line.removeprefix(b"data:").strip()
        if data == b"[DONE]":
            return
        choice = _choice(_parsed(data))
        piece = (choice.get("delta") or {}).get("content")
        if isinstance(piece, str) and piece:
            yield piece
        finished = finished or choice.get("finish_reason") is not None
    if not finished:
        raise AgentError("the model's answer broke off before its end")


def _whole_text(body: bytes) -> str:
    content = (_choice(_parsed(body)).get("message") or {}).get("content")
    return content if isinstance(content, str) else ""


def _choice(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event's first choice, {} if it has none (the usage).

    Raise AgentError for an error.
    """
    if event.get("error"):
        raise AgentError("the model's service ended its answer with an error")
    choices = event.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else {}
    return first if isinstance(first, dict) else {}


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        # Raised without its cause, which contains the conversation.
        raise AgentError("the model's answer is not understood: not a JSON object") from None
    return event
