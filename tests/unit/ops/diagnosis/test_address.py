import ssl
from datetime import UTC, datetime, timedelta

import pytest

from ops.diagnosis.address import examine_address, examine_certificate
from ops.findings import Findings
from ops.stack.site import Site
from tests.servers.recording_server import recording_server
from tests.servers.tls_server import tls_server

NOW = datetime.now(UTC)


def examined(url):
    findings = Findings("address")
    examine_address(Site(url, url, url), findings)
    return [(each.level.value, each.what, each.mend) for each in findings]


@pytest.mark.parametrize(("days", "level"), [(90, "ok"), (5, "warning")])
def test_a_trusted_certificate_and_one_that_ends_soon(tmp_path, days, level):
    findings = Findings("address")
    with tls_server(tmp_path, NOW + timedelta(days=days)) as port:
        trusted = ssl.create_default_context(cafile=tmp_path / "certificate.pem")
        assert examine_certificate("127.0.0.1", port, findings, NOW, trusted)
    assert [each.level.value for each in findings] == [level]


def test_an_expired_certificate(tmp_path):
    with tls_server(tmp_path, NOW - timedelta(days=2)) as port:
        [(level, what, mend)] = examined(f"https://127.0.0.1:{port}")
    assert (level, what) == (
        "error",
        f"the certificate of 127.0.0.1 expired on {NOW - timedelta(days=2):%Y-%m-%d}",
    )
    assert mend.startswith("Renew the certificate")


def test_a_certificate_of_nobodys(tmp_path):
    with tls_server(tmp_path) as port:
        [(level, what, mend)] = examined(f"https://127.0.0.1:{port}")
    assert (level, "is not trusted: self-signed" in what) == ("error", True)
    assert "public authority" in mend


def test_an_address_where_nobody_listens():
    [(level, what, mend)] = examined("https://127.0.0.1:1")
    assert (level, "cannot be connected to" in what) == ("error", True)
    [(level, what, mend)] = examined("http://127.0.0.1:1/stage")
    assert (level, "cannot be reached" in what) == ("error", True)
    assert "PublicBaseUrl" in mend


@pytest.mark.parametrize(
    ("status", "body", "level"),
    [
        (200, b'{"status": "ok"}', "ok"),
        (200, b"<html>parked</html>", "error"),
        (404, b'{"message": "Not Found"}', "error"),
        (302, b"", "error"),
    ],
)
def test_what_the_address_leads_to(status, body, level):
    with recording_server(lambda _: (status, body, {"location": "/"})) as server:
        [(found, _, _)] = examined(f"{server.url}/stage")
        assert server.requests[0].path == "/stage/webhooks/rest"
    assert found == level
