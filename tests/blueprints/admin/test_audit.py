"""The log tells what was done in sentences, filtered and page by page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from mpp import audit
from mpp.audit import SYSTEM, Actor, actor
from mpp.database.session import write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.client import Browser
from tests.support.forms import save
from tests.support.hall import at


def test_acts_stand_there_as_sentences(admin: Browser, bukittinggi: Region) -> None:
    save(admin, "/admin/layanan/kia", daily_quota="40", weekdays=["1", "3"])
    save(admin, "/admin/gedung/1/jam", **{"day1-closes": "14.00"})
    day = f"{bukittinggi.today()}"
    save(admin, "/admin/gedung/1/hari-khusus", kind="closed", starts_on=day, reason="Listrik padam")
    admin.post("/admin/loket/12/jeda", {"reason": "Istirahat salat"})
    save(admin, "/admin/petugas/undang", email="uji@kota.contoh", role="officer")
    words = admin.get("/admin/catatan").words()
    for sentence in (
        "Admin daerah (contoh) mengubah ketentuan daerah layanan Kartu identitas anak (KIA)",
        "Kuota per hari: kosong → 40",
        "Hari: kosong → Senin, Rabu",
        "Senin: 08.00 sampai 15.00 → 08.00 sampai 14.00",
        "menambah hari tutup di Mal Pelayanan Publik Kota Bukittinggi",
        "Listrik padam",
        "menjeda loket 12",
        "Keterangan: Istirahat salat",
        "mengundang petugas baru (tautan untuk uji@kota.contoh)",
    ):
        assert sentence in words, sentence


def test_the_log_is_filtered_by_person_thing_and_day(admin: Browser, bukittinggi: Region) -> None:
    admin.post("/admin/layanan/kia/nonaktifkan")
    admin.post("/admin/loket/12/jeda", {"reason": "x"})
    today = bukittinggi.today()
    assert "menonaktifkan layanan" not in admin.get("/admin/catatan?jenis=counter").words()
    assert "menjeda" in admin.get("/admin/catatan?jenis=counter").words()
    assert "menjeda" in admin.get("/admin/catatan?oleh=Admin+daerah+(contoh)").words()
    assert "menjeda" in admin.get(f"/admin/catatan?dari={today}&sampai={today}").words()
    yesterday = today - dt.timedelta(days=1)
    assert "Tidak ada catatan yang cocok" in admin.get(f"/admin/catatan?sampai={yesterday}").words()
    # As far as a date field goes, in both directions.
    assert "menjeda" in admin.get("/admin/catatan?dari=0001-01-01&sampai=9999-12-31").words()
    assert "menjeda" in admin.get("/admin/catatan?oleh=siapa&jenis=%25&halaman=x&dari=kapan").words()


def test_a_long_log_has_pages(app: Platform, admin: Browser, bukittinggi: Region) -> None:
    with at(app, bukittinggi), write() as session:
        token = actor.set(Actor("staff", 1, "Penguji"))
        for number in range(120):
            audit.record(
                session, action="counter.pause", subject="counter:1", data={"note": f"nomor {number}."}
            )
        actor.reset(token)
    first = admin.get("/admin/catatan?oleh=Penguji")
    assert (
        "120 catatan" in first.words() and "nomor 119." in first.words() and "nomor 69." not in first.words()
    )
    link = next(link for link in first.links() if "halaman=2" in link)
    assert "oleh=Penguji" in link
    assert "nomor 69." in admin.get(link).words()
    last = admin.get("/admin/catatan?oleh=Penguji&halaman=99")
    assert "nomor 0." in last.words() and "Halaman 3 dari 3" in last.words()


def test_an_act_without_a_sentence_is_still_readable(
    app: Platform, admin: Browser, bukittinggi: Region
) -> None:
    with at(app, bukittinggi), write() as session:
        audit.record(session, action="something.very_new", subject="thing:7")
    words = admin.get("/admin/catatan").words()
    assert f"{SYSTEM.name} something: very new (thing nomor 7)" in words


def test_the_neighbour_has_a_log_of_its_own(admin: Browser, browse: Callable[..., Browser]) -> None:
    admin.post("/admin/layanan/kia/nonaktifkan")
    assert "menonaktifkan layanan" not in browse("banyuwangi", as_="admin").get("/admin/catatan").words()
