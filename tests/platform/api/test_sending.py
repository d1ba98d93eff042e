"""The sending itself, over real sockets and real TLS: who answers must be who the name says."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sambruk.platform.api.webhooks import sending


def certificate(folder: Path, name: str) -> Path:
    """Write a certificate that signs itself, with its key, and return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    try:
        other: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        other = x509.DNSName(name)
    at = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([other]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    file = folder / f"{name}.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture(params=["localhost", "other.example"])
def secured(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, str, list[str]]]:
    """A TLS server with a certificate for a name: that name, the address, and the names it was asked for."""
    file = certificate(tmp_path, request.param)
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    def heard(_socket: object, name: str | None, _context: object) -> None:
        asked.append(name or "")

    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    serving.sni_callback = heard
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = serving.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr(sending, "_tls", lambda: ssl.create_default_context(cafile=str(file)))
    yield request.param, f"https://localhost:{server.server_address[1]}/", asked
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_the_certificate_is_the_names_though_the_address_is_connected_to(
    secured: tuple[str, str, list[str]],
) -> None:
    name, url, asked = secured
    if name == "localhost":
        assert sending.post(url, body=b"{}", headers={"Content-Type": "application/json"}) == 200
    else:
        with pytest.raises(sending.ReceiverDown):
            sending.post(url, body=b"{}", headers={})
    assert asked == ["localhost"]


def test_a_certificate_that_nobody_vouches_for(
    secured: tuple[str, str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_tls", ssl.create_default_context)
    with pytest.raises(sending.ReceiverDown):
        sending.post(secured[1], body=b"{}", headers={})


def test_a_name_that_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    with pytest.raises(sending.ReceiverDown):
        sending.post("https://nowhere.example/", body=b"", headers={})
