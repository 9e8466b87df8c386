"""Marked people go through every door; afterwards their values lie open nowhere, however things went wrong."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from fpdf import FPDF
from redis import Redis
from sqlalchemy import select

from mpp.citizens.models import Citizen
from mpp.database.session import central_read, central_write, read, write
from mpp.jobs import run
from mpp.jobs.handlers import clocked
from mpp.jobs.relay import due, offer, queue
from mpp.observability import configure_logs
from mpp.outbox import post
from mpp.settings import Settings
from mpp.storage.models import StoredFile
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing.models import Ticket
from tests.attack import marks
from tests.attack.marks import (
    CARD,
    EMAIL,
    NAME,
    NIK,
    OTHER_NAME,
    OTHER_NIK,
    OTHER_PHONE,
    PASSWORD,
    PHONE,
    REASON,
    WISH,
)  # fmt: skip
from tests.support.citizens import Walker
from tests.support.client import Browser, Page, shown_code
from tests.support.fresh import sql
from tests.support.hall import at, open_always
from tests.support.kiosk import let_in

SERVICE = "ktp-el-baru"
TAKE = f"/antrean/ambil?layanan={SERVICE}"
Browse = Callable[..., Browser]


class Ear:
    """Hears every answer that anybody gets: addresses, cookies, headers, and pages of errors."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.cookies: list[str] = []

    def hear(self, page: Page) -> None:
        """Note what of a mark stands where the next machine or person on the way can read it."""
        request = page.response.request
        sent = {
            "address": request.url,
            "target": page.location or "",
            "headers": "\n".join(f"{n}: {v}" for n, v in page.response.headers if n != "Set-Cookie"),
        }
        if page.document is not None:
            sent["links"] = "\n".join(
                value
                for e in page.document.iter()
                for n, value in e.attrib.items()
                if n in {"href", "src", "action"}
            )
        # What was typed comes back in its field, to whoever typed it: 422. No other refusal repeats anything.
        if page.status >= 400 and page.status != 422:
            sent["page of an error"] = page.text
        for where, text in sent.items():
            self.wrong += [
                f"{request.path} {page.status} {where}: {name}" for name in sorted(marks.found(text))
            ]
        self.cookies += page.response.headers.getlist("Set-Cookie")


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    heard, plain = Ear(), Browser._page

    def listening(browser: Browser, response: Any) -> Page:
        page = plain(browser, response)
        heard.hear(page)
        return page

    monkeypatch.setattr(Browser, "_page", listening)
    return heard


@pytest.fixture
def answering(app: Platform, bukittinggi: Region) -> Iterator[Platform]:
    with at(app, bukittinggi):
        open_always()
    app.testing = False
    run.configure(lambda: app)
    yield app
    app.testing = True
    structlog.reset_defaults()


