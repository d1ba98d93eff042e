"""A small identity provider in a process of its own: signed tokens by code, and nothing that costs time.

The person's part (being recognised, and the provider's signature over the token) is done before the
measuring begins, by ``POST /signera`` with a JSON list of claims, answered by a list of codes. What is
measured asks only ``POST /token``, which hands out the token of a code once.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import RSAKey

from sambruk.operations.ports import LOOPBACK, any_free


class Provider:
    """Its key and the tokens that wait for their codes."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://{LOOPBACK}:{port}"
        self._key = RSAKey.generate_key(2048, {"kid": "bench", "use": "sig"})
        self._tokens: dict[str, str] = {}

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """Return status and JSON."""
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
            }
        if path == "/jwks":
            return 200, {"keys": [self._key.as_dict(private=False)]}
        if path == "/signera" and method == "POST":
            return 200, [self._sign(claims) for claims in json.loads(body)]
        if path == "/token" and method == "POST":
            token = self._tokens.pop(parse_qs(body.decode())["code"][0], None)
            if token is None:
                return 400, {"error": "invalid_grant"}
            return 200, {"access_token": "unused", "token_type": "Bearer", "id_token": token}
        return 404, {}

    def _sign(self, claims: dict[str, Any]) -> str:
        code = secrets.token_urlsafe(12)
        header = {"alg": "RS256", "kid": "bench"}
        self._tokens[code] = jwt.encode(header, {"iss": self.issuer, **claims}, self._key)
        return code


async def _serve(port: int) -> None:
    provider = Provider(port)

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                method, path, _ = head.split(" ", 2)
                lengths = [
                    line.partition(":")[2]
                    for line in head.split("\r\n")
                    if line.lower().startswith("content-length:")
                ]
                body = await reader.readexactly(int(lengths[0])) if lengths else b""
                status, found = provider.answer(method, path, body)
                content = json.dumps(found).encode()
                writer.write(
                    f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\n"
                    f"Content-Length: {len(content)}\r\n\r\n".encode()
                    + content
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(client, LOOPBACK, port, limit=1 << 22)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


@contextmanager
def provider() -> Iterator[str]:
    """Run the provider in another process; gives its issuer."""
    port = any_free()
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "sambruk.operations.bench.provider", str(port)], stdout=subprocess.PIPE
    )
    try:
        if process.stdout is None or process.stdout.readline().strip() != b"ready":
            raise RuntimeError("the provider did not start")
        yield f"http://{LOOPBACK}:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
