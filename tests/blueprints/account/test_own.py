"""The account in its owner's hands: covered values, changes and their proofs, sessions here and in regions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from mpp.audit import CentralAuditEntry
from mpp.citizens import sessions
from mpp.citizens.models import CitizenMessage, CitizenSession
from mpp.database.session import central_read, central_write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.client import CITIZENS, PASSWORD, Browser, Page, shown_code

Browse = Callable[..., Browser]
KNOWN = CITIZENS["warga"]
NEW = "0812-9999-0077"
NEXT = "0812-9999-0088"
CHOSEN = "kuda terbang makan sate padang"


def with_password(browser: Browser) -> Browser:
    """Signed in by more than a code."""
    page = browser.submit("/akun/masuk/sandi", "/akun/masuk/sandi", hp=KNOWN, password=PASSWORD)
    assert page.location == "/akun", page.words()
    return browser


def fresh_account(browser: Browser, phone: str = NEW) -> Browser:
    """A new account with a telephone alone."""
    browser.come_in(phone)
    assert browser.submit("/akun/daftar/nama", "/akun/daftar/nama", name="Adi").location == "/akun"
    return browser


def older(app: Platform, column: str, by: str) -> None:
    """Move a time of every account or session back."""
    table = "citizen_session" if column in {"proved_at", "strong_at"} else "citizen"
    with app.app_context(), central_write() as session:
        moved = f"update platform.{table} set {column} = {column} - interval '{by}'"
        session.connection().exec_driver_sql(moved)


def actions(app: Platform) -> list[tuple[str, str, dict[str, object]]]:
    """What the centre's log holds of citizens, oldest first."""
    with app.app_context(), central_read() as session:
        rows = session.scalars(select(CentralAuditEntry).order_by(CentralAuditEntry.id)).all()
        return [(row.action, row.subject, row.data) for row in rows if row.subject.startswith("citizen:")]


def told(app: Platform) -> list[str]:
    """The kinds of messages posted, codes apart."""
    with app.app_context(), central_read() as session:
        kinds = session.scalars(select(CitizenMessage.kind).order_by(CitizenMessage.id)).all()
        return [kind for kind in kinds if kind != "code"]


def move(browser: Browser, phone: str = NEXT) -> Page:
    """Go through the change of number to its end."""
    page = browser.submit("/akun/hp", "/akun/hp", hp=phone)
    assert page.location == "/akun/hp/kode", page.words()
    return browser.submit("/akun/hp/kode", "/akun/hp/kode", code=shown_code(browser.get("/akun/hp/kode")))


def test_showing_a_value_is_an_act_of_its_own(app: Platform, browse: Browse) -> None:
    thief, browser = browse(as_="warga"), with_password(browse())
    assert "9971015505900001" not in browser.get("/akun").text
    # The SIM alone reads no number of an account that has a password.
    assert thief.post("/akun/tampilkan", {"data": "nik"}).location == "/akun/bukti?lanjut=/akun"
    page = browser.post("/akun/tampilkan", {"data": "nik"})
    assert "9971015505900001" in page.words() and "0812-9999-0001" not in page.words()
    assert browser.post("/akun/tampilkan", {"data": "password_hash"}).location == "/akun"
    shown = [entry for entry in actions(app) if entry[0] == "citizen.show"]
    assert [data for _action, _subject, data in shown] == [{"field": "nik"}]
    with app.app_context(), central_read() as session:
        row = session.scalars(
            select(CentralAuditEntry).where(CentralAuditEntry.action == "citizen.show")
        ).one()
        # A log that can't forget holds no name.
        assert (row.actor_kind, row.actor_name) == ("citizen", "warga")


def test_changes_ask_who_has_a_password_for_it(browse: Browse) -> None:
    browser = browse(as_="warga")
    page = browser.get("/akun/nama")
    assert page.location == "/akun/bukti?lanjut=/akun/nama"
    # The form sent all the same.
    assert (browser.post("/akun/nama", {"name": "Pencuri"}).location or "").startswith("/akun/bukti")
    assert "Kirim kode" not in [b.text for b in browser.get(page.location).all("button")]
    page = browser.submit(page.location, "lanjut=/akun/nama", password="salah sekali ini")
    assert page.status == 422 and "Kata sandi tidak cocok." in page.words()
    assert (
        browser.submit("/akun/bukti?lanjut=/akun/nama", "lanjut=/akun/nama", password=PASSWORD).location
        == "/akun/nama"
    )
    assert browser.submit("/akun/nama", "/akun/nama", name="Siti Baru").location == "/akun"
    assert "Siti Baru" in browser.get("/akun").words()


def test_an_account_with_a_telephone_alone_proves_itself_by_a_code(app: Platform, browse: Browse) -> None:
    browser = fresh_account(browse())
    assert browser.submit("/akun/surel", "/akun/surel", email="adi@surel.contoh").location == "/akun"
    assert "a•••@surel.contoh" in browser.get("/akun").words()
    older(app, "proved_at", "1 hour")
    page = browser.get("/akun/nik")
    assert page.location == "/akun/bukti?lanjut=/akun/nik"
    assert browser.post("/akun/bukti/kirim", {"lanjut": "/akun/nik"}).location == "/akun/bukti/kode"
    code = shown_code(browser.get("/akun/bukti/kode"))
    assert browser.submit("/akun/bukti/kode", "/akun/bukti/kode", code=code).location == "/akun/nik"
    assert browser.submit("/akun/nik", "/akun/nik", nik="9971015505900009").location == "/akun"
    assert browser.submit("/akun/nik", "/akun/nik", nik="").location == "/akun"
    assert "belum diisi" in browser.get("/akun").words()


