"""Where files lie: a folder or S3, by one address. What lies there is sealed; the store needs no secret of ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

from obstore.store import LocalStore, S3Store

from mpp.settings import Settings, SettingsError

FOLDER = "files"
PIECE = 256 * 1024


class Store:
    """Named sealed files. Names begin with the region's folder; see `folder`."""

    def __init__(self, store: LocalStore | S3Store) -> None:
        self._store = store

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """Store a new file; a name is never used twice."""
        self._store.put(name, b"".join(pieces), mode="create")

    def get(self, name: str) -> Iterator[bytes]:
        """Return a file in pieces. Raises FileNotFoundError."""
        for piece in self._store.get(name).stream(min_chunk_size=PIECE):
            yield bytes(piece)

    def delete(self, name: str) -> None:
        """Remove a file; one that is gone is no error."""
        try:
            self._store.delete(name)
        except FileNotFoundError:
            return

    def names(self, folder: str, before: dt.datetime) -> Iterator[str]:
        """Return the names in a folder that were stored before a moment (aware)."""
        for page in self._store.list(prefix=folder):
            for entry in page:
                if entry["last_modified"] < before:
                    yield entry["path"]


def folder(region_id: int) -> str:
    """Return the folder of a region's files."""
    return f"region-{region_id}"


def open_store(settings: Settings) -> Store:
    """Return the store named by MPP_STORAGE_URL, or a folder in the data folder. Raises SettingsError.

    S3: s3://bucket/prefix; keys, region and endpoint come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
    AWS_REGION and AWS_ENDPOINT_URL, as every S3 tool has them.
    """
    url = settings.storage_url
    if url is None:
        return Store(LocalStore(settings.data_dir / FOLDER, mkdir=True))
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path:
        return Store(LocalStore(unquote(parts.path), mkdir=True))
    if parts.scheme == "s3" and parts.netloc:
        return Store(S3Store(parts.netloc, prefix=parts.path.strip("/") or None))
    raise SettingsError(f"MPP_STORAGE_URL tidak dikenal: {url} (file:///folder atau s3://bucket/awalan)")
