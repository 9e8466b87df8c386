"""Files to try the doors with, and a scanner that speaks clamd's protocol."""

from __future__ import annotations

import dataclasses
import io
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pikepdf
from PIL import Image

from mpp.storage.clamd import Clamd
from mpp.storage.service import EXTENSION
from mpp.web.flask import Platform

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def picture(kind: str = "JPEG", size: tuple[int, int] = (600, 400), **options: object) -> bytes:
    image = Image.new("RGB", size, (200, 30, 60))
    image.paste((10, 200, 90), (0, 0, size[0] // 2, size[1] // 2))
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pdf(change: object = None) -> bytes:
    """A one-page PDF, changed by `change(document)`."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    if callable(change):
        change(document)
    buffer = io.BytesIO()
    document.save(buffer, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return buffer.getvalue()


class Scanner(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Speaks INSTREAM as clamd does; knows one virus and takes at most `limit` bytes."""

    daemon_threads = True
    allow_reuse_address = True
    limit = 8 * 2**20
    answer: bytes | None = None
    seen: list[bytes]


class Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server: Scanner = self.server  # type: ignore[assignment]
        assert self.rfile.read(10) == b"zINSTREAM\0"
        whole = b""
        while length := struct.unpack("!I", self.rfile.read(4))[0]:
            whole += self.rfile.read(length)
        server.seen.append(whole)
        if server.answer is not None:
            answer = server.answer
        elif len(whole) > server.limit:
            answer = b"INSTREAM size limit exceeded. ERROR"
        elif EICAR in whole:
            answer = b"stream: Eicar-Test-Signature FOUND"
        else:
            answer = b"stream: OK"
        self.wfile.write(answer + b"\0")


@contextmanager
def scanning() -> Iterator[Scanner]:
    """Run a scanner on a free port of this machine."""
    server = Scanner(("127.0.0.1", 0), Talk)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def scanned(app: Platform) -> Iterator[Scanner]:
    """Let an app ask such a scanner of every upload."""
    with scanning() as server:
        before = app.extensions[EXTENSION]
        clamd = Clamd(f"tcp://127.0.0.1:{server.server_address[1]}")
        app.extensions[EXTENSION] = dataclasses.replace(before, scanner=clamd)
        try:
            yield server
        finally:
            app.extensions[EXTENSION] = before
