"""The platforms' proofs, made with a stack's own credentials for requests that are sent again.

Where a connector can make a proof as well as check it, that code is used here too.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

import jwt

from channels.botframework.tokens import ISSUER
from channels.errors import VerificationError
from channels.hangouts.proof import CHAT_ACCOUNT
from channels.http.paths import split_path
from channels.mattermost.incoming import ACTION, DIALOG, Incoming, incoming_of
from channels.mattermost.signature import ActionSigner, marked_state
from channels.messages.fields import object_of, text_of
from channels.rocketchat.input import LIVECHAT_TOKEN_HEADER
from channels.slack.signature import SignatureVerifier as SlackSignatures
from channels.twilio.signature import SignatureVerifier as TwilioSignatures
from ops.failure import Failure
from ops.platforms.webhook_request import WebhookRequest

#: How long the tokens that are made here are good for (seconds).
_LIFE = 300

_KEY_NEEDED = (
    "Send it from the platform itself. If the credentials lead to a key set of your own "
    "({settings}), give its private key: --key FILE [--key-id ID]."
)


class PrivateKey(NamedTuple):
    """A private key in PEM format, and the `kid` that its key set gives it ("" for none)."""

    pem: str
    key_id: str = ""


class Signing(NamedTuple):
    """What a proof is made of.

    `section` is the channel's of the credentials, `base_url` what stands before `/webhooks/` in the
    address that the platform calls, `now` is in seconds since 1970.
    """

    section: dict[str, Any]
    base_url: str
    now: float
    key: PrivateKey | None = None


def sign(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    """The request with a proof of this moment; unchanged where its channel asks for none.

    A channel's health needs none. Raises Failure for a channel that only its platform can sign for.
    """
    if not split_path(request.path)[1]:
        return request
    signer = SIGNERS.get(request.channel)
    if signer is None:
        raise Failure(
            f"How requests of '{request.channel}' are proved is known to its class only",
            "Leave --resign out and give the event a proof that is good for longer, in its file.",
        )
    return signer(request, signing)


def _bearer(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    token, key = signing.section.get("token"), signing.section.get("jwt_key")
    if token:
        return request.with_headers(authorization=f"Bearer {token}")
    if not key:
        return request
    method = signing.section.get("jwt_method") or "HS256"
    claims = {"sub": "replay", "iat": int(signing.now), "exp": int(signing.now) + _LIFE}
    if method.upper().startswith("HS"):
        return _with_jwt(request, claims, PrivateKey(key), method)
    return _with_jwt(request, claims, _needed(signing, "your clients", "jwt_key"), method)


def _slack(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    secret = signing.section.get("slack_signing_secret")
    if not secret:
        return request
    timestamp = str(int(signing.now))
    return request.with_headers(
        x_slack_request_timestamp=timestamp,
        x_slack_signature=SlackSignatures(secret).sign(request.body, timestamp),
    )


def _facebook(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    verify_token = signing.section.get("verify")
    query = dict(parse_qsl(request.query_string, keep_blank_values=True))
    if "hub.verify_token" in query and verify_token:
        query["hub.verify_token"] = str(verify_token)
        return replace(request, query_string=urlencode(query))
    secret = _first(signing.section.get("secret"))
    if not secret:
        return request
    digest = hmac.digest(secret.encode(), request.body, "sha256").hex()
    return request.with_headers(x_hub_signature_256=f"sha256={digest}")


def _telegram(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    token = signing.section.get("secret_token")
    return request.with_headers(x_telegram_bot_api_secret_token=token) if token else request


def _webex(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    secret = signing.section.get("webhook_secret")
    if not secret:
        return request
    digest = hmac.digest(secret.encode(), request.body, "sha1").hex()
    return request.with_headers(x_spark_signature=digest)


def _twilio(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    section = signing.section
    secrets = TwilioSignatures(
        section.get("auth_token"),
        section.get("secondary_auth_token"),
        section.get("webhook_shared_keys"),
    )
    try:
        signature = secrets.sign(request.read(signing.base_url))
    except VerificationError as error:
        raise Failure(
            f"The request cannot be signed: {error}",
            "Take its header X-Twilio-Webhooks-Signature-Settings away, or add the key.",
        ) from error
    return request.with_headers(x_twilio_signature=signature) if signature else request


def _mattermost(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    section = signing.section
    token = _first(section.get("webhook_tokens"))
    if not token:
        return request
    incoming = incoming_of(request.read())
    signer = ActionSigner(section.get("token") or f"{section.get('user')}:{section.get('pw')}")
    if incoming.kind == ACTION:
        context = object_of(incoming.fields, "context")
        return _with_fields(request, context=_signed_context(signer, incoming.channel, context))
    if incoming.kind == DIALOG:
        return _with_fields(request, state=_signed_state(signer, incoming))
    signed = _with_fields(request, token=token)
    if "authorization" not in request.headers:
        return signed
    return signed.with_headers(authorization=f"Token {token}")


def _signed_state(signer: ActionSigner, incoming: Incoming) -> str:
    """A dialog's state, signed anew; one without a mark, which was redacted, gets one."""
    callback_id, state = (text_of(incoming.fields, key) for key in ("callback_id", "state"))
    marked = marked_state(state)
    if marked:
        return signer.signed_state(incoming.channel, callback_id, marked)
    return signer.state(incoming.channel, callback_id, state, json.dumps(incoming.fields))


