"""Receivers of callbacks that misbehave, are slow, use TLS or close connections."""

import contextlib
import datetime
import json
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from channels.callback.delivery import CallbackDelivery, read_target
from channels.turns.outcome import Done, RetryLater
from tests.servers.recording_server import recording_server

DOCUMENT = json.dumps({"delivery_id": "m1:1", "message": {"recipient_id": "me", "text": "hi"}})
OK = b"HTTP/1.1 200 OK\r\n"


class Clock:
    def __init__(self):
        self.now = 1_767_225_600.0

    def __call__(self):
        return self.now


class Receiver:
    """Accepts connections one after the other and hands each to `answer(connection)`."""

    def __init__(self, answer, context=None):
        self.answer, self.context = answer, context
        self.stopped = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve)

    def _serve(self):
        while True:
            # What a client or the test ends in the middle is what these tests are about.
            with contextlib.suppress(OSError):
                plain, _ = self.listener.accept()
                if self.stopped.is_set():
                    plain.close()
                    return
                secure = (
                    self.context.wrap_socket(plain, server_side=True) if self.context else plain
                )
                with secure:
                    self.answer(secure)

    def read_request(self, connection):
        """One whole request."""
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65_536)
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += connection.recv(65_536)
        return body

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc_info):
        self.stopped.set()
        socket.create_connection(("127.0.0.1", self.port)).close()
        self.thread.join()
        self.listener.close()


@contextlib.contextmanager
def delivery_to(url, **settings):
    clock = settings.pop("clock", Clock())
    settings = {"url": url, "allow_private_addresses": True, "timeout": 5, **settings}
    delivery = CallbackDelivery(
        read_target(settings), resolver=lambda *host: ["127.0.0.1"], now=clock
    )
    try:
        yield delivery
    finally:
        delivery.close()


def outcome_of(answer, **settings):
    receiver = Receiver(lambda connection: answer(receiver, connection))
    with receiver, delivery_to(f"http://receiver.example:{receiver.port}", **settings) as delivery:
        return delivery.deliver(DOCUMENT, 1, Clock().now)


def endlessly(head):
    def answer(receiver, connection):
        receiver.read_request(connection)
        connection.sendall(head)
        while not receiver.stopped.wait(0.02):
            connection.sendall(b"2\r\nxx\r\n")

    return answer


@pytest.mark.parametrize(
    "headers",
    [b"content-length: 999999999999", b"transfer-encoding: chunked", b"connection: close"],
)
def test_a_response_that_does_not_end_is_not_read_to_its_end(headers):
    assert outcome_of(endlessly(OK + headers + b"\r\n\r\n")) == Done()


def once(response):
    def answer(receiver, connection):
        receiver.read_request(connection)
        connection.sendall(response)

    return answer


@pytest.mark.parametrize(
    "response",
    [
        OK + b"content-length: 5\r\n\r\nab",
        OK + b"transfer-encoding: chunked\r\n\r\nzz\r\n",
        OK + b"content-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc",
        OK + b"\r\n",
    ],
)
def test_a_2xx_is_taken_whatever_follows(response):
    assert outcome_of(once(response)) == Done()


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"HTTP/1.1 2",
        b"rubbish\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        OK + b"x: y\r\n" * 200 + b"\r\n",
        OK + b"x: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)
def test_what_is_no_answer_is_tried_again(response):
    outcome = outcome_of(once(response))
    assert isinstance(outcome, RetryLater)
    assert outcome.delay == 1.0


def test_a_receiver_that_says_nothing_is_given_its_time_only():
    def silent(receiver, connection):
        receiver.stopped.wait(20)

    assert outcome_of(silent, timeout=0.2) == RetryLater(1.0, "ReadTimeoutError")


@pytest.mark.parametrize("body", [b"", b"ok"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_connection_serves_many_messages_until_it_was_idle_for_a_while(body, chunked):
    clock = Clock()
    framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    extra = {"transfer-encoding": "chunked", "content-length": "0"} if chunked else {}

    def respond(request):
        return 200, framed if chunked else body, extra

    with recording_server(respond) as server, delivery_to(server.url, clock=clock) as delivery:
        connections = []
        for idle in (0, 0, 60, 0):
            clock.now += idle
            assert delivery.deliver(DOCUMENT, 1, clock.now) == Done()
            connections.append(server.connections)
    assert connections == [1, 1, 2, 2]
    assert len(server.requests) == 4


def certificate_of(name, folder):
    """A file with a self-signed certificate of a host name and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = serialization.PrivateFormat.PKCS8
    file.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption())
    )
    return file


@pytest.fixture
def secure(tmp_path):
    """A receiver with a certificate for receiver.example; the names that clients asked for."""
    file = certificate_of("receiver.example", tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    asked = []
    context.sni_callback = lambda connection, name, _: asked.append(name)

    def answer(connection):
        receiver.read_request(connection)
        connection.sendall(OK + b"content-length: 0\r\n\r\n")

    with Receiver(answer, context) as receiver:
        receiver.file, receiver.asked = str(file), asked
        yield receiver


@pytest.mark.parametrize("host", ["receiver.example", "receiver.example.", "RECEIVER.example"])
def test_the_certificate_is_the_names_though_the_connection_goes_to_an_address(secure, host):
    with delivery_to(f"https://{host}:{secure.port}", cafile=secure.file) as delivery:
        assert delivery.deliver(DOCUMENT, 1, Clock().now) == Done()
    assert secure.asked == ["receiver.example"]


@pytest.mark.parametrize("settings", [{"host": "other.example"}, {"cafile": None}])
def test_another_certificate_is_not_accepted(secure, settings):
    host = settings.get("host", "receiver.example")
    cafile = settings.get("cafile", secure.file)
    with delivery_to(f"https://{host}:{secure.port}", cafile=cafile) as delivery:
        assert delivery.deliver(DOCUMENT, 1, Clock().now) == RetryLater(1.0, "SSLError")
