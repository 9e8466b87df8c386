"""The ways into a citizen's account, and what a stranger learns at each of them: nothing."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from mpp.citizens.models import Citizen, CitizenCode, CitizenMessage, CitizenSession
from mpp.database.session import central_read, central_write
from mpp.outbox import CentralOutboxEntry
from mpp.web.flask import Platform
from tests.support.client import CITIZENS, PASSWORD, Browser, Page, shown_code
from tests.support.passkey import Device

Browse = Callable[..., Browser]
NEW = "0812-9999-0077"
KNOWN = CITIZENS["warga"]
HOME = "/akun"


def register(browser: Browser, phone: str = NEW, name: str = "Dt. Rajo", nik: str = "") -> Page:
    """A new account, from number to page."""
    assert browser.come_in(phone).location == "/akun/daftar/nama"
    return browser.submit("/akun/daftar/nama", "/akun/daftar/nama", name=name, nik=nik)


def face(page: Page) -> str:
    """A page without what differs from one visit to the next."""
    return re.sub(r'[\d-]{6,}|(value|nonce|data-options)="[^"]*"', "", page.text)


def options(page: Page) -> dict[str, Any]:
    """What a page asks the device."""
    found: dict[str, Any] = json.loads(
        next(form.get("data-options") or "" for form in page.all("form") if form.get("data-passkey"))
    )
    return found


def test_a_new_number_becomes_an_account(browse: Browse) -> None:
    browser = browse()
    page = register(browser, name="  Dt. Rajo  Ma'ruf, S.Kom. ", nik="1375011505900001")
    assert page.location == HOME
    words = browser.get(HOME).words()
    assert "Dt. Rajo Ma'ruf, S.Kom." in words and "Akun Anda sudah jadi." in words
    assert "0812-••••-••77" in words and "1375••••••••0001" in words
    assert "081299990077" not in words and "1375011505900001" not in words


@pytest.mark.parametrize(
    ("name", "nik", "field"),
    [
        ("", "", "name"),
        ("   ", "", "name"),
        ("<b>Adi</b>", "", "name"),
        ("A" * 101, "", "name"),
        ("Adi", "abc", "nik"),
    ],
)
def test_a_wrong_name_is_told_beside_its_field_and_nothing_is_lost(
    browse: Browse, name: str, nik: str, field: str
) -> None:
    browser = browse()
    page = register(browser, name=name, nik=nik)
    assert page.status == 422
    wrong = next(e for e in page.all("input") if e.get("name") == field)
    assert (
        wrong.get("aria-invalid") == "true"
        and (wrong.get("value") or "").strip() == (name if field == "name" else nik).strip()
    )
    assert browser.submit("/akun/daftar/nama", "/akun/daftar/nama", name="Suharto").location == HOME


def test_an_odd_nik_is_doubted_and_kept(browse: Browse) -> None:
    browser = browse()
    register(browser, nik="9999 9999 9999 0000")
    words = browser.get(HOME).words()
    assert "bukan kode wilayah" in words and "bukan tanggal lahir" in words and "Tetap kami simpan" in words
    assert "9999••••••••0000" in words


def test_registering_a_known_number_opens_only_what_is_there(app: Platform, browse: Browse) -> None:
    browser = browse()
    page = browser.submit("/akun/daftar", "/akun/daftar", hp=KNOWN)
    assert page.location == "/akun/kode"
    page = browser.submit("/akun/kode", "/akun/kode", code=shown_code(browser.get("/akun/kode")))
    assert page.location == HOME and "Siti Contoh" in browser.get(HOME).words()


def test_a_code_is_good_for_five_tries_in_one_browser_for_five_minutes(app: Platform, browse: Browse) -> None:
    browser, thief = browse(), browse()
    browser.submit("/akun/masuk", "/akun/masuk", hp=KNOWN)
    right = shown_code(browser.get("/akun/kode"))
    assert re.fullmatch(r"\d{6}", right)
    # The right code in another browser, which awaits one of its own.
    thief.submit("/akun/masuk", "/akun/masuk", hp=NEW)
    assert thief.submit("/akun/kode", "/akun/kode", code=right).status == 422
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for left in (4, 3, 2, 1):
        page = browser.submit("/akun/kode", "/akun/kode", code=wrong)
        assert page.status == 422 and f"Sisa {left} percobaan" in page.words()
    assert "terlalu banyak salah" in browser.submit("/akun/kode", "/akun/kode", code=wrong).words()
    assert browser.submit("/akun/kode", "/akun/kode", code=right).status == 422
    # A new one, too old.
    browser.post("/akun/kode/lagi")
    fresh = shown_code(browser.get("/akun/kode"))
    with app.app_context(), central_write() as session:
        session.execute(update(CitizenCode).values(expires_at=dt.datetime.now(tz=dt.UTC)))
    assert browser.post("/akun/kode", {"code": fresh}).location == "/akun/masuk"
    assert browser.get(HOME).status == 302


def test_a_code_that_was_right_is_spent(browse: Browse) -> None:
    browser = browse()
    browser.submit("/akun/masuk", "/akun/masuk", hp=KNOWN)
    code = shown_code(browser.get("/akun/kode"))
    cookie = browser.client.get_cookie("sesi", domain="localhost")
    assert cookie is not None
    form = {"code": code, "csrf_token": browser.token()}
    kept = browser.client.get_cookie("sesi", domain="localhost")
    assert kept is not None
    assert browser.post("/akun/kode", form, csrf=False).location == HOME
    replay = browse()
    replay.client.set_cookie("sesi", kept.value, domain="localhost")
    assert replay.post("/akun/kode", form, csrf=False).location == "/akun/masuk"


def test_signing_in_takes_a_fresh_cookie(browse: Browse) -> None:
    browser = browse()
    browser.submit("/akun/masuk", "/akun/masuk", hp=KNOWN)
    before = browser.client.get_cookie("sesi", domain="localhost")
    assert before is not None
    browser.submit("/akun/kode", "/akun/kode", code=shown_code(browser.get("/akun/kode")))
    planted = browse()
    planted.client.set_cookie("sesi", before.value, domain="localhost")
    assert browser.get(HOME).status == 200 and planted.get(HOME).status == 302


@pytest.mark.parametrize("phone", ["", "12", "0752 21333", "bukan nomor", "0812<script>"])
def test_what_is_no_mobile_number_is_refused_and_kept(browse: Browse, phone: str) -> None:
    page = browse().submit("/akun/masuk", "/akun/masuk", hp=phone)
    assert page.status == 422
    assert next(e for e in page.all("input") if e.get("name") == "hp").get("value") == phone


def test_number_and_password_open_the_account(browse: Browse) -> None:
    browser = browse()
    page = browser.submit("/akun/masuk/sandi", "/akun/masuk/sandi", hp="+62 812 9999 0001", password=PASSWORD)
    assert page.location == HOME and browser.get(HOME).status == 200
    refusals = set()
    for hp in (KNOWN, NEW):
        page = browse().submit("/akun/masuk/sandi", "/akun/masuk/sandi", hp=hp, password="salah sekali ini")
        assert page.status == 422
        refusals.add(face(page))
    assert len(refusals) == 1


def test_a_passkey_opens_the_account_alone(browse: Browse) -> None:
    browser, device = browse(), Device("http://localhost", "localhost")
    register(browser)
    answer = device.create(options(browser.get("/akun/keamanan/kunci-sandi")))
    page = browser.post("/akun/keamanan/kunci-sandi", {"name": "HP saya", "answer": answer})
    assert page.location == "/akun/keamanan"
    visitor = browse()
    asked = options(visitor.get("/akun/masuk"))
    # Who may be asked is told to nobody.
    assert asked["allowCredentials"] == []
    assert visitor.post("/akun/masuk/kunci-sandi", {"answer": device.get(asked)}).location == HOME
    assert "HP saya" in visitor.get("/akun/keamanan").words()
    # A passkey of a citizen is nothing at the desk of the centre, on the same host.
    desk = browse()
    answer = device.get(options(desk.get("/masuk")))
    assert desk.post("/masuk/kunci-sandi", {"answer": answer}).location == "/masuk"


def test_the_way_back_is_kept_and_never_leads_away(browse: Browse) -> None:
    browser = browse()
    assert browser.get("/akun/keamanan").location == "/akun/masuk?lanjut=/akun/keamanan"
    assert browser.come_in(KNOWN, "/akun/perangkat").location == "/akun/perangkat"
    for away in ("https://jahat.contoh/", "//jahat.contoh", "/\\jahat.contoh"):
        assert browse().come_in(KNOWN, away).location == HOME


def test_nothing_of_a_person_lies_open_on_the_way(app: Platform, browse: Browse) -> None:
    browser = browse()
    browser.submit("/akun/masuk", "/akun/masuk", hp=NEW)
    code = shown_code(browser.get("/akun/kode"))
    with app.app_context(), central_read() as session:
        posted = session.scalars(
            select(CentralOutboxEntry).where(CentralOutboxEntry.kind == "citizens.message")
        ).all()
        assert [set(entry.payload) for entry in posted] == [{"message_id"}]
        raw = session.connection().exec_driver_sql(
            "select row(m.*)::text || row(c.*)::text from platform.citizen_message m, platform.citizen_code c"
        )
        for row in raw.scalars():
            assert code not in row and "99990077" not in row
        message = session.scalars(select(CitizenMessage)).one()
        assert message.secret == code and message.phone == "+6281299990077"


def test_in_production_no_page_shows_a_code(
    app: Platform, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browse()
    browser.submit("/akun/masuk", "/akun/masuk", hp=KNOWN)
    code = shown_code(browser.get("/akun/kode"))
    monkeypatch.setattr("mpp.citizens.messages.shown", lambda _row: None)
    assert code not in browser.get("/akun/kode").text


def test_last_sign_in_is_noted(app: Platform, browse: Browse) -> None:
    browse(as_="warga")
    with app.app_context(), central_read() as session:
        row = session.scalars(select(CitizenSession)).one()
        assert row.region_id is None and row.strong_at is None
        assert session.get_one(Citizen, row.account_id).last_login_at is not None