@pytest.mark.parametrize("email", ["bukan surel", "a@b", "<script>@x.id", "a" * 260 + "@x.id"])
def test_a_wrong_address_is_told_beside_its_field(browse: Browse, email: str) -> None:
    page = fresh_account(browse()).submit("/akun/surel", "/akun/surel", email=email)
    assert page.status == 422
    field = next(e for e in page.all("input") if e.get("name") == "email")
    assert field.get("aria-invalid") == "true" and field.get("value") == email


def test_a_password_set_ends_the_other_browsers_and_tells_the_owner(app: Platform, browse: Browse) -> None:
    browser, other = fresh_account(browse()), browse()
    other.come_in(NEW)
    page = browser.submit("/akun/keamanan/sandi", "/akun/keamanan/sandi", new=CHOSEN, again=CHOSEN)
    assert page.location == "/akun/keamanan"
    assert browser.get("/akun").status == 200 and other.get("/akun").status == 302
    assert told(app) == ["proof_changed"]
    assert (
        browse().submit("/akun/masuk/sandi", "/akun/masuk/sandi", hp=NEW, password=CHOSEN).location == "/akun"
    )
    for weak, words in (("pendek", "paling sedikit 15"), ("password password", "mudah ditebak")):
        page = browser.submit("/akun/keamanan/sandi", "/akun/keamanan/sandi", new=weak, again=weak)
        assert page.status == 422 and words in page.words()


def test_recovery_codes_open_the_account_without_the_telephone(browse: Browse) -> None:
    browser = fresh_account(browse())
    page = browser.post("/akun/keamanan/kode-cadangan")
    codes = [e.text or "" for e in page.all("code")]
    assert len(codes) == 10
    thief = browse()
    for hp in (NEW, NEXT):
        refused = thief.submit("/akun/pulih", "/akun/pulih", hp=hp, code="bbbb-cccc-dddd")
        assert refused.status == 422 and "tidak cocok" in refused.words()
    owner = browse()
    assert (
        owner.submit("/akun/pulih", "/akun/pulih", hp=NEW, code=codes[0].upper()).location == "/akun/keamanan"
    )
    assert "Tersisa 9 kode." in owner.get("/akun/keamanan").words()
    assert browse().submit("/akun/pulih", "/akun/pulih", hp=NEW, code=codes[0]).status == 422
    # And the number can be moved at once: the account is a day young, so its codes are its owner's.
    assert move(owner).location == "/akun"
    assert browse().come_in(NEXT).location == "/akun"


def test_sessions_are_listed_with_their_region_and_ended(
    app: Platform, browse: Browse, bukittinggi: Region
) -> None:
    browser, other = with_password(browse()), browse(as_="warga")
    with app.app_context(), central_write() as session:
        me = session.scalars(select(CitizenSession.account_id)).first()
        assert me is not None
        sessions.start(session, me, bukittinggi.id, 7, agent="Chrome/1 Android", address="203.0.113.9")
    words = browser.get("/akun/perangkat").words()
    assert bukittinggi.name in words and "Chrome di Android" in words and "203.0.113.0" in words
    with app.app_context(), central_read() as session:
        rows = session.scalars(select(CitizenSession.id).order_by(CitizenSession.id)).all()
    assert browser.post(f"/akun/perangkat/{rows[1]}/keluar").location == "/akun/perangkat"
    assert other.get("/akun").status == 302
    # Another person's browser is not to be had.
    stranger = browse(as_="warga2")
    assert stranger.post("/akun/bukti", {"password": PASSWORD}).location == "/akun"
    stranger.post(f"/akun/perangkat/{rows[0]}/keluar")
    assert browser.get("/akun").status == 200
    assert browser.post("/akun/perangkat/keluar").location == "/akun/masuk"
    assert browser.get("/akun").status == 302
    with app.app_context(), central_read() as session:
        assert session.scalars(select(CitizenSession.account_id)).all() != [me]
        assert me not in session.scalars(select(CitizenSession.account_id)).all()


def test_sign_out_makes_a_copy_of_the_cookie_worthless(browse: Browse) -> None:
    browser, copy = browse(as_="warga"), browse()
    cookie = browser.client.get_cookie("sesi", domain="localhost")
    assert cookie is not None
    copy.client.set_cookie("sesi", cookie.value, domain="localhost")
    assert copy.get("/akun").status == 200
    browser.post("/akun/keluar")
    assert copy.get("/akun").status == 302


def test_people_of_the_centre_and_citizens_are_strangers_to_each_other(browse: Browse) -> None:
    assert browse(as_="warga").get("/pusat").status == 403
    assert browse(as_="pusat@panrb.contoh").get("/akun").status == 403
    # One host, one person at a time.
    browser = browse(as_="pusat@panrb.contoh")
    assert browser.come_in(KNOWN).location == "/akun"
    assert browser.get("/pusat").status == 403 and browser.get("/akun").status == 200


def test_every_change_is_written_down_without_what_was_changed(app: Platform, browse: Browse) -> None:
    browser = fresh_account(browse())
    browser.submit("/akun/nama", "/akun/nama", name="Nama Rahasia")
    browser.submit("/akun/nik", "/akun/nik", nik="9971015505900009")
    browser.submit("/akun/keamanan/sandi", "/akun/keamanan/sandi", new=CHOSEN, again=CHOSEN)
    done = actions(app)
    assert [action for action, _s, _d in done] == [
        "citizen.register", "account.sign_in", "citizen.name", "citizen.nik", "account.password",
    ]  # fmt: skip
    assert "Rahasia" not in str(done) and "9971" not in str(done)
