"""What the proofs of requests are made of, for requests that are sent again.

Each channel's own way to make one is the `sign` of its folder's `signature`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jwt

from ops.failure import Failure
from ops.platforms.webhook_request import WebhookRequest

#: How long the tokens that are made here are good for (seconds).
LIFE = 300

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


def needed_key(signing: Signing, whose: str, settings: str) -> PrivateKey:
    """The private key that was given; Failure says whose the request's proof is where none was."""
    if signing.key is None:
        raise Failure(
            f"Only {whose} can sign this request: its proof is a token of a private key",
            _KEY_NEEDED.format(settings=settings),
        )
    return signing.key


def with_jwt(
    request: WebhookRequest, claims: dict[str, Any], key: PrivateKey, method: str
) -> WebhookRequest:
    """The request with a token of these claims; raises Failure for a key that is none."""
    headers = {"kid": key.key_id} if key.key_id else None
    try:
        token = jwt.encode(claims, key.pem, algorithm=method, headers=headers)
    except (jwt.exceptions.PyJWTError, ValueError, TypeError) as error:
        raise Failure(
            f"The key is none for {method}: {type(error).__name__}",
            "It must be a private key in PEM format, without a passphrase.",
        ) from error
    return request.with_headers(authorization=f"Bearer {token}")


def with_fields(request: WebhookRequest, **fields: Any) -> WebhookRequest:
    """The request with these fields in its JSON, its form or its query string."""
    if request.method == "GET" or request.has_form:
        return request.with_form({**request.form, **fields})
    if request.document is None:
        return request
    return request.with_document({**request.document, **fields})


def first_of(value: Any) -> str | None:
    """The first of a setting that is one text or a list of them; None where there is none."""
    found = value[0] if isinstance(value, list) and value else value
    return str(found) if found else None
