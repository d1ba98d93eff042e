"""A tile server of our own: pictures in the map scheme {z}/{x}/{y}, over HTTP, on a port of its own."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image, ImageDraw

SIZE = 256
_PATH = re.compile(r"/([0-9]{1,2})/([0-9]{1,7})/([0-9]{1,7})\.png")


@dataclass
class Tiles:
    """A running tile server and what was asked of it (zoom, column, row)."""

    port: int
    asked: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address as it is configured."""
        return f"http://127.0.0.1:{self.port}/{{z}}/{{x}}/{{y}}.png"


def picture_of(zoom: int, column: int, row: int) -> bytes:
    """Return a tile as PNG: a frame with its own numbers, so that a picture shows which is where."""
    shade = 226 + (column + row) % 2 * 14
    image = Image.new("RGB", (SIZE, SIZE), (shade, shade, 210))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SIZE - 1, SIZE - 1), outline=(150, 150, 130))
    draw.text((12, 12), f"{zoom}/{column}/{row}", fill=(90, 90, 80))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@contextmanager
def tile_server(port: int = 0) -> Iterator[Tiles]:
    """Serve tiles until the block ends; without a port on a free one."""
    tiles = Tiles(port)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            match = _PATH.fullmatch(self.path)
            if match is None:
                self.send_error(404)
                return
            zoom, column, row = (int(part) for part in match.groups())
            tiles.asked.append((zoom, column, row))
            body = picture_of(zoom, column, row)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    tiles.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield tiles
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
