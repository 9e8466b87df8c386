"""A small server that speaks S3 over HTTP: what a bucket is asked for by our store, and nothing that nobody signed."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

KEY = "kunci-uji"


@dataclass(slots=True)
class Bucket:
    """What lies in it by name, with the moment it came; and each request as it came."""

    objects: dict[str, tuple[bytes, dt.datetime]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    url: str = ""
    # Names on one page of a listing.
    page: int = 1000


class _Talk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def bucket(self) -> Bucket:
        return self.server.bucket  # type: ignore[attr-defined]  # ours

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name = self._name()
        if name is None:
            return
        if self.headers.get("If-None-Match") == "*" and name in self.bucket.objects:
            self._refuse(412, "PreconditionFailed")
            return
        self.bucket.objects[name] = body, dt.datetime.now(tz=dt.UTC)
        self._answer(200, b"", ETag=_etag(body))

    def do_GET(self) -> None:
        name = self._name()
        if name == "":
            self._list(parse_qs(urlsplit(self.path).query))
        elif name is not None:
            self._give(name)

    def do_POST(self) -> None:
        """Removing several at once, which is how one is removed too; one that is gone counts as removed."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self._name() is None:
            return
        names = re.findall(r"<Key>([^<]+)</Key>", body)
        for name in names:
            self.bucket.objects.pop(name, None)
        told = "".join(f"<Deleted><Key>{name}</Key></Deleted>" for name in names)
        self._answer(200, f"<DeleteResult>{told}</DeleteResult>".encode())

    def _name(self) -> str | None:
        """The object's name, None (and a refusal) for a request that is not signed with our key for our bucket."""
        path = unquote(urlsplit(self.path).path)
        self.bucket.seen.append(f"{self.command} {path}")
        signed = self.headers.get("Authorization", "")
        if not signed.startswith(f"AWS4-HMAC-SHA256 Credential={KEY}/"):
            self._refuse(403, "AccessDenied")
            return None
        bucket, _slash, name = path.lstrip("/").partition("/")
        if bucket != "berkas":
            self._refuse(404, "NoSuchBucket")
            return None
        return name

    def _give(self, name: str) -> None:
        found = self.bucket.objects.get(name)
        if found is None:
            self._refuse(404, "NoSuchKey")
            return
        body, at = found
        self._answer(200, body, ETag=_etag(body), **{"Last-Modified": f"{at:%a, %d %b %Y %H:%M:%S} GMT"})

    def _list(self, asked: dict[str, list[str]]) -> None:
        prefix, after = asked.get("prefix", [""])[0], asked.get("continuation-token", [""])[0]
        names = sorted(name for name in self.bucket.objects if name.startswith(prefix) and name > after)
        some = names[: self.bucket.page]
        entries = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(self.bucket.objects[name][0])}</Size>"
            f"<LastModified>{self.bucket.objects[name][1]:%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
            for name in some
        )
        more = len(names) > len(some)
        token = f"<NextContinuationToken>{escape(some[-1])}</NextContinuationToken>" if more else ""
        self._answer(
            200, f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{entries}"
            "</ListBucketResult>".encode(),
        )  # fmt: skip

    def _refuse(self, status: int, code: str) -> None:
        self._answer(status, f"<Error><Code>{code}</Code></Error>".encode())

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Quiet."""


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


@contextmanager
def bucket() -> Iterator[Bucket]:
    """Run the server on a free port of this machine."""
    found = Bucket()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Talk) as server:
        server.bucket = found  # type: ignore[attr-defined]  # read by each request
        found.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
