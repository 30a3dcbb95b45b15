"""Stand-in Rasa servers, agents that ask them, and a certificate."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from channels.agents.rasa import RasaAgent
from channels.clients.http_pool import HttpPool
from tests.servers.rasa_server import RasaServer


@pytest.fixture
def serve() -> Iterator[Callable[..., RasaServer]]:
    """Starts stand-in servers: a script, or the answer to whatever is said."""
    servers: list[RasaServer] = []

    def start(script: Any = (), **options: Any) -> RasaServer:
        constant = not (callable(script) or isinstance(script, dict))
        server = RasaServer((lambda _: script) if constant else script, **options)
        servers.append(server.__enter__())
        return server

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def agent_of() -> Iterator[Callable[..., RasaAgent]]:
    """Makes agents whose connections are closed in the end."""
    opened: list[HttpPool] = []

    def make(server: RasaServer | str, **settings: Any) -> RasaAgent:
        connections = settings.pop("connections", None) or HttpPool()
        opened.append(connections)
        url = server if isinstance(server, str) else server.url
        return RasaAgent(url, connections=connections, **{"timeout": 20.0, **settings})

    yield make
    for connections in opened:
        connections.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a self-signed certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stand-in Rasa")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    file.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file
