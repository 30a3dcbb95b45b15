"""Calls to the connectors in this folder, and their responses under either Sanic."""

from __future__ import annotations

import base64
import hmac
import json
import sys
from typing import Any

from channels.errors import CredentialsMissing
from channels.handlers.custom_channels import CustomWebhook, custom_webhook
from channels.wiring.registry import custom_document
from channels.wiring.services import Services

FOLDER = "tests.connectors"
CONNECTORS = {
    "myio": (f"{FOLDER}.my_io.MyIO", {}),
    "pages": (f"{FOLDER}.page_connector.PageInput", {"token": "abc"}),
    "streams": (f"{FOLDER}.template_connector.StreamInput", {}),
    "other_rest": (f"{FOLDER}.template_connector.OtherRest", {}),
    "features": (f"{FOLDER}.features_connector.FeaturesInput", {}),
    "checked_rest": (f"{FOLDER}.features_connector.CheckedRest", {}),
    "json_sync": (f"{FOLDER}.json_connector.JsonConnector", {"api_key": "change-me"}),
    "async_webhook": (
        f"{FOLDER}.webhook_connector.WebhookConnector",
        {"callback_url": "http://127.0.0.1:9/bot", "secret": "signing-secret"},
    ),
    "form_gateway": (
        f"{FOLDER}.form_connector.FormConnector",
        {"bearer_token": "gateway-token", "verify_token": "verify-me"},
    ),
}

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
MULTIPART = {"content-type": "multipart/form-data; boundary=-bound-"}
BEARER = {"authorization": "Bearer abc"}
KEY = {"x-api-key": "change-me"}
GATEWAY = {**FORM, "authorization": "Bearer gateway-token"}
UPLOAD = (
    '---bound-\r\nContent-Disposition: form-data; name="who"\r\n\r\né\r\nme\r\n'
    '---bound-\r\nContent-Disposition: form-data; name="who"\r\n\r\n\r\n'
    '---bound-\r\nContent-Disposition: form-data; name="sound"; filename="a b.wav"\r\n'
    "Content-Type: audio/wav\r\n\r\n\x00\n\r\n--b-\n\r\n---bound---\r\n"
)


def signed(body: str) -> dict[str, str]:
    """Return the header of a request to the webhook connector."""
    return {
        "x-signature": f"sha256={hmac.new(b'signing-secret', body.encode(), 'sha256').hexdigest()}"
    }


TYPING = '{"event": "typing", "from": "u2"}'

