"""Sheets for a bad day: lent, printed, typed back; one wrong line hinders no other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from mpp.audit import AuditEntry
from mpp.database.session import read
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.queueing.models import NumberLease, Ticket
from tests.support.client import Browser, Page
from tests.support.hall import at

Browse = Callable[..., Browser]
SERVICE = "ktp-el-baru"
PAPER = "/resepsionis/lembar-darurat"


def hour(app: Platform, region: Region) -> str:
    with at(app, region):
        return f"{current_region().now():%H.%M}"


@pytest.fixture
def sheet(desk: Browser, app: Platform, open_hall: Region) -> str:
    """The address where the first sheet is typed back: A-001 to A-006."""
    answer = desk.submit(PAPER, PAPER, **{"jumlah-A": "6"})
    assert answer.status == 303
    with at(app, open_hall), read() as session:
        return f"{PAPER}/{session.scalars(select(NumberLease.id)).one()}"


def numbers(app: Platform, region: Region) -> dict[int, str]:
    with at(app, region), read() as session:
        return {t.number: t.state for t in session.scalars(select(Ticket))}


def test_sheets_are_lent_and_printed(desk: Browser, app: Platform, open_hall: Region) -> None:
    answer = desk.submit(PAPER, PAPER, **{"jumlah-A": "6", "jumlah-B": "5"})
    page = desk.get(answer.location or "")
    assert "A-001 sampai A-006" in page.words() and "B-001 sampai B-005" in page.words()
    assert "Dahulukan L, D, H, B" in page.words() and len(page.all("tr")) == 6 + 5 + 2
    assert "6 belum dipakai" in desk.get(PAPER).words()
    with at(app, open_hall), read() as session:
        logged = session.scalars(select(AuditEntry).where(AuditEntry.action == "queue.lease")).all()
    assert len(logged) == 2 and all(entry.actor_kind == "staff" for entry in logged)
    words = desk.get(f"{PAPER}/cetak?blok=1&blok=999").status
    assert words == desk.get(f"{PAPER}/cetak").status == 404
    # Thousands of them, or a number that no database holds, are refused before anything is looked up.
    assert desk.get(f"{PAPER}/cetak?blok=1&" + "&".join(["blok=1"] * 3000)).status == 400
    assert desk.get(f"{PAPER}/cetak?blok={10**30}").status == 404


@pytest.mark.parametrize("text", ["4", "61", "-5", "x", "", "0"])
def test_a_bad_count_lends_nothing(desk: Browser, app: Platform, open_hall: Region, text: str) -> None:
    page = desk.submit(PAPER, PAPER, **{"jumlah-A": text})
    assert page.status == 422 and "Lembar belum dibuat" in page.words()
    with at(app, open_hall), read() as session:
        assert session.scalars(select(NumberLease)).all() == []


def test_the_right_lines_are_kept_and_the_wrong_one_stays_with_its_reason(
    desk: Browser, browse: Browse, app: Platform, open_hall: Region, sheet: str
) -> None:
    now = hour(app, open_hall)
    typed = {
        "datang-1": now, "layanan-1": SERVICE, "hasil-1": "served", "mulai-1": now, "selesai-1": now,
        "datang-2": "25.99", "layanan-2": SERVICE, "nama-2": "Pak Budi", "golongan-2": "elderly",
        "datang-3": now, "layanan-3": "", "layanan-4": SERVICE,
        "datang-5": now, "layanan-5": SERVICE, "hasil-5": "no_show", "loket-5": "999",
        "datang-6": now, "layanan-6": SERVICE,
    }  # fmt: skip
    page = desk.submit(sheet, sheet, **typed)
    assert page.status == 422
    assert numbers(app, open_hall) == {1: "completed", 6: "waiting"}
    assert "Jam “25.99” tidak dikenali" in page.words() and "Pilih layanannya" in page.words()
    assert "Isi jam datangnya" in page.words()
    assert "Loket ini tidak ada" in page.words() and "4 baris perlu diperbaiki" in page.words()
    assert shown(page, "nama-2") == "Pak Budi" and shown(page, "datang-2") == "25.99"
    assert not page.all("input", name="datang-1"), "what is kept is no field any more"
    wrong = page.all("input", id="datang-2")[0]
    assert wrong.get("aria-invalid") == "true" and wrong.get("aria-describedby") == "galat-2"
    again = desk.submit(sheet, sheet, **{"datang-2": now, "layanan-2": SERVICE, "golongan-2": "elderly"})
    assert again.status == 303 and "3 sudah diketik, 3 belum" in desk.get(sheet).words()
    assert numbers(app, open_hall) == {1: "completed", 2: "waiting", 6: "waiting"}
    assert "mengetik nomor kertas A-002" in browse("bukittinggi", as_="admin").get("/admin/catatan").words()


def test_two_people_with_the_same_sheet(
    desk: Browser, browse: Browse, app: Platform, open_hall: Region, sheet: str
) -> None:
    now = hour(app, open_hall)
    both = [desk, browse("bukittinggi", as_="admin")]
    forms = [
        {"datang-4": now, "layanan-4": SERVICE},
        {"datang-4": now, "layanan-4": SERVICE, "hasil-4": "served"},
    ]
    first, second = (who.post(sheet, form) for who, form in zip(both, forms, strict=True))
    assert first.status == 303 and second.status == 200
    assert "Sudah diketik sebelumnya. Isian yang pertama tetap berlaku." in second.words()
    assert numbers(app, open_hall) == {4: "waiting"}
    assert desk.post(sheet, forms[0]).status == 303, "the same once more needs no word"


def test_nothing_typed_changes_nothing(desk: Browser, app: Platform, open_hall: Region, sheet: str) -> None:
    assert desk.submit(sheet, sheet).status == 303
    assert "Tidak ada nomor baru" in desk.get(sheet).words()
    desk.post(sheet, {"datang-7": "9.00", "datang-99": "9.00", "hasil-1": "x" * 900})
    assert numbers(app, open_hall) == {}
    assert desk.get(f"{PAPER}/999999").status == desk.post(f"{PAPER}/999999").status == 404


def test_numbers_given_meanwhile_go_on_after_the_block(desk: Browser, sheet: str) -> None:
    answer = desk.submit(f"/resepsionis/beri?layanan={SERVICE}", "/resepsionis/beri")
    assert "A-007" in desk.get(answer.location or "").words()


def test_a_sheet_from_the_drawer_is_printed_and_typed_back(
    desk: Browser, app: Platform, open_hall: Region
) -> None:
    page = desk.get(f"{PAPER}/k/cetak?lembar=2")
    codes = [element.text for element in page.all("strong", **{"class": "num sheet-code"})]
    assert len(set(codes)) == 2 and "K-36" in page.words() and "Dipakai tanggal" in page.words()
    assert desk.get(f"{PAPER}/k").location == f"{PAPER}#lembar-k"
    assert desk.get(f"{PAPER}/k?kode={codes[0]}&hari=2020-01-01").status == 303
    assert desk.get(f"{PAPER}/k?kode={codes[0]}&hari=x").status == 303
    now = hour(app, open_hall)
    with at(app, open_hall):
        day = current_region().today().isoformat()
    path = f"{PAPER}/k?kode={codes[0]}&hari={day}"
    typed = {"datang-1": now, "layanan-1": SERVICE, "datang-2": "25.99", "layanan-2": SERVICE}
    page = desk.submit(path, path, **typed)
    assert page.status == 422 and "tidak dikenali" in page.words() and shown(page, "datang-2") == "25.99"
    assert "sekarang A-001" in page.words() and numbers(app, open_hall) == {1: "waiting"}
    assert desk.post(path, {"datang-1": now, "layanan-1": SERVICE}).status == 303, "the same needs no word"
    other = desk.post(path, {"datang-1": "0.00" if now != "00.00" else "0.01", "layanan-1": SERVICE})
    assert "Sudah diketik sebelumnya" in other.words(), "a copied sheet loses nobody silently"


def shown(page: Page, name: str) -> str | None:
    return page.all("input", name=name)[0].get("value")


def test_a_whole_sheet_of_the_longest_kind_is_typed_back_at_once(
    desk: Browser, app: Platform, open_hall: Region
) -> None:
    desk.submit(PAPER, PAPER, **{"jumlah-A": "60"})
    with at(app, open_hall), read() as session:
        path = f"{PAPER}/{session.scalars(select(NumberLease.id)).one()}"
    now = hour(app, open_hall)
    typed = {
        f"{part}-{n}": text for n in range(1, 61) for part, text in (("datang", now), ("layanan", SERVICE))
    }
    assert desk.submit(path, path, **typed).status == 303
    assert len(numbers(app, open_hall)) == 60
    page = desk.get(path)
    assert "60 nomor tersimpan" in page.words() and "60 sudah diketik, 0 belum" in page.words()