def _signed_context(signer: ActionSigner, channel: str, context: dict[str, Any]) -> dict[str, Any]:
    actions = context.get("actions")
    if isinstance(actions, list):
        return {**context, **signer.menu(channel, actions)}
    return {**context, **signer.button(channel, text_of(context, "action"))}


def _rocketchat(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    token = _first(signing.section.get("webhook_token"))
    is_livechat = LIVECHAT_TOKEN_HEADER in request.headers or "visitor" in (request.document or {})
    if is_livechat:
        livechat = _first(signing.section.get("livechat_token")) or token
        return request.with_headers(x_rocketchat_livechat_token=livechat) if livechat else request
    return _with_fields(request, token=token) if token else request


def _botframework(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    app_id = signing.section.get("app_id")
    if not app_id:
        return request
    key = _needed(signing, "Microsoft", "openid_metadata_url")
    service_url = text_of(request.document or {}, "serviceUrl")
    claims = {
        "iss": ISSUER,
        "aud": app_id,
        "serviceurl": service_url,
        "nbf": int(signing.now),
        "exp": int(signing.now) + _LIFE,
    }
    return _with_jwt(request, claims, key, "RS256")


def _hangouts(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    project = signing.section.get("project_id")
    if not project:
        _needed(signing._replace(key=None), "Google", "chat_keys_url, with project_id")
    key = _needed(signing, "Google", "chat_keys_url")
    now = int(signing.now)
    claims = {"iss": CHAT_ACCOUNT, "aud": str(project), "iat": now, "exp": now + _LIFE}
    return _with_jwt(request, claims, key, "RS256")


def _needed(signing: Signing, whose: str, settings: str) -> PrivateKey:
    if signing.key is None:
        raise Failure(
            f"Only {whose} can sign this request: its proof is a token of a private key",
            _KEY_NEEDED.format(settings=settings),
        )
    return signing.key


def _with_jwt(
    request: WebhookRequest, claims: dict[str, Any], key: PrivateKey, method: str
) -> WebhookRequest:
    headers = {"kid": key.key_id} if key.key_id else None
    try:
        token = jwt.encode(claims, key.pem, algorithm=method, headers=headers)
    except (jwt.exceptions.PyJWTError, ValueError, TypeError) as error:
        raise Failure(
            f"The key is none for {method}: {type(error).__name__}",
            "It must be a private key in PEM format, without a passphrase.",
        ) from error
    return request.with_headers(authorization=f"Bearer {token}")


def _with_fields(request: WebhookRequest, **fields: Any) -> WebhookRequest:
    """The request with these fields in its JSON, its form or its query string."""
    if request.method == "GET" or request.has_form:
        return request.with_form({**request.form, **fields})
    if request.document is None:
        return request
    return request.with_document({**request.document, **fields})


def _first(value: Any) -> str | None:
    """A setting that is one text or a list of them."""
    found = value[0] if isinstance(value, list) and value else value
    return str(found) if found else None


SIGNERS: dict[str, Callable[[WebhookRequest, Signing], WebhookRequest]] = {
    "botframework": _botframework,
    "callback": _bearer,
    "facebook": _facebook,
    "hangouts": _hangouts,
    "mattermost": _mattermost,
    "rest": _bearer,
    "rocketchat": _rocketchat,
    "slack": _slack,
    "telegram": _telegram,
    "twilio": _twilio,
    "twilio_voice": _twilio,
    "webexteams": _webex,
}
