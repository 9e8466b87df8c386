"""Answering with a file of a person's: after a permission check, never kept by a browser, never run."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, abort

from mpp.crypto.disclosure import Why
from mpp.storage.errors import FileMissingError
from mpp.storage.service import May, open_file


def send_file(file_id: int, may: May, *, why: Why | None = None) -> Response:
    """Return a file of the region at hand as a response, 404 when it is not there or not for this person.

    `may` looks at the file's row (`subject`, `purpose`) and says whether the person at hand may have it; every view
    that gives out files must bring one. `why` names the purpose when it is another person's, and is logged.
    """
    try:
        opened = open_file(file_id, may, why=why)
        # The first piece now: a broken file is an error page, not half an answer.
        first = next(opened.pieces)
    except (FileMissingError, FileNotFoundError):
        abort(404)

    def pieces() -> Iterator[bytes]:
        yield first
        yield from opened.pieces

    response = Response(pieces(), mimetype=opened.file.content_type)
    response.headers["Content-Length"] = str(opened.file.size)
    response.headers["Content-Disposition"] = f'attachment; filename="{opened.name}"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
