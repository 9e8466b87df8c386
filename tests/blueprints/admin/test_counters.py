"""Counters: rules of numbers and letters, opening and closing, the end of a counter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest

from mpp.audit import AuditEntry
from mpp.database.session import read
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.catalogue.models import Service
from tenants.hall.models import Counter
from tenants.queueing import desk, presence, service, taking
from tenants.queueing.models import Ticket
from tests.support.client import Browser
from tests.support.forms import complaint, save, shown, values
from tests.support.hall import at, counters_of, open_always, seat

Logged = Callable[[str], list[AuditEntry]]
NEW = "/admin/gedung/1/loket/tambah"


@pytest.fixture
def hall(app: Platform, bukittinggi: Region) -> Iterator[None]:
    """Inside region A, open day and night."""
    with at(app, bukittinggi):
        open_always()
        yield


def take(slug: str = "paspor") -> Ticket:
    return taking.take_ticket(slug, "Uji", None, f"kunci-{slug}-uji-000000", "web")


def test_a_counter_is_added_and_starts_closed(
    admin: Browser, logged: Logged, app: Platform, bukittinggi: Region
) -> None:
    page = admin.get(NEW)
    assert shown(page, "number") == "27" and shown(page, "prefix") == "W"
    paspor = _service_id(app, bukittinggi, "paspor")
    page = save(admin, NEW, name="Imigrasi 2", agency="imigrasi", prefix="g", services=[str(paspor)])
    assert page.location == "/admin/gedung/1", page.words()
    assert "Imigrasi 2" in admin.get("/admin/gedung/1").words()
    (entry,) = logged("counter.create")
    assert entry.data["number"] == 27 and entry.data["after"]["prefix"] == "G"
    with at(app, bukittinggi), read() as session:
        assert session.query(Counter).filter_by(number=27).one().state == "closed"


def test_a_letter_belongs_to_one_agency_and_a_service_has_one_letter(
    admin: Browser, app: Platform, bukittinggi: Region
) -> None:
    page = save(admin, NEW, name="Loket baru", agency="imigrasi", prefix="A")
    assert page.status == 422 and "Huruf A milik Disdukcapil" in complaint(page, "prefix")
    assert shown(page, "name") == "Loket baru"
    paspor = _service_id(app, bukittinggi, "paspor")
    page = save(admin, NEW, name="Imigrasi 2", agency="imigrasi", prefix="W", services=[str(paspor)])
    assert page.status == 422 and "sudah memakai huruf G di loket 12" in complaint(page, "prefix")


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"number": "12"}, "number", "sudah dipakai loket"),
        ({"number": "dua"}, "number", "Tulis angka bulat"),
        ({"number": ""}, "number", "Isi nomor loket."),
        ({"name": ""}, "name", "Tulis nama loket."),
        ({"prefix": "AB"}, "prefix", "Isi satu huruf A sampai Z."),
        ({"prefix": "7"}, "prefix", "Isi satu huruf A sampai Z."),
        ({"agency": ""}, "agency", "Pilih instansi dari daftar."),
        ({"agency": "tidak-ada"}, "agency", "Pilih instansi dari daftar."),
        ({"services": ["9999"]}, "services-0", "Pilih dari daftar."),
        ({"services": ["x"]}, "services-0", "Pilih dari daftar."),
        ({"officers": ["9999"]}, "officers-0", "Pilih dari daftar."),
    ],
)  # fmt: skip
def test_wrong_counters_are_named(
    admin: Browser, changes: dict[str, object], field: str, sentence: str
) -> None:
    fields = {"name": "Loket baru", "agency": "imigrasi", "prefix": "W", **changes}
    page = save(admin, NEW, **fields)
    assert page.status == 422 and sentence in complaint(page, field)


def test_a_counter_is_changed_and_its_officers_named(
    admin: Browser, browse: Callable[..., Browser], logged: Logged
) -> None:
    page = save(admin, "/admin/loket/12", name="Paspor", officers=["2"])
    assert page.location == "/admin/gedung/1", page.words()
    assert "12 Paspor" in admin.get("/admin/gedung/1").words()
    assert "Paspor" in browse("bukittinggi").get("/layanan/paspor").words()
    (entry,) = logged("counter.edit")
    assert entry.data["after"]["name"] == "Paspor" and "prefix" not in entry.data["after"]
    assert save(admin, "/admin/loket/12").status == 302 and len(logged("counter.edit")) == 1


def test_a_switched_off_service_keeps_its_counter(admin: Browser, app: Platform, bukittinggi: Region) -> None:
    admin.post("/admin/layanan/paspor/nonaktifkan")
    assert "(nonaktif)" in admin.get("/admin/loket/12").words()
    assert save(admin, "/admin/loket/12", name="Tetap").status == 302
    with at(app, bukittinggi):
        assert [counter.number for counter in counters_of("paspor")] == [12]


def test_two_admins_and_one_counter(admin: Browser, browse: Callable[..., Browser]) -> None:
    other = browse("bukittinggi", as_="admin")
    old = values(other.get("/admin/loket/12"), "/admin/loket/12") | {"agency": "imigrasi"}
    save(admin, "/admin/loket/12", name="Yang pertama")
    page = other.post("/admin/loket/12", old | {"name": "Yang kedua"})
    assert page.status == 422 and "Orang lain mengubah data ini" in page.words()
    assert "Yang pertama" in admin.get("/admin/gedung/1").words()


def test_a_counter_is_paused_opened_and_closed(admin: Browser, logged: Logged) -> None:
    admin.post("/admin/loket/12/jeda", {"reason": "Istirahat salat"})
    words = admin.get("/admin/loket/12").words()
    assert "Dijeda" in words and "Istirahat salat" in words
    admin.post("/admin/loket/12/buka")
    assert "Istirahat salat" not in admin.get("/admin/loket/12").words()
    admin.post("/admin/loket/12/tutup", {"reason": "Hari ini tidak hadir"})
    assert "Tutup" in admin.get("/admin/loket/12").words()
    assert [len(logged(f"counter.{verb}")) for verb in ("pause", "open", "close")] == [1, 1, 1]
    assert logged("counter.pause")[0].data["note"] == "Istirahat salat"


def test_people_at_a_counter_keep_it_open(admin: Browser, hall: None, logged: Logged) -> None:
    take()
    counter = counters_of("paspor")[0]
    officer = seat(counter.id)
    ticket = service.call_next(counter.id, officer)
    assert ticket is not None
    path = f"/admin/loket/{counter.id}"
    for word in ("tutup", "pensiunkan", "hapus"):
        page = admin.post(f"{path}/{word}", {"reason": "Pulang"})
        assert page.location == path
        message = admin.get(path).words()
        assert "sedang melayani G-001" in message or "pernah melayani orang" in message, word
    admin.post(f"{path}/jeda", {"reason": "Sebentar"})
    assert "Dijeda" in admin.get(path).words()
    service.start(ticket.id, officer)
    service.complete(ticket.id, officer)
    desk.close(counter.id, officer)
    assert "tidak bisa dihapus" in admin.get(path).words()
    assert admin.post(f"{path}/hapus").location == path
    assert admin.post(f"{path}/pensiunkan").location == "/admin/gedung/1"
    assert "sudah dipensiunkan" in admin.get(path).words()
    assert admin.post(f"{path}/buka").location == path
    assert "tidak bisa diubah lagi" in admin.get(path).words()
    assert len(logged("counter.retire")) == 1 and not logged("counter.delete")
    page = save(admin, NEW, name="Baru", agency="imigrasi", prefix="G", number=f"{counter.number}")
    assert "yang sudah dipensiunkan" in complaint(page, "number")


def test_the_only_counter_of_waiting_people_is_not_retired(admin: Browser, hall: None) -> None:
    take()
    path = f"/admin/loket/{counters_of('paspor')[0].id}"
    assert "1 orang" in admin.get(path).words()
    assert admin.post(f"{path}/pensiunkan").location == path
    assert "1 orang masih menunggu" in admin.get(path).words()


def test_a_counter_never_used_is_deleted(admin: Browser, logged: Logged) -> None:
    assert admin.submit("/admin/loket/12", "/hapus").location == "/admin/gedung/1"
    assert admin.get("/admin/loket/12").status == 404
    assert logged("counter.delete")[0].data == {"number": 12}


def test_today_says_who_waits_in_vain(admin: Browser, hall: None) -> None:
    assert "Tidak ada orang yang menunggu tanpa loket" in admin.get("/admin").words()
    waits = take()
    counter = counters_of("paspor")[0]
    words = admin.get("/admin").words()
    assert "1 orang menunggu tanpa ada yang memanggil" in words and "Loket 12" in words
    officer = seat(counter.id)
    assert "tanpa ada yang memanggil" not in admin.get("/admin").words()
    desk.pause(counter.id, officer)
    assert "tanpa ada yang memanggil" in admin.get("/admin").words()
    page = save(admin, "/admin/loket/12", services=[])
    assert page.status == 422 and "1 orang masih menunggu" in complaint(page, "services-0")
    service.leave(waits.code)
    assert save(admin, "/admin/loket/12", services=[]).status == 302
    assert "1 layanan aktif belum punya loket" in admin.get("/admin").words()


def test_today_says_which_number_was_left_at_a_counter(
    admin: Browser, hall: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    take()
    counter = counters_of("paspor")[0]
    ticket = service.call_next(counter.id, seat(counter.id))
    assert ticket is not None
    assert "dibiarkan di loket" not in admin.get("/admin").words()
    monkeypatch.setattr(presence, "STANDS", dt.timedelta(0))
    words = admin.get("/admin").words()
    assert f"{ticket.label} dibiarkan di loket {counter.number}" in words and "Sudah dipanggil" in words


def _service_id(app: Platform, region: Region, slug: str) -> int:
    with at(app, region), read() as session:
        return session.query(Service).filter_by(slug=slug).one().id
