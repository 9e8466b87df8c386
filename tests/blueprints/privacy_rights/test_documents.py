"""A document sent with a correction: opened for a purpose, given back, ended; refused with the words kept."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from mpp.database.session import read, write
from mpp.jobs import run
from mpp.outbox import OutboxEntry
from mpp.privacy.retention import batch
from mpp.settings import Settings
from mpp.storage.models import StoredFile
from mpp.storage.service import DELETE, EXTENSION
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.privacy.models import RightsRequest
from tenants.queueing.policies import new_key
from tenants.queueing.service import take_ticket
from tests.blueprints.privacy_rights.test_guest import by_phone
from tests.support.client import Browser, Page
from tests.support.files import EICAR, pdf, scanned
from tests.support.hall import at, open_always

PHONE, OTHER = "0812-9999-0012", "0812-9999-0013"
FORM = "/data-saya/isi/perbaikan"
Browse = Callable[..., Browser]


@pytest.fixture
def guest(app: Platform, browse: Browse, bukittinggi: Region) -> Browser:
    with at(app, bukittinggi):
        open_always()
        take_ticket("ktp-el-baru", "Uji Nama", PHONE, new_key(), "web")
        take_ticket("ktp-el-baru", "Uji Lain", OTHER, new_key(), "web")
    browser = browse("bukittinggi")
    by_phone(browser)
    return browser


def send(browser: Browser, content: bytes, wanted: str = "Uji Benar") -> Page:
    return browser.submit(FORM, hal="holder", menjadi=wanted, berkas=(io.BytesIO(content), "KTP saya.pdf"))


def kept(app: Platform, region: Region) -> list[StoredFile]:
    with at(app, region), read() as session:
        return list(session.scalars(select(StoredFile)))


def lies(app: Platform, file: StoredFile) -> bool:
    """Whether something lies in the store under the name of a file."""
    every = app.extensions[EXTENSION].store.names("", dt.datetime.max.replace(tzinfo=dt.UTC))
    return file.name in set(every)


def finish(app: Platform, region: Region) -> None:
    """Do what waits for the store."""
    run.configure(lambda: app)
    with at(app, region), read() as session:
        due = session.scalars(
            select(OutboxEntry.id).where(OutboxEntry.kind == DELETE, OutboxEntry.done_at.is_(None))
        ).all()
    for outbox_id in due:
        assert run.run_outbox(region.id, outbox_id) == run.Fate.DONE


def test_a_document_is_opened_for_a_purpose_that_its_owner_reads(
    app: Platform, browse: Browse, bukittinggi: Region, guest: Browser
) -> None:
    content = pdf()
    assert send(guest, content).location == "/data-saya/isi"
    (file,) = kept(app, bukittinggi)
    admin = browse("bukittinggi", as_="admin")
    page = f"/admin/hak-data/{file.subject.removeprefix('request:')}"
    door = f"{page}/berkas/{file.id}"
    assert f"Berkas {file.id}: PDF" in admin.get(page).words()
    refused = admin.post(door)
    assert refused.status == 422 and "Pilih dahulu untuk apa" in refused.words()
    opened = admin.post(door, {"untuk": "correct"})
    assert opened.status == 200 and opened.response.get_data() == content
    assert opened.response.headers["Content-Disposition"] == f'attachment; filename="berkas-{file.id}.pdf"'
    # No other request's page leads to it, and nobody else's hand.
    assert admin.post(f"/admin/hak-data/999/berkas/{file.id}", {"untuk": "correct"}).status == 404
    assert browse("bukittinggi", as_="petugas").post(door, {"untuk": "correct"}).status == 403
    assert browse("banyuwangi", as_="admin").post(door, {"untuk": "correct"}).status == 404

    words = guest.get("/data-saya/isi").words()
    assert "Berkas unggahan" in words and "Membetulkan data yang salah" in words and "KTP saya" not in words
    told = json.loads(guest.post("/data-saya/isi/unduh/json").text)
    (held,) = next(kind for kind in told["kinds"] if kind["kind"] == "files")["records"]
    assert held["type"] == "PDF"
    assert guest.get(f"/data-saya/isi/berkas/{file.id}").response.get_data() == content
    stranger = browse("bukittinggi")
    by_phone(stranger, OTHER)
    assert stranger.get(f"/data-saya/isi/berkas/{file.id}").status == 404


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"MZ program", "Jenis berkas ini tidak diterima"), (b"%PDF-1.7 rusak", "PDF rusak"),
     (b"", "Berkas itu kosong")],
)  # fmt: skip
def test_a_refused_document_keeps_what_was_typed(
    app: Platform, bukittinggi: Region, guest: Browser, content: bytes, words: str
) -> None:
    page = send(guest, content, "Nama Panjang Sekali")
    assert page.status == 422 and words in page.words() and "Nama Panjang Sekali" in page.words()
    assert kept(app, bukittinggi) == []
    with at(app, bukittinggi), read() as session:
        assert session.scalars(select(RightsRequest)).all() == []


def large(browser: Browser, path: str, size: int) -> int:
    """Post a body with a file of so many bytes, made by hand: the client would spool it; return the status."""
    head = b'--grenze\r\nContent-Disposition: form-data; name="berkas"; filename="x.pdf"\r\n\r\n'
    body = head + b"%PDF-" + bytes(size) + b"\r\n--grenze--\r\n"
    answer = browser.client.post(
        path, data=body, base_url=browser.base, content_type="multipart/form-data; boundary=grenze"
    )
    return answer.status_code


def test_a_file_a_little_too_large_keeps_what_was_typed(
    guest: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mpp.storage.kinds.MOST_BYTES", 1000)
    page = send(guest, b"%PDF-" + bytes(2000), "Nama Panjang Sekali")
    assert page.status == 422 and "Berkas terlalu besar" in page.words() and "Nama Panjang" in page.words()


def test_a_good_file_is_asked_for_again_when_the_words_are_refused(guest: Browser) -> None:
    page = send(guest, pdf(), "")
    assert page.status == 422 and "Pilih lagi berkasnya" in page.words()


def test_only_this_door_takes_large_bodies(guest: Browser) -> None:
    # Beyond the door's measure nothing is read (413); below it the form is, which has no token here (400).
    assert large(guest, "/data-saya", 5 * 2**20) == 413
    assert large(guest, FORM, 12 * 2**20) == 400
    assert large(guest, FORM, 17 * 2**20) == 413


def test_a_virus_is_refused_at_the_door(app: Platform, bukittinggi: Region, guest: Browser) -> None:
    with scanned(app):
        page = send(guest, pdf() + EICAR)
        assert page.status == 422 and "mengandung virus" in page.words()
        assert send(guest, pdf()).status == 303
    (file,) = kept(app, bukittinggi)
    assert file.scanned_at is not None


def test_it_goes_with_the_person_and_with_a_wish_taken_back(
    app: Platform, bukittinggi: Region, guest: Browser
) -> None:
    send(guest, pdf())
    (file,) = kept(app, bukittinggi)
    assert guest.post(f"/data-saya/isi/perbaikan/{file.subject.removeprefix('request:')}/batal").status == 303
    assert kept(app, bukittinggi) == []
    send(guest, pdf())
    (again,) = kept(app, bukittinggi)
    assert lies(app, file) and lies(app, again)
    assert "Berkas unggahan" in guest.get("/data-saya/isi/berhenti").words()
    guest.post("/data-saya/isi/hapus", {"paham": "ya"})
    assert kept(app, bukittinggi) == []
    finish(app, bukittinggi)
    assert not lies(app, file) and not lies(app, again)


def test_its_time_ends_it_but_never_before_the_decision(
    app: Platform, bukittinggi: Region, guest: Browser, settings: Settings
) -> None:
    send(guest, pdf())
    now = dt.datetime.now(tz=dt.UTC)
    with at(app, bukittinggi), write() as session:
        assert batch(session, bukittinggi, now + dt.timedelta(days=80))[0].get("stored_file") is None
        session.execute(
            update(RightsRequest).values(state="refused", decided_at=now, answer="Tidak cukup bukti")
        )
    with at(app, bukittinggi), write() as session:
        assert batch(session, bukittinggi, now + dt.timedelta(days=29))[0].get("stored_file") is None
    (file,) = kept(app, bukittinggi)
    assert lies(app, file)
    with at(app, bukittinggi), write() as session:
        assert batch(session, bukittinggi, now + dt.timedelta(days=31))[0]["stored_file"] == 1
    assert kept(app, bukittinggi) == []
    finish(app, bukittinggi)
    assert not lies(app, file)
