"""TLS to AWS: a few authorities first, the others where those do not do, strangers never."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

import pytest

from channels.aws.client.tls import Trust
from tests.servers.authorities import Authority
from tests.servers.recording_server import recording_server

NO_FILE = "no-such-file.pem"


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path, "ours")


@pytest.fixture
def others(tmp_path):
    return Authority(tmp_path, "others")


def get(trust, server, bundle=""):
    """The body that a trusted server answers with."""
    url = urlsplit(server.url)
    connection = trust.connect(url.hostname, url.port, 5.0, bundle)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read()
    finally:
        connection.close()


def answering(context):
    return recording_server(lambda request: (200, b"hello", {}), tls=context)


def test_a_server_that_the_roots_vouch_for_is_believed_and_the_system_not_asked(
    authority, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", NO_FILE)
    with answering(authority.server()) as server:
        assert get(Trust(str(authority.bundle)), server) == b"hello"


def test_where_the_roots_do_not_do_the_system_s_authorities_are_asked(
    authority, others, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    trust = Trust(str(others.bundle))
    with answering(authority.server()) as server:
        assert get(trust, server) == b"hello"
        assert server.connections == 2, "one of them was broken off"
        assert get(trust, server) == b"hello"
        assert server.connections == 3, "the roots are not tried again"


@pytest.mark.parametrize("has_roots", [True, False])
def test_a_stranger_is_refused_and_told_nothing(authority, others, monkeypatch, has_roots):
    monkeypatch.setenv("SSL_CERT_FILE", str(others.bundle))
    roots = str(others.bundle) if has_roots else NO_FILE
    with answering(authority.server()) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            get(Trust(roots), server)
        assert server.requests == []


def test_a_certificate_of_another_host_is_refused(authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    with answering(authority.server("127.0.0.2")) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            get(Trust(str(authority.bundle)), server)
        assert server.requests == []


def test_a_bundle_is_believed_in_place_of_all_others(authority, others):
    trust = Trust(str(others.bundle))
    with answering(authority.server()) as server:
        assert get(trust, server, str(authority.bundle)) == b"hello"
    with (
        answering(others.server()) as server,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        get(trust, server, str(authority.bundle))


def test_without_the_file_of_roots_the_system_s_authorities_are_asked(authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    with answering(authority.server()) as server:
        assert get(Trust(NO_FILE), server) == b"hello"
