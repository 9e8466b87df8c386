"""A citizen takes a number and follows it, by forms alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing import service
from tests.support.client import Browser, Page
from tests.support.hall import at, more_counters, open_always, seat
from tests.support.proof import work

Browse = Callable[..., Browser]
SERVICE = "ktp-el-baru"
FORM = f"/antrean/ambil?layanan={SERVICE}"


def take(browser: Browser, **fields: str) -> Page:
    return browser.submit(FORM, "/antrean/ambil", **({"nama": "Siti A."} | fields))


@pytest.fixture
def citizen(open_hall: Region, browse: Browse) -> Browser:
    return browse("bukittinggi")


def test_three_taps_to_a_number(citizen: Browser) -> None:
    assert FORM in citizen.get("/antrean/ambil").links()
    sent = take(citizen, hp="0812 3456 7890")
    assert sent.status == 303 and sent.location and sent.location.startswith("/antrean/")
    page = citizen.get(sent.location)
    assert "A-001" in page.words() and "Anda berikutnya" in page.words() and "KTP-el baru" in page.words()
    assert page.all("figure", class_="qr") and "Siti A." in page.words()
    assert page.response.headers["Cache-Control"] == "private, no-store"


def test_the_same_form_sent_twice_is_one_number(citizen: Browser) -> None:
    form = citizen.get(FORM).form("/antrean/ambil")
    values = {f.get("name") or "": f.get("value") or "" for f in form.iter("input")} | {"nama": "Siti"}
    values["bukti"] = work(values["lahir"])
    first = citizen.post("/antrean/ambil", values, csrf=False)
    again = citizen.post("/antrean/ambil", values, csrf=False)
    assert first.status == again.status == 303
    assert first.location == again.location


def test_the_form_is_never_kept_and_each_has_its_key(citizen: Browser, browse: Browse) -> None:
    keys = set()
    for browser in (citizen, browse("bukittinggi")):
        page = browser.get(FORM)
        assert page.response.headers["Cache-Control"] == "private, no-store"
        keys |= {f.get("value") for f in page.all("input", name="kunci")}
    assert len(keys) == 2


def test_a_wrong_telephone_keeps_what_was_typed(citizen: Browser) -> None:
    page = take(citizen, nama="Rahmawati", hp="12")
    assert page.status == 422 and "Nomor HP tidak dikenali" in page.words()
    assert [f.get("value") for f in page.all("input", name="nama")] == ["Rahmawati"]
    assert [f.get("value") for f in page.all("input", name="hp")] == ["12"]
    assert take(citizen, nama=" ").status == 422


def test_a_service_not_offered_says_why(bukittinggi: Region, browse: Browse, app: Platform) -> None:
    from sqlalchemy import delete

    from mpp.database.session import write
    from tenants.hall.models import OpeningHours

    with at(app, bukittinggi):
        open_always()
        with write() as session:
            session.execute(delete(OpeningHours))
    page = browse("bukittinggi").get(FORM)
    assert "Nomor belum bisa diambil sekarang" in page.words() and "Tutup" in page.words()
    assert not page.all("input", name="kunci")


def test_unknown_services_and_codes_are_not_found(citizen: Browser) -> None:
    assert citizen.get("/antrean/ambil?layanan=tidak-ada").status == 404
    for path in ("/antrean/TIDAKADA2345", "/antrean/TIDAKADA2345/status"):
        assert citizen.get(path).status == 404
    assert citizen.post("/antrean/TIDAKADA2345/batal").status == 404


def test_a_neighbours_code_is_not_found(citizen: Browser, browse: Browse, banyuwangi: Region) -> None:
    path = take(citizen).location or ""
    neighbour = browse("banyuwangi")
    assert neighbour.get(path).status == neighbour.get(f"{path}/status").status == 404
    assert neighbour.post(f"{path}/batal").status == 404
    assert "Anda berikutnya" in citizen.get(path).words()


def test_the_changing_part_answers_304_until_it_changes(
    citizen: Browser, app: Platform, open_hall: Region
) -> None:
    path = take(citizen).location or ""
    first = citizen.get(f"{path}/status")
    tag = first.response.headers["ETag"]
    assert first.status == 200 and "<html" not in first.text
    assert citizen.get(f"{path}/status", headers={"If-None-Match": tag}).status == 304
    with at(app, open_hall):
        (counter,) = more_counters(SERVICE, 1)
        service.call_next(counter, seat(counter))
    called = citizen.get(f"{path}/status", headers={"If-None-Match": tag})
    assert called.status == 200 and "Silakan ke Loket 1 sekarang." in called.words()


def test_leaving_the_line(citizen: Browser) -> None:
    path = take(citizen).location or ""
    assert citizen.submit(path, "/batal").status == 303
    page = citizen.get(path)
    assert "Nomor ini sudah dibatalkan." in page.words()
    assert not [f for f in page.all("form") if (f.get("action") or "").endswith("/batal")]


def test_a_called_person_cannot_leave_any_more(citizen: Browser, app: Platform, open_hall: Region) -> None:
    path = take(citizen).location or ""
    with at(app, open_hall):
        (counter,) = more_counters(SERVICE, 1)
        service.call_next(counter, seat(counter))
    citizen.post(f"{path}/batal")
    assert "sudah dipanggil" in citizen.get(path).words()


def test_people_waiting_are_counted(citizen: Browser, browse: Browse) -> None:
    take(citizen), take(citizen)
    page = browse("bukittinggi").get("/antrean")
    assert "KTP-el baru2 orang" in page.words()


def test_a_typed_code_leads_to_the_ticket(citizen: Browser) -> None:
    path = take(citizen).location or ""
    code = path.rpartition("/")[2]
    typed = f"{code[:4]}-{code[4:8]} {code[8:]}".lower()
    assert citizen.get("/antrean", query_string={"kode": typed}).location == path
    assert "Kodenya belum lengkap" in citizen.get("/antrean?kode=AB").words()


def test_without_a_script_the_page_reloads_itself(citizen: Browser) -> None:
    page = citizen.get(take(citizen).location or "")
    assert [m.get("content") for m in page.all("meta") if m.get("http-equiv") == "refresh"] == ["20"]


def test_a_flood_from_one_address_is_slowed(citizen: Browser, browse: Browse, banyuwangi: Region) -> None:
    answers = [citizen.post("/antrean/ambil", {"layanan": SERVICE}).status for _try in range(14)]
    assert answers[:12] == [422] * 12 and answers[-1] == 429
    assert browse("banyuwangi").post("/antrean/ambil", {"layanan": SERVICE}).status == 422
