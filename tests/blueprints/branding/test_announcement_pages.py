"""Announcements through their pages: written here, read on the portal within their days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from mpp.tenancy.region import Region
from tests.support.client import Browser, Page

Browse = Callable[..., Browser]
LIST, NEW = "/admin/pengumuman", "/admin/pengumuman/baru"
DAY = dt.timedelta(days=1)


def write(admin: Browser, **fields: Any) -> Page:
    return admin.submit(NEW, NEW, **({"title": "MPP tutup 17 Agustus", "body": "Buka lagi Selasa."} | fields))


def address(admin: Browser, title: str) -> str:
    return next(a.get("href") or "" for a in admin.get(LIST).all("a") if (a.text or "") == title)


def test_written_changed_hidden_and_removed_shows_on_the_next_request(browse: Browse) -> None:
    admin, citizen = browse("bukittinggi", as_="admin"), browse("bukittinggi")
    assert "MPP tutup 17 Agustus" not in citizen.get("/").text
    assert write(admin).location == LIST
    assert "MPP tutup 17 Agustus" in citizen.get("/").words()
    assert "MPP tutup 17 Agustus" not in browse("banyuwangi").get("/").text
    path = address(admin, "MPP tutup 17 Agustus")
    assert admin.submit(path, path, title="MPP tutup sehari", kind="important").location == LIST
    assert "MPP tutup sehari" in citizen.get("/").words()
    fields = {
        "title": "MPP tutup sehari",
        "body": "x",
        "kind": "info",
        "starts_on": "2026-01-01",
        "hall_id": "",
    }
    assert admin.post(path, fields).location == LIST
    assert "MPP tutup sehari" not in citizen.get("/").words()
    assert "Disembunyikan" in admin.get(LIST).words()
    assert admin.post(f"{path}/hapus").location == LIST
    assert admin.get(path).status == 404


@pytest.mark.parametrize(
    ("first", "last", "shown", "word"),
    [
        (0, 0, True, "Tayang"),
        (-3, -1, False, "Selesai"),
        (1, None, False, "Terjadwal"),
        (-1, None, True, "Tayang"),
    ],
)
def test_it_shows_within_its_days_of_the_region(
    browse: Browse, bukittinggi: Region, first: int, last: int | None, shown: bool, word: str
) -> None:
    admin, today = browse("bukittinggi", as_="admin"), bukittinggi.today()
    ends = "" if last is None else (today + last * DAY).isoformat()
    assert write(admin, starts_on=(today + first * DAY).isoformat(), ends_on=ends).status == 302
    assert ("MPP tutup 17 Agustus" in browse("bukittinggi").get("/").words()) is shown
    assert word in admin.get(LIST).words()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "Isi judul pengumuman."),
        ("body", "", "Isi pengumumannya."),
        ("starts_on", "kemarin", "Tulis tanggal yang benar."),
        ("starts_on", "", "Isi hari pertama."),
        ("ends_on", "2020-01-01", "Hari terakhir tidak boleh sebelum hari pertama."),
        ("hall_id", "999", "Pilih gedung dari daftar."),
        ("hall_id", "abc", "Pilih gedung dari daftar."),
        ("kind", "iklan", "Pilih biasa atau penting."),
        ("title_en", "Closed", "atau kosongkan keduanya."),
    ],
)
def test_wrong_entries_come_back_with_a_sentence(
    browse: Browse, field: str, value: str, sentence: str
) -> None:
    page = write(browse("bukittinggi", as_="admin"), **{field: value})
    assert page.status == 422
    assert sentence in page.words()


def test_what_is_written_is_text_and_never_markup(browse: Browse) -> None:
    admin = browse("bukittinggi", as_="admin")
    write(admin, title="<script>alert(1)</script>", body="<img src=x>")
    for page in (browse("bukittinggi").get("/"), admin.get(LIST)):
        assert "&lt;script&gt;alert(1)" in page.text and "<script>alert" not in page.text


def test_only_this_regions_admins_enter(browse: Browse) -> None:
    admin = browse("banyuwangi", as_="admin")
    for number in range(3):
        write(admin, title=f"Dari Banyuwangi {number}")
    path = address(admin, "Dari Banyuwangi 2")
    officer, neighbour = browse("banyuwangi", as_="petugas"), browse("bukittinggi", as_="admin")
    assert {officer.get(p).status for p in (LIST, NEW, path)} == {403}
    assert {officer.post(p).status for p in (NEW, path, f"{path}/hapus")} == {403}
    assert "Dari Banyuwangi" not in neighbour.get(LIST).text
    assert "Dari Banyuwangi" not in neighbour.get(path).text
    neighbour.post(f"{path}/hapus")
    assert "Dari Banyuwangi 2" in admin.get(LIST).words()
    assert {admin.post(p, csrf=False).status for p in (NEW, path, f"{path}/hapus")} == {400}
