"""JWTs that a platform signs with its private key: Microsoft's and Google's proof of a request."""

from __future__ import annotations

from channels.errors import VerificationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from channels.auth.key_set import KeySet
    from channels.http.request import Request

#: The one algorithm of both; what the token's own header names is not asked (RFC 8725, 3.1).
ALGORITHM = "RS256"


def bearer_token(request: Request) -> str:
    """The token of `Authorization: Bearer ...`; VerificationError with status 401 without one."""
    scheme, _, token = request.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise VerificationError("no bearer token")
    return str(token.strip())


def issued_claims(
    token: str, keys: KeySet, issuers: Sequence[str], audience: Sequence[str], leeway: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The claims of a valid token, and the key (JWK) that signed it.

    `leeway` is what clocks may differ by (seconds). Raises VerificationError for a token that is
    not one of these issuers' for one of this audience, and what `keys` raises when they cannot be
    had: that says nothing against the token.
    """
    import jwt

    try:
        header = jwt.get_unverified_header(token)
        key_id = header.get("kid")
        if header.get("alg") != ALGORITHM or not isinstance(key_id, str):
            raise VerificationError(f"the token must be {ALGORITHM}-signed and name its key")
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
        raise VerificationError(f"the token is refused: {type(error).__name__}") from error
    return claims, key
