"""JWTs that a platform signs with its private key: how Microsoft and Google prove a request."""

from __future__ import annotations

from channels.errors import VerificationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from channels.auth.key_set import KeySet
    from channels.http.request import Request

#: The algorithm of both issuers. The token's own header does not choose it (RFC 8725, 3.1).
ALGORITHM = "RS256"


def bearer_token(request: Request) -> str:
    """Return the token of `Authorization: Bearer ...`.

    Raises VerificationError with status 401 if there is none.
    """
    scheme, _, token = request.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise VerificationError("no bearer token")
    return str(token.strip())


def issued_claims(
    token: str, keys: KeySet, issuers: Sequence[str], audience: Sequence[str], leeway: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the claims of a valid token, and the key (JWK) that signed it.

    `leeway` is the tolerated difference between clocks (seconds). Raises VerificationError for a
    token that is not from one of these issuers for one of these audiences. Raises what `keys`
    raises if the keys cannot be fetched, which says nothing about the token.
    """
    import jwt

    try:
        header = jwt.get_unverified_header(token)
        key_id = header.get("kid")
        if header.get("alg") != ALGORITHM or not isinstance(key_id, str):
            raise VerificationError(f"the token must be signed with {ALGORITHM} and name its key")
        key = keys.key(key_id)
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK.from_dict(key, ALGORITHM).key,
            algorithms=[ALGORITHM],
            audience=list(audience),
            issuer=list(issuers),
            leeway=leeway,
            options={"require": ["exp", "iss", "aud"]},
        )
    except (jwt.exceptions.PyJWTError, ValueError, TypeError) as error:
        raise VerificationError(f"the token is invalid: {type(error).__name__}") from error
    return claims, key
