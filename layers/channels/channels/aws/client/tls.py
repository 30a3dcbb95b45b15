"""TLS to AWS services, without loading every certificate authority of the system.

Loading the system's about 150 authorities costs more processor time than everything else in an
acknowledgement (ADR 22). The layer therefore contains only the few authorities that sign for AWS
services. The system's are loaded only if these fail (a proxy, a partition with others).
"""

from __future__ import annotations

import http.client
import os.path
import ssl

#: Made from certifi's by the layer's makefile; missing when the code runs from its sources.
AWS_ROOTS = os.path.join(os.path.dirname(__file__), "aws_roots.pem")  # noqa: PTH118, PTH120 - pathlib costs milliseconds of a cold start


class Trust:
    """Which authorities to trust for AWS; shared by all connections to load certificates once.

    `roots` is a file of authorities that is tried first, if it exists.
    """

    def __init__(self, roots: str = AWS_ROOTS) -> None:
        """Take the file's path; no certificates are loaded yet."""
        self._roots = roots
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._roots_will_do = os.path.isfile(roots)  # noqa: PTH113

    def connect(
        self, host: str, port: int | None, timeout: float, bundle: str = ""
    ) -> http.client.HTTPSConnection:
        """Return an open connection to a peer that has proved to be `host`.

        `bundle` is a file of authorities to trust instead (AWS_CA_BUNDLE). Raises OSError,
        including its subclass ssl.SSLError.
        """
        if self._roots_will_do and not bundle:
            try:
                return self._open(host, port, timeout, self._roots)
            except ssl.SSLCertVerificationError:
                self._roots_will_do = False
        return self._open(host, port, timeout, bundle)

    def _open(
        self, host: str, port: int | None, timeout: float, authorities: str
    ) -> http.client.HTTPSConnection:
        context = self._contexts.get(authorities)
        if context is None:
            context = ssl.create_default_context(cafile=authorities or None)
            self._contexts[authorities] = context
        connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
        try:
            connection.connect()
        except OSError:
            connection.close()
            raise
        return connection


TRUST = Trust()
