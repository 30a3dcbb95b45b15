"""The public address: whether it is this stack's, and its certificate good for a while."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import requests
from cryptography import x509

from ops.findings import Findings
from ops.stack.site import Site

_HTTPS = 443
_TIMEOUT = 10.0  # seconds
_RENEW_WITHIN = timedelta(days=14)
_RENEW = "Renew the certificate (ACM renews its own while their DNS record is there)."
_PUBLIC_BASE_URL = (
    "Is the tunnel or domain up, and the parameter PublicBaseUrl right? It is the whole address "
    "before /webhooks/."
)


def examine_address(site: Site, findings: Findings, now: datetime | None = None) -> None:
    """Whether platforms find the stack at its public address."""
    parts = urlsplit(site.public_url)
    is_trusted = True
    if parts.scheme == "https":
        is_trusted = examine_certificate(
            parts.hostname or "", parts.port or _HTTPS, findings, now or datetime.now(UTC)
        )
    if is_trusted:
        _examine_health(site, findings)


def examine_certificate(
    host: str,
    port: int,
    findings: Findings,
    now: datetime,
    trusted: ssl.SSLContext | None = None,
) -> bool:
    """Whether a platform takes a server's certificate; tells what is wrong with it.

    `trusted` are the authorities that count, by default those of this machine.
    """
    context = trusted or ssl.create_default_context()
    try:
        with (
            socket.create_connection((host, port), timeout=_TIMEOUT) as connection,
            context.wrap_socket(connection, server_hostname=host) as wrapped,
        ):
            end = _end_of(wrapped.getpeercert(binary_form=True))
    except ssl.SSLCertVerificationError as error:
        _tell_refusal(host, port, error.verify_message, findings, now)
        return False
    except OSError as error:
        findings.error(
            f"https://{host}:{port} cannot be connected to: {error.strerror or error}",
            _PUBLIC_BASE_URL,
        )
        return False
    if end - now < _RENEW_WITHIN:
        findings.warn(f"the certificate of {host} expires on {end:%Y-%m-%d}", _RENEW)
    else:
        findings.ok(f"the certificate of {host} is good until {end:%Y-%m-%d}")
    return True


def _tell_refusal(host: str, port: int, reason: str, findings: Findings, now: datetime) -> None:
    """What is wrong with a certificate that is refused: its age goes before all other faults."""
    end = _end_of(_unchecked_certificate(host, port))
    if end < now:
        findings.error(f"the certificate of {host} expired on {end:%Y-%m-%d}", _RENEW)
    else:
        findings.error(
            f"the certificate of {host} is not trusted: {reason}",
            "Use one of a public authority, for this very name, with its intermediate ones.",
        )


def _unchecked_certificate(host: str, port: int) -> bytes | None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((host, port), timeout=_TIMEOUT) as connection,
        context.wrap_socket(connection, server_hostname=host) as wrapped,
    ):
        return wrapped.getpeercert(binary_form=True)


def _end_of(certificate: bytes | None) -> datetime:
    return x509.load_der_x509_certificate(certificate or b"").not_valid_after_utc


def _examine_health(site: Site, findings: Findings) -> None:
    url = f"{site.public_url}/webhooks/rest"
    try:
        answer = requests.get(url, timeout=_TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        findings.error(
            f"{site.public_url} cannot be reached: {type(error).__name__}", _PUBLIC_BASE_URL
        )
        return
    if answer.ok and b'"status"' in answer.content:
        findings.ok(f"{site.public_url} leads to a stack of this application")
    else:
        findings.error(
            f"{url} answers {answer.status_code}, not the stack's health", _PUBLIC_BASE_URL
        )