#: Name, method, path below /webhooks/, headers, body.
CALLS: list[tuple[str, str, str, dict[str, str], str]] = [
    ("text", "POST", "myio/webhook", JSON, '{"sender": "a", "text": "hello"}'),
    ("documented curl", "POST", "myio/webhook", JSON, '{"sender": "a", "message": "Hi there!"}'),
    ("health", "GET", "myio", {}, ""),
    ("health with a slash", "GET", "myio/", {}, ""),
    ("failure", "POST", "myio/webhook", JSON, '{"sender": "x", "text": "fail"}'),
    ("no JSON", "POST", "myio/webhook", JSON, "{"),
    ("form", "POST", "pages/webhook", {**FORM, **BEARER}, "text=a+%26+b&person=p%C3%A9"),
    ("no token", "POST", "pages/webhook", FORM, "text=a"),
    ("sync handler", "GET", "pages/version", {}, ""),
    ("state", "PUT", "pages/count", BEARER, ""),
    ("state kept", "PUT", "pages/count", BEARER, ""),
    ("empty", "DELETE", "pages/count", BEARER, ""),
    ("bytes", "GET", "pages/logo", {}, ""),
    ("redirect", "GET", "pages/old", {}, ""),
    ("request", "POST", "pages/echo?q=1&q=2", {**JSON, "authorization": "Token t"}, '{"a": "é"}'),
    ("request of a form", "POST", "pages/echo", FORM, ""),
    ("wrong method", "GET", "pages/echo", {}, ""),
    ("no route", "GET", "pages/none", {}, ""),
    ("collected", "POST", "streams/webhook", JSON, '{"message": "x"}'),
    ("streamed", "POST", "streams/webhook?stream=true", JSON, '{"message": "x"}'),
    ("subclass of ours", "POST", "other_rest/webhook", JSON, '{"message": "x", "sender": "s"}'),
    ("subclass, no text", "POST", "other_rest/webhook", JSON, '{"message": 5}'),
    ("subclass, stream", "POST", "other_rest/webhook?stream=true", JSON, '{"message": "x"}'),
    ("subclass, failure", "POST", "other_rest/webhook", JSON, '{"message": "fail"}'),
    ("checked health", "GET", "checked_rest", {}, ""),
    ("checked, unknown", "POST", "checked_rest/webhook", JSON, '{"question": "x"}'),
    (
        "checked",
        "POST",
        "checked_rest/webhook",
        {**JSON, "authorization": "Bearer k"},
        '{"question": "x"}',
    ),
    ("checked, own route", "POST", "checked_rest/cancel/u1", {"authorization": "Bearer k"}, ""),
    ("middleware", "GET", "features/context", {}, ""),
    ("middleware refuses", "PUT", "features/plain", {"x-bad": "1"}, ""),
    ("middleware replaces", "GET", "features/context?replace=1", {}, ""),
    ("error by kind", "GET", "features/fail/key", {}, ""),
    ("error by subclass", "GET", "features/fail/value", {}, ""),
    ("error of a handler's own", "GET", "features/fail/what", {}, ""),
    ("refusal handled", "GET", "features/fail/forbidden", {}, ""),
    ("not found handled", "GET", "features/fail/missing", {}, ""),
    ("integer in the path", "GET", "features/orders/-12", {}, ""),
    ("word in the path", "GET", "features/orders/12a", {}, ""),
    ("fixed path first", "GET", "features/orders/last", {}, ""),
    ("fixed path, slash", "GET", "features/orders/last/", {}, ""),
    ("parameter missing", "GET", "features/orders", {}, ""),
    ("parameter too deep", "GET", "features/orders/1/2", {}, ""),
    ("wrong method in the path", "POST", "features/orders/1", {}, ""),
    ("rest of the path", "GET", "features/files/a/b.txt", {}, ""),
    ("date in the path", "GET", "features/by/2024-02-29", {}, ""),
    ("no such date", "GET", "features/by/2023-02-30", {}, ""),
    ("expression in the path", "GET", "features/code/ABC/of", {}, ""),
    ("expression differs", "GET", "features/code/ABCD/of", {}, ""),
    ("upload", "POST", "features/upload", MULTIPART, UPLOAD),
    ("blank fields", "POST", "features/upload", FORM, "a=&b=1&c"),
    ("blank arguments", "GET", "features/asked?a=&b=1&c", {}, ""),
    ("upload nothing", "POST", "features/upload", {}, ""),
    ("upload of a form", "POST", "features/upload", FORM, "a=1&a=2"),
    ("cookies", "GET", "features/cookies", {"cookie": 'a=1; b="x y"; c'}, ""),
    (
        "asked",
        "GET",
        "features/asked?b=2&a=%20&b=3",
        {"host": "bot.example", "x-many": "1, 2"},
        "",
    ),
    ("stream of the request", "GET", "features/stream", {}, ""),
    ("file", "GET", "features/document", {}, ""),
    ("task", "GET", "features/task", {}, ""),
    ("task done", "GET", "features/task", {}, ""),
    ("added route", "PUT", "features/plain", {}, ""),
    ("json health", "GET", "json_sync", {}, ""),
    (
        "json",
        "POST",
        "json_sync/webhook",
        {**JSON, **KEY},
        '{"user_id": "u1", "utterance": "hi", "context": {"page": "/pricing"}}',
    ),
    ("json, no key", "POST", "json_sync/webhook", JSON, '{"user_id": "u1", "utterance": "hi"}'),
    ("json, broken", "POST", "json_sync/webhook", KEY, "{oops"),
    ("json, list", "POST", "json_sync/webhook", KEY, '["hi"]'),
    ("json, incomplete", "POST", "json_sync/webhook", KEY, '{"user_id": "u1"}'),
    (
        "json, long",
        "POST",
        "json_sync/webhook",
        KEY,
        '{"user_id": "u1", "utterance": "' + "x" * 2001 + '"}',
    ),
    ("json, failure", "POST", "json_sync/webhook", KEY, '{"user_id": 1, "utterance": "fail"}'),
    ("webhook, forged", "POST", "async_webhook/webhook", {"x-signature": "sha256=00"}, TYPING),
    ("webhook, ignored", "POST", "async_webhook/webhook", signed(TYPING), TYPING),
    ("webhook, incomplete", "POST", "async_webhook/webhook", signed('{"from": 1}'), '{"from": 1}'),
    ("webhook, broken", "POST", "async_webhook/webhook", signed("{oops"), "{oops"),
    (
        "gateway, verified",
        "GET",
        "form_gateway/webhook?mode=subscribe&verify_token=verify-me&challenge=12345",
        {},
        "",
    ),
    ("gateway, wrong token", "GET", "form_gateway/webhook?mode=subscribe&verify_token=n", {}, ""),
    ("gateway, no mode", "GET", "form_gateway/webhook", {}, ""),
    (
        "gateway",
        "POST",
        "form_gateway/webhook",
        GATEWAY,
        "From=%2B100&Body=hi&MessageId=m1&City=North",
    ),
    ("gateway, no bearer", "POST", "form_gateway/webhook", FORM, "From=+100&Body=hi"),
    (
        "gateway, wrong bearer",
        "POST",
        "form_gateway/webhook",
        {**FORM, "authorization": "Bearer nope"},
        "From=+100&Body=hi",
    ),
    ("gateway, no body", "POST", "form_gateway/webhook", GATEWAY, "From=+100"),
    ("gateway, failure", "POST", "form_gateway/webhook", GATEWAY, "From=1&Body=fail"),
    ("report", "POST", "form_gateway/delivery", GATEWAY, "MessageId=m1&Status=Delivered"),
    ("report kept", "GET", "form_gateway/delivery/m1", GATEWAY, ""),
    ("no report", "GET", "form_gateway/delivery/m2", GATEWAY, ""),
    ("report of nothing", "POST", "form_gateway/delivery", GATEWAY, "MessageId=m1&Status=lost"),
]