def test_marked_people_lie_open_nowhere(
    answering: Platform, bukittinggi: Region, settings: Settings, browse: Browse, ear: Ear,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    app = answering
    logged = ""
    configure_logs(json=True)
    codes, citizen = _citizen(app, browse)
    _staff(app, bukittinggi, browse)
    codes += _rights(app, bukittinggi, browse, citizen)
    logged += "".join(capfd.readouterr())
    configure_logs(json=False)
    _trouble(app, settings, bukittinggi, browse)
    _jobs(app, bukittinggi, settings)
    logged += "".join(capfd.readouterr())

    schemas = (bukittinggi.schema, "platform", "public")
    wrong = [f"table {line}" for line in marks.in_tables(settings, schemas, codes)]
    wrong += [f"valkey {line}" for line in marks.in_valkey(settings.valkey_url)]
    wrong += [f"file {line}" for line in marks.on_disk(settings.data_dir)]
    wrong += [f"kept page {line}" for line in marks.in_kept_pages()]
    wrong += marks.in_cookies(app, ear.cookies)
    wrong += ear.wrong
    lines = logged.splitlines()
    wrong += [f"log {sorted(names)}: {line[:300]}" for line in lines if (names := marks.found(line))]
    wrong += [f"log code: {line[:300]}" for line in lines for code in codes if marks.code_in(code, line)]
    assert not wrong, "\n".join(wrong)
    assert '"event": "request"' in logged and "route=" in logged and "Traceback" in logged
    assert (settings.data_dir / "pg" / "log" / "postgres.log").stat().st_size


def _citizen(app: Platform, browse: Browse) -> tuple[list[str], Browser]:
    """An account with NIK, e-mail, a child, a family card and a power; a number at a region.

    Returns the codes that were sent, and the browser at the region.
    """
    centre = browse()
    centre.submit("/akun/masuk", "/akun/masuk", hp=PHONE)
    code = shown_code(centre.get("/akun/kode"))
    wrong = "000000" if code != "000000" else "111111"
    assert centre.submit("/akun/kode", "/akun/kode", code=wrong).status == 422
    assert centre.submit("/akun/kode", "/akun/kode", code=code).location == "/akun/daftar/nama"
    assert centre.submit("/akun/daftar/nama", "/akun/daftar/nama", name=NAME, nik=NIK).location == "/akun"
    child = {
        "name": OTHER_NAME,
        "relation": "anak",
        "birth_year": "2018",
        "nik": OTHER_NIK,
        "own": "tidak",
        "stated": "y",
    }
    assert centre.submit("/akun/keluarga/tambah", "/keluarga/tambah", **child).status == 303
    assert centre.submit("/akun/keluarga/kk", "/kk", card=CARD, stated="y").status == 303
    assert centre.submit("/akun/surel", "/surel", email=EMAIL).status == 303
    power = {
        "name": OTHER_NAME,
        "phone": OTHER_PHONE,
        "what": "semua",
        "region": "",
        "reason": REASON,
        "agreed": "y",
    }
    assert centre.submit("/akun/kuasa/beri", "/kuasa/beri", **power).status == 303
    for path in ("/akun", "/akun/kuasa", "/akun/keluarga", "/akun/data"):
        assert centre.get(path).status == 200
    for kind in ("json", "pdf"):
        assert centre.post(f"/akun/data/unduh/{kind}").status == 200
    with app.app_context(), central_read() as session:
        citizen = session.scalars(select(Citizen.id).order_by(Citizen.id.desc())).first()
    assert citizen
    walker = Walker(app, citizen, {"localhost": centre})
    assert walker.enter("bukittinggi", nik=True).status == 200
    region = walker.at("bukittinggi.localhost")
    assert region.submit(TAKE, "/antrean/ambil", nama=NAME, hp=PHONE).status == 303
    assert region.submit(TAKE, "/antrean/ambil", nama=NAME * 20, hp="0812 9999 44x71").status == 422
    for path in ("/", "/layanan", "/antrean", "/warga", "/mpp"):
        region.get(path)
    return [code], region


def _staff(app: Platform, region: Region, browse: Browse) -> None:
    """Desk, kiosk, officer and helper mode; somebody who signs in with what is not an account."""
    guest = browse("bukittinggi")
    assert (
        guest.submit(TAKE, "/antrean/ambil", nama=OTHER_NAME, hp=OTHER_PHONE.replace("-", " ")).status == 303
    )
    desk = browse("bukittinggi", as_="resepsionis")
    give = f"/resepsionis/beri?layanan={SERVICE}"
    desk.submit(give, "/resepsionis/beri", nama=NAME, hp="+62" + PHONE.replace("-", "")[1:])
    desk.submit("/bantu", "/bantu", nama=OTHER_NAME, hp=OTHER_PHONE, alasan="elderly", setuju="y")
    desk.post("/resepsionis/cari", {"nomor": PHONE})
    desk.get("/resepsionis")
    kiosk = browse("bukittinggi")
    let_in(app, region, kiosk)
    for typed in (PHONE, NIK, NAME):
        kiosk.post("/kios/utama/sudah-punya", {"nomor": typed})
    officer = browse("bukittinggi", as_="petugas")
    with at(app, region), read() as session:
        tickets = list(session.scalars(select(Ticket.id).where(Ticket.phone_index.is_not(None))))
    for ticket in tickets:
        officer.get(f"/loket/nomor/{ticket}/hp")
        officer.post(f"/loket/nomor/{ticket}/hp", {"untuk": "call"})
    for slug, path in (("bukittinggi", "/masuk"), (None, "/masuk")):
        browse(slug).submit(path, path, email=EMAIL, password=PASSWORD)


def _rights(app: Platform, region: Region, browse: Browse, citizen: Browser) -> list[str]:
    """Corrections with a letter, by a citizen and by a guest; what is held, taken along; the desk that answers."""
    assert citizen.submit("/warga/data/perbaikan", hal="other", menjadi=WISH, berkas=_letter()).status == 303
    guest = browse("bukittinggi")
    assert guest.submit("/data-saya", hp=OTHER_PHONE).location == "/data-saya/kode"
    code = shown_code(guest.get("/data-saya/kode"))
    assert guest.submit("/data-saya/kode", code=code).status == 303
    broken = io.BytesIO(b"%PDF- " + marks.DOCUMENT.encode()), "Zulmarka.pdf"
    form = "/data-saya/isi/perbaikan"
    assert guest.submit(form, hal="holder", menjadi=OTHER_NAME, berkas=broken).status == 422
    assert guest.submit(form, hal="holder", menjadi=OTHER_NAME, berkas=_letter()).status == 303
    for browser, home in ((citizen, "/warga/data"), (guest, "/data-saya/isi")):
        page = browser.get(home)
        assert page.status == 200
        for kind in ("json", "pdf"):
            assert browser.post(f"{home}/unduh/{kind}").status == 200
        (letter,) = {link for link in page.links() if "/berkas/" in link}
        assert marks.found(browser.get(letter).response.get_data()) >= {"document"}
    desk = browse("bukittinggi", as_="admin")
    assert desk.post("/admin/hak-data/cari", {"nik": NIK, "untuk": "asked"}).status == 200
    with at(app, region), read() as session:
        files = session.execute(select(StoredFile.id, StoredFile.subject)).all()
    assert len(files) == 2
    for file_id, subject in files:
        wish = f"/admin/hak-data/{subject.partition(':')[2]}"
        assert desk.get(wish).status == 200
        assert desk.post(f"{wish}/berkas/{file_id}", {"untuk": "correct"}).status == 200
        assert desk.post(wish, {"keputusan": "kabul", "jawaban": WISH}).status == 303
    return [code]


def _letter() -> tuple[io.BytesIO, str]:
    """A letter as a browser sends it, its owner's name in the name of the file."""
    paper = FPDF()
    paper.set_compression(False)
    paper.add_page()
    paper.set_font("helvetica")
    paper.cell(text=marks.DOCUMENT)
    content = bytes(paper.output())
    assert marks.found(content) >= {"document"}
    return io.BytesIO(content), "Zulmarka Cetakbiru KTP.pdf"


def _trouble(app: Platform, settings: Settings, region: Region, browse: Browse) -> None:
    """A crash in the database whose words repeat the row; wrong addresses, a lost database, a form without token."""
    # Opened before the trouble begins, as forms are.
    guest = browse("bukittinggi")
    form = dict(guest_form(guest))
    with sql(settings) as connection:
        connection.execute(
            f"ALTER TABLE {region.schema}.ticket ADD CONSTRAINT planted"
            " CHECK (holder NOT LIKE 'Zulmarka%') NOT VALID".encode()
        )
    page = guest.post("/antrean/ambil", {**form, "nama": NAME, "hp": PHONE})
    assert page.status == 500, page.words()
    with sql(settings) as connection:
        connection.execute(f"ALTER TABLE {region.schema}.ticket DROP CONSTRAINT planted".encode())
    assert guest.post("/antrean/ambil", {**form, "nama": NAME, "hp": PHONE}, csrf=False).status == 400
    assert (
        guest.post("/antrean/ambil", {**form, "layanan": "tidak-ada", "nama": NAME, "hp": PHONE}).status
        == 404
    )
    with sql(settings) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE %s AND pid <> pg_backend_pid()",
            (f"{settings.role_prefix}%",),
        )
    assert guest.post("/antrean/ambil", {**form, "nama": NAME, "hp": PHONE}).status in {303, 422, 503}


