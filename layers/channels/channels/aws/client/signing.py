"""AWS Signature Version 4 for requests to AWS services.

Source: AWS, "Create a signed AWS API request" (Signature Version 4). The tests compare it with
botocore's own signer.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"


class Credentials:
    """An AWS access key, with the session token of temporary credentials."""

    def __init__(self, access_key: str, secret_key: str, session_token: str = "") -> None:
        self.access_key = access_key
        self.secret_key = secret_key
        self.session_token = session_token


def signed_headers(  # noqa: PLR0913 - the parts of a request
    credentials: Credentials,
    *,
    region: str,
    service: str,
    timestamp: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    method: str = "POST",
) -> dict[str, str]:
    """Return the headers of a signed request: the given ones and those of the signature.

    `headers` must contain `host`; names are lower case. `timestamp` is UTC, `20260102T030405Z`.
    `path` is the URL's path, percent-encoded, without a query: it is encoded once more for the
    signature.
    """
    signed = {**headers, "x-amz-date": timestamp}
    if credentials.session_token:
        signed["x-amz-security-token"] = credentials.session_token
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{' '.join(signed[name].split())}\n" for name in sorted(signed))
    canonical = "\n".join(
        (method, quote(path, safe="/~"), "", lines, names, hashlib.sha256(body).hexdigest())
    )
    scope = f"{timestamp[:8]}/{region}/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = _signing_key(credentials.secret_key, scope)
    signature = hmac.digest(key, f"{_ALGORITHM}\n{timestamp}\n{scope}\n{digest}".encode(), "sha256")
    signed["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={names}, Signature={signature.hex()}"
    )
    return signed


@lru_cache(maxsize=8)
def _signing_key(secret_key: str, scope: str) -> bytes:
    """Return the key of a scope, valid for a day.

    Deriving it is four of a signature's five hashes.
    """
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
