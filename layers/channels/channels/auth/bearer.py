"""Bearer tokens, plain or JWT, interpreted as Rasa does."""

from __future__ import annotations

import hmac
import logging

from channels.errors import VerificationError
from channels.section import Section

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.http.request import Request

logger = logging.getLogger(__name__)

_PAGE = "docs/credentials.md"
_JWT = Section("JWT", _PAGE)

BEARER_TOKEN_PREFIX = "Bearer "  # noqa: S105


def decode_jwt(bearer_token: str, jwt_key: str, jwt_algorithm: str) -> dict[str, Any]:
    """Return the claims of a JWT, with or without its `Bearer ` prefix; raise PyJWT's errors."""
    import jwt

    authorization_header_value = bearer_token.replace(BEARER_TOKEN_PREFIX, "")
    claims: dict[str, Any] = jwt.decode(
        authorization_header_value, jwt_key, algorithms=[jwt_algorithm]
    )
    return claims


def decode_bearer_token(
    bearer_token: str, jwt_key: str, jwt_algorithm: str
) -> dict[str, Any] | None:
    """Return the claims as `decode_jwt` does, or None for an invalid token.

    The reason is logged, without the token.
    """
    import jwt

    try:
        return decode_jwt(bearer_token, jwt_key, jwt_algorithm)
    except jwt.exceptions.InvalidSignatureError:
        logger.error("JWT public key invalid.")
    except jwt.exceptions.PyJWTError as error:
        logger.error("Failed to decode bearer token: %s", type(error).__name__)
    return None


def equal(given: str | None, expected: str) -> bool:
    """Compare two secrets in constant time; they may contain any characters."""
    return hmac.compare_digest((given or "").encode("utf-8", "replace"), expected.encode())


class JwtVerifier:
    """Accepts JWTs that have one key and one algorithm and carry an expiry."""

    def __init__(self, jwt_key: str, jwt_method: str = "HS256", section: Section = _JWT) -> None:
        """Raise CredentialsError if the algorithm or the key cannot be used.

        The error names the key of `section`, never a value.
        """
        import jwt

        # `none` accepts everything.
        methods = sorted(set(jwt.algorithms.get_default_algorithms()) - {"none"})
        section.setting("jwt_method", jwt_method).one_of(tuple(methods))
        try:
            jwt.get_algorithm_by_name(jwt_method).prepare_key(jwt_key)
        except (jwt.exceptions.PyJWTError, ValueError, TypeError) as error:
            raise section.wrong("jwt_key", "is no valid key for its 'jwt_method'") from error
        self._key, self._method = jwt_key, jwt_method

    def claims(self, token: str) -> dict[str, Any] | None:
        """Return the claims of a valid token, None for any other; `exp` is required.

        The configured algorithm is used, whatever the token's header says (RFC 8725, 3.1).
        """
        import jwt

        try:
            claims: dict[str, Any] = jwt.decode(
                token, self._key, algorithms=[self._method], options={"require": ["exp"]}
            )
        except (jwt.exceptions.PyJWTError, ValueError) as error:
            logger.warning("JWT refused: %s", type(error).__name__)
            return None
        return claims


class BearerAuthentication:
    """Checks `Authorization: Bearer ...` against a fixed token, a JWT key, or either of them.

    With neither configured, every request is accepted: the channel is open, as in Rasa.
    """

    def __init__(
        self,
        channel: str,
        token: str | None = None,
        jwt_key: str | None = None,
        jwt_method: str | None = None,
        *,
        page: str = _PAGE,
    ) -> None:
        """Raise CredentialsError for an invalid setting, in particular an empty one.

        `page` is where the channel's settings are explained.
        """
        given = {"token": token, "jwt_key": jwt_key, "jwt_method": jwt_method}
        section = Section(
            channel, page, {key: value for key, value in given.items() if value is not None}
        )
        for key in given:
            section[key].text()
        section.refuse_empty(*given)
        self._token = section["token"].text()
        self._jwt = JwtVerifier(jwt_key, jwt_method or "HS256", section) if jwt_key else None

    def verify(self, request: Request) -> None:
        """Raise VerificationError unless the request carries the configured proof."""
        if self._token is None and self._jwt is None:
            return
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            if self._token is not None and equal(given.strip(), self._token):
                return
            if self._jwt is not None and self._jwt.claims(given.strip()):
                return
        raise VerificationError("missing or wrong bearer token")