class Agent:
    """Repeats what it is told, twice; fails on `fail`."""

    async def handle_message(self, message: Any) -> None:
        """Reply."""
        if message.text == "fail":
            raise RuntimeError("told to fail")
        for number in (1, 2):
            text = f"{number}: {message.text} {message.input_channel} {message.metadata}"
            await message.output_channel.send_text_message(message.sender_id, text)


def handler(**services: Any) -> CustomWebhook:
    """Return the custom function with the connectors of this folder in its credentials."""
    stored = {f"custom/{name}": custom_document(*each) for name, each in CONNECTORS.items()}

    def credentials(section: str) -> dict[str, Any]:
        if section not in stored:
            raise CredentialsMissing(section)
        return stored[section]

    return custom_webhook(Services(credentials, Agent, 5.0, **services))


def event(method: str, path: str, headers: dict[str, str], body: str) -> dict[str, Any]:
    """Return the event of a call."""
    path, _, query = path.partition("?")
    return {
        "rawPath": f"/webhooks/{path}",
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "domainName": "bot.example",
            "http": {"method": method, "sourceIp": "203.0.113.7"},
        },
        "body": body,
    }


def answer(handle: CustomWebhook, method: str, path: str, headers: Any, body: str) -> Any:
    """Return status, headers and body (parsed if it is JSON) of the response to a call."""
    told = handle(event(method, path, headers, body), None)
    content = told["body"]
    if told["isBase64Encoded"]:
        content = base64.b64decode(content).decode("latin-1")
    kind = told["headers"].get("content-type", "")
    document = json.loads(content) if kind == "application/json" else content
    return told["statusCode"], told["headers"], document


def answers(calls: Any = CALLS) -> dict[str, Any]:
    """Return the responses to all calls, by name."""
    handle = handler()
    return {name: answer(handle, *parts) for name, *parts in calls}


def without_words(answer: Any) -> Any:
    """Return a response without the text of a 404 or 405, which each Sanic words differently."""
    status, headers, document = answer
    if status in (404, 405) and isinstance(document, dict):
        document = {key: value for key, value in document.items() if key != "message"}
    return [status, headers, document]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(answers(json.load(sys.stdin))))
