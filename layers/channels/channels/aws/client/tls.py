"""TLS to AWS's services, without reading every certificate authority of the system.

Making a context of the system's about 150 authorities costs more processor time than all else that
an acknowledgement does (ADR 22). The layer therefore holds those few that AWS's services are signed
by; only where they do not do (a proxy, a partition with others) the system's are read.
"""

from __future__ import annotations

import http.client
import os.path
import ssl

#: Made by the layer's makefile of certifi's; not there when the code runs from its sources.
AWS_ROOTS = os.path.join(os.path.dirname(__file__), "aws_roots.pem")  # noqa: PTH118, PTH120 - pathlib costs milliseconds of a cold start


class Trust:
    """Who is believed to be AWS; one for all connections, so that its certificates are read once.

    `roots` is a file of authorities that is tried first, where it is there.
    """

    def __init__(self, roots: str = AWS_ROOTS) -> None:
        """Read nothing yet."""
        self._roots = roots
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._roots_will_do = os.path.isfile(roots)  # noqa: PTH113

    def connect(
        self, host: str, port: int | None, timeout: float, bundle: str = ""
    ) -> http.client.HTTPSConnection:
        """An open connection to a peer that has proved to be `host`.

        `bundle` is a file of authorities to believe instead (AWS_CA_BUNDLE). Raises OSError, of
        which ssl.SSLError is one.
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