def guest_form(guest: Browser) -> Iterator[tuple[str, str]]:
    """The fields of the form for a number as it stands, with its small work done."""
    from tests.support.client import _values
    from tests.support.proof import work

    values = dict(_values(guest.get(TAKE).form("/antrean/ambil")))
    if values.get("lahir"):
        values["bukti"] = work(values["lahir"])
    yield from ((name, value) for name, value in values.items() if name != "csrf_token")


def _jobs(app: Platform, region: Region, settings: Settings) -> None:
    """Everything that waits and everything the clock starts: offered to the queue, then done."""
    for place in (region, None):
        if place:
            with at(app, place), write() as session:
                for entry in clocked(place):
                    post(session, entry.kind)
        else:
            with app.app_context(), central_write() as session:
                for entry in clocked(None):
                    post(session, entry.kind)
        rows = due(app, place)
        assert rows
        with Redis.from_url(settings.valkey_url) as valkey:
            offer(queue(valkey), place, rows)
        for row, _attempts in rows:
            run.run_outbox(place.id if place else None, row)


def test_the_search_finds_what_lies_open(
    app: Platform, bukittinggi: Region, settings: Settings, tmp_path: Any
) -> None:
    """The same search, where a mark was left in each kind of place."""
    with sql(settings) as connection:
        connection.execute(
            f"INSERT INTO {bukittinggi.schema}.outbox (kind, payload) VALUES ('x', %s)".encode(),
            (json.dumps({"a": NIK, "c": "481516"}),),
        )
    assert marks.in_tables(settings, (bukittinggi.schema,), ["481516"]) == [
        f"{bukittinggi.schema}.outbox: code", f"{bukittinggi.schema}.outbox: nik",
    ]  # fmt: skip
    with Redis.from_url(settings.valkey_url) as valkey:
        queue(valkey).enqueue_call("os.getpid", args=(PHONE,), ttl=5)
        assert marks.in_valkey(settings.valkey_url)
        valkey.flushdb()
    (tmp_path / "x").write_bytes(b"\0" + NAME.encode().hex().encode())
    assert marks.on_disk(tmp_path) == ["x: name"]
    assert marks.in_cookies(app, [f"sesi={PHONE}; Path=/"]) == ["cookie sesi: phone"]
    assert not marks.found("Siti 0812-••••-••71 1375••••••••0001")
