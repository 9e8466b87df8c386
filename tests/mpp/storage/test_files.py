"""Files of people: sealed in the store, given out to whom they are for, gone when they are erased."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from mpp.audit import AuditEntry
from mpp.crypto.disclosure import Why
from mpp.database.session import read, write
from mpp.jobs.handlers import Job
from mpp.outbox import OutboxEntry
from mpp.settings import Settings, SettingsError
from mpp.storage import jobs, sealing
from mpp.storage.clamd import Clamd
from mpp.storage.errors import FileBrokenError, FileMissingError, FileRefusedError, ScannerAwayError
from mpp.storage.models import StoredFile
from mpp.storage.service import EXTENSION, Files, files_of, keep, open_file, remove
from mpp.storage.stores import open_store
from mpp.tenancy.region import Region
from mpp.web.files import send_file
from mpp.web.flask import SITE, Platform
from tests.support.files import Scanner, pdf, picture
from tests.support.fresh import rows
from tests.support.hall import at


def anybody(_file: StoredFile) -> bool:
    return True


@pytest.fixture
def here(
    app: Platform, bukittinggi: Region, stored: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Region]:
    monkeypatch.setitem(app.extensions, EXTENSION, files_of(stored))
    with at(app, bukittinggi):
        yield bukittinggi


def put(data: bytes = b"", subject: str = "ticket:1") -> StoredFile:
    with write() as session:
        return keep(session, data or pdf(), subject=subject, purpose="document")


def lying(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_what_lies_in_the_store_tells_nothing_and_comes_back_whole(here: Region, tmp_path: Path) -> None:
    data = pdf()
    file = put(data)
    (path,) = lying(tmp_path)
    assert path.parent.name == f"region-{here.id}" and file.name.endswith(path.name)
    sealed = path.read_bytes()
    assert b"PDF" not in sealed[5:] and data[:40] not in sealed
    opened = open_file(file.id, anybody)
    assert b"".join(opened.pieces) == data
    assert (opened.file.size, opened.name) == (len(data), f"berkas-{file.id}.pdf")


def test_pictures_are_kept_redrawn(here: Region) -> None:
    file = put(picture("JPEG", comment=b"rahasia"))
    content = b"".join(open_file(file.id, anybody).pieces)
    assert content.startswith(b"\xff\xd8\xff") and b"rahasia" not in content and len(content) == file.size


def test_refused_files_leave_nothing_behind(here: Region, tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(FileRefusedError):
        put(b"<html>")
    assert lying(tmp_path) == []
    assert rows(settings, f"SELECT 1 FROM {here.schema}.stored_file") == []


def test_only_who_may_gets_it_and_a_missing_one_looks_the_same(here: Region) -> None:
    file = put(subject="ticket:7")
    for ask, id_ in ((lambda f: f.subject == "ticket:8", file.id), (anybody, 999999)):
        with pytest.raises(FileMissingError, match="tidak ditemukan"):
            open_file(id_, ask)
    assert open_file(file.id, lambda f: f.subject == "ticket:7").file.id == file.id


def test_looking_at_another_persons_file_is_written_down_first(here: Region) -> None:
    file = put()
    open_file(file.id, anybody)
    with pytest.raises(FileMissingError):
        open_file(file.id, lambda _file: False, why=Why.CHECK)
    open_file(file.id, anybody, why=Why.CHECK)
    with read() as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.action == "person.show")).all()
    assert [(e.subject, e.data) for e in found] == [
        ("ticket:1", {"field": f"file:{file.id}", "purpose": "check"})
    ]


def test_a_neighbours_file_opens_nothing(
    app: Platform, here: Region, banyuwangi: Region, tmp_path: Path, settings: Settings
) -> None:
    file = put()
    with at(app, banyuwangi):
        with pytest.raises(FileMissingError):
            open_file(file.id, anybody)
        own = put(picture())
        assert own.name.startswith(f"region-{banyuwangi.id}/")
    # A row that names the neighbour's file, key and all.
    key, name = rows(settings, f"SELECT key_sealed, name FROM {here.schema}.stored_file")[0]
    rows(
        settings,
        f"UPDATE {banyuwangi.schema}.stored_file SET key_sealed = %s, name = %s RETURNING 1", key, name,
    )  # fmt: skip
    with at(app, banyuwangi), pytest.raises(Exception, match="kolom atau daerah lain"):
        open_file(own.id, anybody)


@pytest.mark.parametrize("harm", ["flip", "cut", "cut chunk", "longer", "swap", "header"])
def test_a_file_that_was_changed_in_the_store_is_not_given_out(
    here: Region, tmp_path: Path, harm: str
) -> None:
    file = put(picture("PNG", (900, 700)) + b"\0" * 10)
    (path,) = lying(tmp_path)
    data = bytearray(path.read_bytes())
    if harm == "flip":
        data[len(data) // 2] ^= 1
    elif harm == "cut":
        del data[-1:]
    elif harm == "cut chunk":
        data = data[: sealing.HEADER_BYTES]
    elif harm == "longer":
        data += b"\0" * 100
    elif harm == "swap":
        data[12:44], data[44:76] = data[44:76], data[12:44]
    else:
        data[0] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(FileBrokenError):
        list(open_file(file.id, anybody).pieces)


@given(data=st.binary(max_size=300), cut=st.integers(1, 97))
def test_sealing_gives_back_what_it_got_however_the_store_cuts_it(data: bytes, cut: int) -> None:
    chunk = sealing.CHUNK
    try:
        sealing.CHUNK = 64
        key, sealed = sealing.new_key(), b""
        sealed = b"".join(sealing.seal(key, "p", data))
        pieces = [sealed[n : n + cut] for n in range(0, len(sealed), cut)]
        assert b"".join(sealing.unseal(key, "p", pieces)) == data
        for place, short in (("q", sealed), ("p", sealed[: -min(len(sealed), 80)])):
            with pytest.raises(FileBrokenError):
                b"".join(sealing.unseal(key, place, [short]))
    finally:
        sealing.CHUNK = chunk


def test_erasing_takes_the_key_at_once_and_the_file_after(
    here: Region, tmp_path: Path, settings: Settings, stored: Settings
) -> None:
    file, other = put(), put(picture())
    with write() as session:
        remove(session, session.get_one(StoredFile, file.id))
    with pytest.raises(FileMissingError):
        open_file(file.id, anybody)
    assert len(lying(tmp_path)) == 2
    with write() as session:
        entry = session.scalars(select(OutboxEntry).where(OutboxEntry.kind == "storage.delete")).one()
        for _twice in range(2):
            jobs.delete(Job(session, entry.payload, stored, here))
        # What a row still names is not removed, nor anything outside of the region's folder.
        jobs.delete(Job(session, {"name": other.name}, stored, here))
        jobs.delete(Job(session, {"name": "region-999/x"}, stored, here))
    assert [path.name for path in lying(tmp_path)] == [other.name.rpartition("/")[2]]


def test_a_file_whose_transaction_failed_is_swept_a_day_later(
    here: Region, tmp_path: Path, stored: Settings
) -> None:
    kept = put()

    def fail_after_keeping() -> None:
        with write() as session:
            keep(session, picture(), subject="ticket:2", purpose="document")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_keeping()
    assert len(lying(tmp_path)) == 2
    with write() as session:
        jobs.sweep(Job(session, {}, stored, here))
    assert len(lying(tmp_path)) == 2
    with time_machine.travel(dt.datetime.now(tz=dt.UTC) + dt.timedelta(days=2)), write() as session:
        jobs.sweep(Job(session, {}, stored, here))
    assert [path.name for path in lying(tmp_path)] == [kept.name.rpartition("/")[2]]


def test_the_scanner_is_asked_first_and_its_absence_lets_nothing_in(
    here: Region, stored: Settings, scanner: Scanner, tmp_path: Path
) -> None:
    files = Files(open_store(stored), Clamd(f"tcp://127.0.0.1:{scanner.server_address[1]}"))
    data = picture()
    with write() as session:
        file = keep(session, data, subject="ticket:1", purpose="document", files=files)
    assert scanner.seen == [data]
    assert file.scanned_at is not None
    away = Files(files.store, Clamd("tcp://127.0.0.1:1"))
    with pytest.raises(ScannerAwayError), write() as session:
        keep(session, data, subject="ticket:1", purpose="document", files=away)
    assert len(lying(tmp_path)) == 1


def test_the_answer_is_not_kept_not_run_and_404_for_others(app: Flask, here: Region) -> None:
    file = put()
    site = app.resolver.resolve("bukittinggi.localhost")  # type: ignore[attr-defined]
    with app.test_request_context(
        "/", base_url="http://bukittinggi.localhost", environ_overrides={SITE: site}
    ):
        response = send_file(file.id, anybody)
        assert response.get_data().startswith(b"%PDF-")
        assert response.headers["Content-Disposition"] == f'attachment; filename="berkas-{file.id}.pdf"'
        assert response.headers["Cache-Control"] == "private, no-store"
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert (
            app.process_response(response).headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        )
        for ask, id_ in ((lambda _file: False, file.id), (anybody, 999999)):
            with pytest.raises(NotFound):
                send_file(id_, ask)


@pytest.mark.parametrize("url", ["http://x", "s3://", "file://", "folder"])
def test_an_unknown_store_is_said_at_the_start(settings: Settings, url: str) -> None:
    import dataclasses

    with pytest.raises(SettingsError, match="MPP_STORAGE_URL"):
        open_store(dataclasses.replace(settings, storage_url=url))
