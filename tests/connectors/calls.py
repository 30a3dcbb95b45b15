"""What is asked of the connectors of this folder, and how they answer under either Sanic."""

from __future__ import annotations

import base64
import json
from typing import Any

from channels.custom import CustomWebhook, custom_webhook
from channels.errors import CredentialsMissing
from channels.registry import custom_document
from channels.services import Services

CONNECTORS = {
    "myio": ("tests.connectors.my_io.MyIO", {}),
    "shop": ("tests.connectors.shop_connector.ShopInput", {}),
    "forms": ("tests.connectors.form_connector.FormInput", {"token": "abc"}),
    "streams": ("tests.connectors.template_connector.StreamInput", {}),
    "other_rest": ("tests.connectors.template_connector.OtherRest", {}),
}

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
BEARER = {"authorization": "Bearer abc"}

#: Name, method, path below /webhooks/, headers, body.
CALLS: list[tuple[str, str, str, dict[str, str], str]] = [
    ("text", "POST", "myio/webhook", JSON, '{"sender": "a", "text": "hello"}'),
    ("documented curl", "POST", "myio/webhook", JSON, '{"sender": "a", "message": "Hi there!"}'),
    ("health", "GET", "myio", {}, ""),
    ("health with a slash", "GET", "myio/", {}, ""),
    ("own health", "GET", "shop", {}, ""),
    ("metadata", "POST", "shop/webhook?page=1", JSON, '{"customer": 7, "question": "?"}'),
    ("own status", "POST", "shop/webhook", JSON, '{"question": "?"}'),
    ("swallowed failure", "POST", "shop/webhook", JSON, '{"customer": "x", "question": "fail"}'),
    ("failure", "POST", "myio/webhook", JSON, '{"sender": "x", "text": "fail"}'),
    ("no JSON", "POST", "shop/webhook", JSON, "{"),
    ("form", "POST", "forms/webhook", {**FORM, **BEARER}, "text=a+%26+b&person=p%C3%A9"),
    ("no token", "POST", "forms/webhook", FORM, "text=a"),
    ("sync handler", "GET", "forms/version", {}, ""),
    ("state", "PUT", "forms/count", BEARER, ""),
    ("state kept", "PUT", "forms/count", BEARER, ""),
    ("empty", "DELETE", "forms/count", BEARER, ""),
    ("bytes", "GET", "forms/logo", {}, ""),
    ("redirect", "GET", "forms/old", {}, ""),
    ("request", "POST", "forms/echo?q=1&q=2", {**JSON, "authorization": "Token t"}, '{"a": "é"}'),
    ("request of a form", "POST", "forms/echo", FORM, ""),
    ("wrong method", "GET", "forms/echo", {}, ""),
    ("no route", "GET", "forms/none", {}, ""),
    ("collected", "POST", "streams/webhook", JSON, '{"message": "x"}'),
    ("streamed", "POST", "streams/webhook?stream=true", JSON, '{"message": "x"}'),
    ("subclass of ours", "POST", "other_rest/webhook", JSON, '{"message": "x"}'),
]


class Agent:
    """Repeats what it is told, twice; fails on `fail`."""

    async def handle_message(self, message: Any) -> None:
        """Answer."""
        if message.text == "fail":
            raise RuntimeError("told to fail")
        for number in (1, 2):
            text = f"{number}: {message.text} {message.input_channel} {message.metadata}"
            await message.output_channel.send_text_message(message.sender_id, text)


def handler(**services: Any) -> CustomWebhook:
    """The custom function with the connectors of this folder in its credentials."""
    stored = {f"custom/{name}": custom_document(*each) for name, each in CONNECTORS.items()}

    def credentials(section: str) -> dict[str, Any]:
        if section not in stored:
            raise CredentialsMissing(section)
        return stored[section]

    return custom_webhook(Services(credentials, Agent, 5.0, **services))


def event(method: str, path: str, headers: dict[str, str], body: str) -> dict[str, Any]:
    """The event of a call."""
    path, _, query = path.partition("?")
    return {
        "rawPath": f"/webhooks/{path}",
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {"http": {"method": method, "sourceIp": "203.0.113.7"}},
        "body": body,
    }


def answer(handle: CustomWebhook, method: str, path: str, headers: Any, body: str) -> Any:
    """Status, headers and body (as JSON where it is that) of the answer to a call."""
    told = handle(event(method, path, headers, body), None)
    content = told["body"]
    if told["isBase64Encoded"]:
        content = base64.b64decode(content).decode("latin-1")
    kind = told["headers"].get("content-type", "")
    document = json.loads(content) if kind == "application/json" else content
    return told["statusCode"], told["headers"], document


def answers() -> dict[str, Any]:
    """The answers to all calls, by their names."""
    handle = handler()
    return {name: answer(handle, *parts) for name, *parts in CALLS}


if __name__ == "__main__":
    print(json.dumps(answers()))
