"""Keeping files of people and giving them out again: checked, sealed, and only to whom they are for."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp import audit, outbox
from mpp.crypto import disclosure
from mpp.database.session import read, write
from mpp.settings import Settings
from mpp.storage import documents, images
from mpp.storage.clamd import Clamd
from mpp.storage.errors import FileMissingError
from mpp.storage.kinds import Kind, sniff
from mpp.storage.models import StoredFile
from mpp.storage.sealing import new_key, seal, unseal
from mpp.storage.stores import Store, folder, open_store
from mpp.tenancy.region import current_region

EXTENSION = "mpp-files"
DELETE = "storage.delete"
May = Callable[[StoredFile], bool]


@dataclass(frozen=True, slots=True)
class Files:
    """Where this installation keeps files, and what looks at them first."""

    store: Store
    scanner: Clamd | None


@dataclass(frozen=True, slots=True)
class Clean:
    """A file that may be kept: its kind, its bytes as they will be kept, and when the scanner passed it."""

    kind: Kind
    data: bytes
    scanned: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that somebody may have: what it is, and its content in pieces."""

    file: StoredFile
    pieces: Iterator[bytes]

    @property
    def name(self) -> str:
        """A file name that tells nothing of its owner."""
        return f"berkas-{self.file.id}.{Kind(self.file.content_type).ending}"


def files_of(settings: Settings) -> Files:
    """Return the files of an installation. Raises SettingsError."""
    return Files(open_store(settings), Clamd(settings.clamd_url) if settings.clamd_url else None)


def current_files() -> Files:
    """Return the files of the app at hand."""
    found: Files = current_app.extensions[EXTENSION]
    return found


def scan(data: bytes, files: Files | None = None) -> dt.datetime | None:
    """Let the virus scanner see what was uploaded; return when it passed, None when none is configured.

    For every upload, whatever becomes of it. Raises FileRefusedError, ScannerAwayError.
    """
    scanner = (files or current_files()).scanner
    if scanner is None:
        return None
    scanner.scan(data)
    return dt.datetime.now(tz=dt.UTC)


def clean(data: bytes, files: Files | None = None) -> Clean:
    """Judge a file by its bytes, scan it, draw pictures anew. Raises FileRefusedError, ScannerAwayError.

    It may take seconds, so that it is done before a transaction begins.
    """
    kind = sniff(data)
    scanned = scan(data, files)
    if kind is Kind.PDF:
        documents.check(data)
    else:
        data = images.redraw(data, kind)
    return Clean(kind, data, scanned)


def keep(
    session: Session, file: bytes | Clean, *, subject: str, purpose: str, files: Files | None = None
) -> StoredFile:
    """Check, clean, seal and store a file of the region at hand, in the transaction of what it belongs to.

    `subject` is whose ("request:3"), `purpose` what for ("correction"). Raises FileRefusedError, ScannerAwayError.
    The sealed file is stored first: when the transaction fails it is noise without a key, swept away a day later.
    """
    files = files or current_files()
    checked = file if isinstance(file, Clean) else clean(file, files)
    kind, data, scanned = checked.kind, checked.data, checked.scanned
    region, key, who = current_region(), new_key(), audit.actor.get()
    name = f"{folder(region.id)}/{secrets.token_hex(16)}"
    files.store.put(name, seal(key, name, data))
    row = StoredFile(
        name=name, subject=subject, purpose=purpose, content_type=kind.value, size=len(data), key=key,
        scanned_at=scanned, actor_kind=who.kind, actor_id=who.id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def open_file(
    file_id: int, may: May, *, why: disclosure.Why | None = None, files: Files | None = None
) -> Opened:
    """Return a file of the region at hand when `may` says that the person at hand may have it.

    `why` is given when it is somebody else's, and is written down before anything is read. Raises FileMissingError,
    which does not tell a missing file from a forbidden one.
    """
    with read() as session:
        file = session.scalar(select(StoredFile).where(StoredFile.id == file_id))
        if file is None or not may(file):
            raise FileMissingError
    if why is not None:
        with write() as session:
            disclosure.note(session, subject=file.subject, field=f"file:{file.id}", why=why)
    # The place is reckoned from the region at hand: a row that names another region's file opens nothing.
    name = f"{folder(current_region().id)}/{file.name.rpartition('/')[2]}"
    pieces = unseal(file.key, name, (files or current_files()).store.get(name))
    return Opened(file, pieces)


def remove(session: Session, file: StoredFile) -> None:
    """Forget a file: with its row its key is gone at the commit; what lies in the store is removed after it."""
    outbox.post(session, DELETE, name=file.name)
    session.delete(file)


def remove_all(session: Session, ids: Sequence[int]) -> None:
    """Forget the files with these ids."""
    for file in session.scalars(select(StoredFile).where(StoredFile.id.in_(ids))).all():
        remove(session, file)
