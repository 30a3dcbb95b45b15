"""Twilio's proof that a request comes from Twilio, for messages and for calls.

    X-Twilio-Signature: <base64 of HMAC-SHA1(auth token, signed text)>

    X-Twilio-Webhooks-Signature-Settings: key=<id of a shared key>,algorithm=HMAC_SHA256
    X-Twilio-Signature: <base64 of HMAC-SHA256(that shared key, signed text)>

The signed text is the URL as entered in the console, its query string unchanged, followed by the
names and values of the form's fields. For other bodies the query string carries a SHA-256.
(twilio.com/docs/usage/webhooks/webhooks-security and .../webhook-shared-keys; twilio-python's
`RequestValidator` agrees.)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl

from channels.auth.bearer import equal
from channels.errors import VerificationError
from channels.twilio.fields import has_form

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from channels.http.request import Request
    from channels.section import Section

_SHA1 = "HMAC_SHA1"
_DIGESTS = {_SHA1: "sha1", "HMAC_SHA256": "sha256"}

_PORTS = {"https": "443", "http": "80"}


class SignatureVerifier:
    """Checks signatures made with an account's tokens, or with the shared key a request names.

    `shared_keys` maps key ids to secrets. Agrees with twilio-python's `RequestValidator`.
    """

    def __init__(
        self,
        auth_token: str | None,
        secondary_auth_token: str | None = None,
        shared_keys: Mapping[str, str] | None = None,
    ) -> None:
        self._auth_tokens = [token for token in (auth_token, secondary_auth_token) if token]
        self._shared_keys = dict(shared_keys or {})

    @classmethod
    def from_section(cls, given: Section) -> SignatureVerifier | None:
        """Return the verifier for a channel's section; None without secrets if `allow_unsigned`.

        Keys: `auth_token`, `secondary_auth_token`, `webhook_shared_keys`, `allow_unsigned`. Raises
        CredentialsError if one is missing or invalid.
        """
        auth_token, secondary = given["auth_token"].text(), given["secondary_auth_token"].text()
        shared_keys, lets_in = _shared_keys(given), given["allow_unsigned"].switch()
        if not (auth_token or secondary or shared_keys):
            if lets_in:
                return None
            raise given.wrong(
                "auth_token",
                "is needed to check Twilio's signature: Twilio's console shows it",
            )
        return cls(auth_token, secondary, shared_keys)

    def verify(self, request: Request) -> None:
        """Raise VerificationError unless Twilio signed the request's URL and its fields or body."""
        given = request.headers.get("x-twilio-signature")
        if not given:
            raise VerificationError("no X-Twilio-Signature", 403)
        secrets, digest = self._scheme(request)
        fields = _signed_fields(request)
        # A list, not a generator: the time taken must not reveal which secret matched.
        matches = [
            equal(given, _signature(secret, _bytes(url) + fields, digest))
            for secret in secrets
            for url in _spellings(request.url)
        ]
        if not any(matches):
            raise VerificationError(
                f"wrong X-Twilio-Signature for a URL below {request.base_url}: does Twilio's "
                "console have that URL (if not, set the parameter PublicBaseUrl), and is "
                "'auth_token' the account's?",
                403,
            )

    def sign(self, request: Request) -> str:
        """Return the signature of a request; "" without a secret to sign with.

        Raises VerificationError for a request that `verify` refuses whatever its signature.
        """
        secrets, digest = self._scheme(request)
        if not secrets:
            return ""
        return _signature(secrets[0], signed_text(request), digest)

    def _scheme(self, request: Request) -> tuple[list[str], str]:
        """The secrets that may have signed a request, and the digest they signed with."""
        settings = request.headers.get("x-twilio-webhooks-signature-settings", "")
        pairs = (part.partition("=") for part in settings.split(","))
        named = {name.strip(): value.strip() for name, _, value in pairs}
        digest = _DIGESTS.get((named.get("algorithm") or _SHA1).upper())
        if digest is None:
            raise VerificationError("X-Twilio-Signature uses an unknown algorithm", 403)
        if not named.get("key"):
            return self._auth_tokens, digest
        secret = self._shared_keys.get(named["key"])
        if secret is None:
            raise VerificationError("signed with a key that is not in 'webhook_shared_keys'", 403)
        return [secret], digest


def signed_text(request: Request) -> bytes:
    """Return the text that Twilio signs: the URL, then the fields of a form.

    Raises VerificationError if another kind of body does not match the query string's hash.
    """
    return _bytes(request.url) + _signed_fields(request)


def sign(auth_token: str, request: Request) -> str:
    """Return the `X-Twilio-Signature` of a request, made with an auth token (SHA-1)."""
    return _signature(auth_token, signed_text(request), "sha1")


def _shared_keys(given: Section) -> dict[str, str]:
    """The shared secrets by id."""
    ids = given["webhook_shared_keys"].value
    if not isinstance(ids, dict | None):
        raise given.wrong(
            "webhook_shared_keys", "must be a mapping of the keys' ids to their secrets"
        )
    secrets = given.of(ids or {})
    shared_keys = {str(each): secrets[each].text() or "" for each in ids or {}}
    if not all(shared_keys.values()):
        raise given.error("a secret in 'webhook_shared_keys' is empty")
    return shared_keys


def _signed_fields(request: Request) -> bytes:
    """The signed part of the body: a form's names and values, sorted, without duplicate pairs.

    As bytes, not characters, so that a field that is not UTF-8 is signed as it was received.
    """
    if has_form(request):
        fields = set(parse_qsl(request.body, keep_blank_values=True))
        return b"".join(name + value for name, value in sorted(fields))
    _verify_body_hash(request)
    return b""


def _verify_body_hash(request: Request) -> None:
    """Check a body that is not a form against the hash in the query string, which is signed."""
    query = dict(parse_qsl(request.query_string))
    if not request.body and "bodySHA256" not in query:
        return
    digest = hashlib.sha256(request.body).hexdigest()
    if not equal(query.get("bodySHA256"), digest):
        raise VerificationError("the body does not match the query string's bodySHA256", 403)


def _spellings(url: str) -> tuple[str, str]:
    """A URL without and with its port: Twilio signs one or the other."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    name, colon, port = host.rpartition(":")
    if not (colon and port.isdecimal()):
        name, port = host, _PORTS.get(scheme, "")
    return f"{scheme}://{name}{slash}{path}", f"{scheme}://{name}:{port}{slash}{path}"


def _signature(secret: str, signed: bytes, digest: str) -> str:
    return base64.b64encode(hmac.digest(_bytes(secret), signed, digest)).decode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
