"""Numbers given at the desk: found, given once, printed, and refused with all that was typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from mpp.database.session import read, write
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.hall.models import Hall
from tenants.queueing.models import Ticket, TicketEvent
from tenants.services.models import RegionService
from tests.support.client import Browser, Page
from tests.support.hall import at

Browse = Callable[..., Browser]
SERVICE = "ktp-el-baru"
GIVE = f"/resepsionis/beri?layanan={SERVICE}"


def tickets(app: Platform, region: Region) -> list[Ticket]:
    with at(app, region), read() as session:
        return list(session.scalars(select(Ticket).order_by(Ticket.id)))


def checked(page: Page, name: str) -> str | None:
    return next(f.get("value") for f in page.all("input", name=name) if f.get("checked") is not None)


def test_a_receptionist_arrives_at_the_desk(open_hall: Region, browse: Browse) -> None:
    page = browse("bukittinggi").submit(
        "/masuk", email="resepsionis@bukittinggi.contoh", password="contoh-sandi-2026"
    )
    assert page.location == "/resepsionis"


def test_the_desk_lists_services_by_agency_and_finds_them_in_everyday_words(desk: Browser) -> None:
    page = desk.get("/resepsionis")
    assert f"/resepsionis/beri?layanan={SERVICE}" in page.links()
    assert "orang menunggu" in page.words() and "Loket" in page.words()
    found = desk.get("/resepsionis?q=bikin+ktp+ilang")
    assert "/resepsionis/beri?layanan=ktp-el-penggantian" in found.links()
    assert "Tidak ada yang cocok" in desk.get("/resepsionis?q=zzzzqqq").words()


def test_a_number_with_class_and_several_services(desk: Browser, app: Platform, open_hall: Region) -> None:
    answer = desk.submit(
        GIVE, "/resepsionis/beri", nama="Bu Ani", hp="0812 3456 7890", golongan="elderly", lalu="kk-baru"
    )
    assert answer.status == 303
    page = desk.get(answer.location or "")
    assert "A-001" in page.words() and "Lansia" in page.words() and "diberikan" in page.words()
    assert "Nomor diberikan di meja resepsionis" in page.words() and "oleh" in page.words()
    assert page.all("figure", class_="qr") and "0812-••••-••90" in page.words()
    (ticket,) = tickets(app, open_hall)
    assert (ticket.channel, ticket.priority_class, ticket.holder) == ("reception", "elderly", "Bu Ani")
    assert len(ticket.visit_services) == 2
    with at(app, open_hall), read() as session:
        event = session.scalars(select(TicketEvent)).one()
    assert (event.kind, event.actor_kind) == ("issue", "staff")


def test_name_and_phone_may_stay_empty_and_two_presses_make_one(
    desk: Browser, app: Platform, open_hall: Region
) -> None:
    form = desk.get(GIVE).form("/resepsionis/beri")
    values = {
        f.get("name") or "": f.get("value") or "" for f in form.iter("input") if f.get("type") != "radio"
    }
    values["golongan"] = "biasa"
    first, again = (desk.post("/resepsionis/beri", values, csrf=False) for _press in range(2))
    assert first.status == again.status == 303 and first.location == again.location
    (ticket,) = tickets(app, open_hall)
    assert ticket.holder == "Tanpa nama"
    assert "Tidak ada" in desk.get(f"/resepsionis/nomor/{ticket.id}").words()


def test_bad_input_comes_back_with_all_that_was_typed(
    desk: Browser, app: Platform, open_hall: Region
) -> None:
    page = desk.submit(GIVE, "/resepsionis/beri", nama="Bu Ani", hp="12", golongan="infant", lalu2="kk-baru")
    assert page.status == 422 and "Nomor HP tidak dikenali" in page.words()
    assert page.all("input", id="nama")[0].get("value") == "Bu Ani"
    assert page.all("input", id="hp")[0].get("value") == "12"
    assert checked(page, "golongan") == "infant"
    chosen = [
        o.get("value")
        for o in page.all("select", name="lalu2")[0].iter("option")
        if o.get("selected") is not None
    ]
    assert chosen == ["kk-baru"]
    for fields in ({"nama": "…"}, {"nama": "x" * 61}, {"golongan": "raja"}):
        assert desk.submit(GIVE, "/resepsionis/beri", **fields).status == 422
    assert desk.submit(GIVE, "/resepsionis/beri", kunci="pendek").status == 409
    assert tickets(app, open_hall) == []


def test_what_is_not_offered_says_why_and_when(desk: Browser, app: Platform, open_hall: Region) -> None:
    with at(app, open_hall), write() as session:
        # The day after tomorrow: tomorrow's numbers are given from an hour before midnight on.
        on = (current_region().today().isoweekday() + 1) % 7 + 1
        session.execute(
            update(RegionService).where(RegionService.service.has(slug=SERVICE)).values(weekdays=[on])
        )
    page = desk.get(GIVE)
    assert "Nomor belum bisa diberikan sekarang" in page.words() and "Nomor dibuka lagi" in page.words()
    assert "Hari ini layanan ini tidak ada" in desk.get("/resepsionis").words()


def test_an_unknown_service_is_no_page(desk: Browser) -> None:
    assert desk.get("/resepsionis/beri?layanan=tidak-ada").status == 404
    assert desk.get("/resepsionis/beri").location == "/resepsionis"
    assert (
        desk.post(
            "/resepsionis/beri", {"layanan": "tidak-ada", "kunci": "k" * 24, "golongan": "biasa"}
        ).status
        == 404
    )


def test_the_hall_is_chosen_and_remembered(desk: Browser, app: Platform, open_hall: Region) -> None:
    with at(app, open_hall), write() as session:
        session.add(Hall(slug="gedung-dua", name="Gedung Dua", address="Jalan Uji 2"))
    assert "Gedung Dua" in desk.get("/resepsionis").words()
    page = desk.get("/resepsionis?gedung=gedung-dua")
    assert "Nomornya diberikan di gedung lain" in page.words()
    assert f"/resepsionis/beri?layanan={SERVICE}" not in page.links()
    assert f"/resepsionis/beri?layanan={SERVICE}" not in desk.get("/resepsionis").links(), "remembered"
    assert desk.get("/resepsionis?gedung=tidak-ada").status == 200


def test_paper_of_both_sizes(desk: Browser) -> None:
    answer = desk.submit(GIVE, "/resepsionis/beri")
    path = (answer.location or "").partition("?")[0]
    small, large = desk.get(f"{path}/cetak"), desk.get(f"{path}/cetak?ukuran=a6")
    assert small.all("article", class_="slip slip-80") and large.all("article", class_="slip slip-a6")
    assert desk.get(f"{path}/cetak?ukuran=b4").all("article", class_="slip slip-80")
    assert "A-001" in small.words() and "Jangan lewat calo" in large.words()


@pytest.mark.parametrize("who", ["petugas", None])
def test_others_may_not_enter(open_hall: Region, browse: Browse, who: str | None) -> None:
    browser = browse("bukittinggi", as_=who)
    wanted = {403} if who else {302, 401}
    for path in ("", "/isi", "/bantuan", "/cari", "/beri", "/nomor/1", "/nomor/1/cetak", "/lembar-darurat"):
        assert browser.get(f"/resepsionis{path}").status in wanted
    for path in ("/beri", "/nomor/1/batal", "/bantuan/1", "/lembar-darurat", "/lembar-darurat/1"):
        assert browser.post(f"/resepsionis{path}").status in wanted


def test_the_admin_may_enter_and_forms_need_their_token(desk: Browser, browse: Browse) -> None:
    admin = browse("bukittinggi", as_="admin")
    assert admin.get("/resepsionis").status == 200
    assert "/resepsionis" in admin.get("/admin").links()
    for path in ("/beri", "/nomor/1/batal", "/bantuan/1", "/lembar-darurat", "/lembar-darurat/1"):
        assert desk.post(f"/resepsionis{path}", {"x": "1"}, csrf=False).status == 400
