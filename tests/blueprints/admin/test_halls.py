"""Buildings, weeks, special days, agencies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from mpp.audit import AuditEntry
from mpp.tenancy.region import Region
from tenants.hall.models import AgencyPresence, Hall
from tests.blueprints.admin.conftest import Look
from tests.support.client import Browser
from tests.support.forms import complaint, save, values

Logged = Callable[[str], list[AuditEntry]]


def test_a_building_is_changed_and_shown(
    admin: Browser, browse: Callable[..., Browser], logged: Logged, look: Look[Hall]
) -> None:
    page = save(admin, "/admin/gedung/1/ubah", name="MPP Belakang Balok", phone="0752 123", latitude="-0,30512",
        facilities="Musala\nParkir luas", running_text="Selamat datang",
    )  # fmt: skip
    assert page.status == 302
    words = browse("bukittinggi").get("/mpp").words()
    assert "MPP Belakang Balok" in words and "Parkir luas" in words
    hall = look(lambda session: session.get_one(Hall, 1))
    assert hall.latitude == pytest.approx(-0.30512) and hall.running_text == "Selamat datang"
    (entry,) = logged("hall.edit")
    assert entry.data["after"]["name"] == "MPP Belakang Balok" and "address" not in entry.data["after"]


def test_wrong_facts_of_a_building_are_named(admin: Browser) -> None:
    page = save(admin, "/admin/gedung/1/ubah", name=" ", latitude="utara", address="Jalan Baru 1")
    assert page.status == 422
    assert "Tulis nama gedung." in complaint(page, "name")
    assert "Tulis derajat" in complaint(page, "latitude")
    assert page.all("input", name="latitude")[0].get("value") == "utara"
    assert page.all("input", name="address")[0].get("value") == "Jalan Baru 1"


def test_the_only_building_stays_in_use(admin: Browser, browse: Callable[..., Browser]) -> None:
    seen = values(admin.get("/admin/gedung/1/ubah"), "/admin/gedung/1/ubah")["seen"]
    unticked = {"seen": seen, "name": "MPP", "address": "Jalan Perwira"}
    page = admin.post("/admin/gedung/1/ubah", unticked)
    assert page.status == 422 and "satu-satunya gedung" in complaint(page, "active")
    second = save(admin, "/admin/gedung/tambah", name="MPP Kedua", address="Jalan Kedua")
    assert second.status == 302 and (second.location or "").startswith("/admin/gedung/")
    assert admin.post("/admin/gedung/1/ubah", unticked).status == 302
    assert "MPP Kedua" in browse("bukittinggi").get("/mpp").words()


def test_the_week_is_changed_with_a_break(
    admin: Browser, browse: Callable[..., Browser], logged: Logged
) -> None:
    page = save(admin, "/admin/gedung/1/jam",
        **{
            "day1-opens": "7.30", "day1-closes": "16.00", "day1-break_starts": "12.00", "day1-break_ends": "13.00",
            "day6-opens": "08.00", "day6-closes": "11.00", "day5-opens": "", "day5-closes": "",
            "day5-break_starts": "", "day5-break_ends": "", "hours_note": "Jumat tutup untuk sementara.",
        },
    )  # fmt: skip
    assert page.status == 302
    words = browse("bukittinggi").get("/mpp").words()
    assert "07.30" in words and "11.00" in words and "12.00" in words
    (entry,) = logged("hall.hours")
    assert entry.data["after"]["1"] == ["07:30", "16:00", "12:00", "13:00"]
    assert "5" in entry.data["before"] and "5" not in entry.data["after"]


def test_every_wrong_day_is_named_at_once(admin: Browser, logged: Logged) -> None:
    page = save(admin, "/admin/gedung/1/jam",
        **{
            "day1-closes": "07.00", "day2-break_starts": "12.00", "day3-opens": "", "day4-break_starts": "14.00",
            "day4-break_ends": "16.00", "day6-opens": "8 pagi", "day7-break_starts": "12.00",
        },
    )  # fmt: skip
    assert page.status == 422
    assert "8 pagi" in [e.get("value") for e in page.all("input")]
    assert "Sabtu, Buka: Tulis jam" in complaint(page, "day6-opens")
    page = save(admin, "/admin/gedung/1/jam",
        **{
            "day1-closes": "07.00", "day2-break_starts": "12.00", "day3-opens": "", "day4-break_starts": "14.00",
            "day4-break_ends": "16.00", "day7-break_starts": "12.00",
        },
    )  # fmt: skip
    assert "Senin, Tutup: Jam tutup" in complaint(page, "day1-closes")
    assert "Selasa, Istirahat selesai" in complaint(page, "day2-break_ends")
    assert "Rabu, Buka" in complaint(page, "day3-opens")
    assert "Kamis" in complaint(page, "day4-break_starts")
    assert "Hari tutup tidak punya istirahat" in complaint(page, "day7-opens")
    assert logged("hall.hours") == []


def test_a_closure_closes_the_portal_and_can_be_taken_back(
    admin: Browser, browse: Callable[..., Browser], bukittinggi: Region, logged: Logged
) -> None:
    today = bukittinggi.today()
    # Otherwise open: on a day that is closed every week, nobody needs to be told.
    hours = {f"day{today.isoweekday()}-opens": "08.00", f"day{today.isoweekday()}-closes": "15.00"}
    assert save(admin, "/admin/gedung/1/jam", **hours).status == 302
    fields = {"kind": "closed", "starts_on": f"{today}", "ends_on": "", "reason": "Listrik padam"}
    assert save(admin, "/admin/gedung/1/hari-khusus", **fields).status == 302
    assert "Listrik padam" in browse("bukittinggi").get("/mpp").words()
    assert "Listrik padam" in admin.get("/admin").words()
    assert admin.submit("/admin/gedung/1/hari-khusus", "/hapus").status == 302
    assert "Listrik padam" not in browse("bukittinggi").get("/mpp").words()
    assert logged("hall.closure")[0].data["starts_on"] == f"{today}"
    assert logged("hall.closure_removed")[0].data["reason"] == "Listrik padam"


def test_wrong_special_days_are_named(admin: Browser, bukittinggi: Region) -> None:
    today = bukittinggi.today()
    base = {"kind": "closed", "starts_on": f"{today}", "reason": "Rapat"}
    sunday = today + dt.timedelta(days=7 - today.isoweekday())
    cases = [
        ({"starts_on": ""}, "starts_on", "Isi tanggal mulai."),
        ({"starts_on": "besok"}, "starts_on", "Tulis tanggal"),
        ({"ends_on": f"{today - dt.timedelta(days=1)}"}, "ends_on", "sesudah tanggal mulai"),
        ({"ends_on": f"{today + dt.timedelta(days=800)}"}, "ends_on", "Periksa tahunnya"),
        ({"reason": ""}, "reason", "Tulis alasannya"),
        ({"kind": "open", "starts_on": f"{sunday}"}, "starts_on", "tidak punya jam buka mingguan"),
    ]
    for changes, field, sentence in cases:
        page = save(admin, "/admin/gedung/1/hari-khusus", **{**base, **changes})
        assert page.status == 422 and sentence in complaint(page, field), changes
    page = save(admin, "/admin/gedung/1/hari-khusus", **{**base, "kind": "lain"})
    assert page.status == 422


def test_an_agency_comes_changes_and_goes(
    admin: Browser, browse: Callable[..., Browser], look: Look[int], logged: Logged
) -> None:
    page = admin.get("/admin/gedung/1/instansi/tambah")
    slug = next(o.get("value") for o in page.all("option") if o.get("value"))
    wrong = save(admin, "/admin/gedung/1/instansi/tambah", agency="tidak-ada", local_name="Sementara")
    assert wrong.status == 422 and "Pilih instansi" in complaint(wrong, "agency")
    assert wrong.all("input", name="local_name")[0].get("value") == "Sementara"
    assert save(admin, "/admin/gedung/1/instansi/tambah", agency=slug, weekdays=["2"]).status == 302
    address = f"/admin/gedung/1/instansi/{slug}"
    assert save(admin, address, local_name="Bank Nagari", weekdays=["1", "2"]).status == 302
    assert "Bank Nagari" in browse("bukittinggi").get("/instansi").words()
    bad = save(admin, address, opens="10.00", closes="09.00")
    assert bad.status == 422 and "Jam selesai" in complaint(bad, "closes")
    assert admin.submit(address, "/keluarkan").location == "/admin/gedung/1"
    assert admin.get(address).status == 404
    assert look(lambda session: session.query(AgencyPresence).count()) > 10
    assert [len(logged(f"agency.{verb}")) for verb in ("add", "edit", "remove")] == [1, 1, 1]


def test_an_agency_with_counters_is_not_taken_out(admin: Browser) -> None:
    page = admin.submit("/admin/gedung/1/instansi/imigrasi", "/keluarkan")
    assert page.location == "/admin/gedung/1/instansi/imigrasi"
    assert "Loket 12 masih milik" in admin.get(page.location).words()


def test_two_admins_and_one_week(admin: Browser, browse: Callable[..., Browser]) -> None:
    other = browse("bukittinggi", as_="admin")
    old = values(other.get("/admin/gedung/1/jam"), "/admin/gedung/1/jam")
    save(admin, "/admin/gedung/1/jam", **{"day1-closes": "14.00"})
    page = other.post("/admin/gedung/1/jam", old)
    assert page.status == 422 and "Orang lain mengubah data ini" in page.words()
