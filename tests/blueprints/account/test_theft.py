"""A thief with the SIM, and with nothing else: what takes days, who is told, and what calls it off."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from mpp.citizens import jobs, waits
from mpp.citizens.family_models import FamilyMember
from mpp.citizens.models import Citizen, CitizenMessage, CitizenWait
from mpp.database.session import central_read, central_write, read
from mpp.jobs.handlers import Job
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.people.models import Profile
from tests.blueprints.account.test_own import (
    CHOSEN,
    KNOWN,
    NEW,
    NEXT,
    fresh_account,
    move,
    older,
    told,
    with_password,
)
from tests.support.citizens import Walker
from tests.support.client import PASSWORD, Browser
from tests.support.hall import at

Browse = Callable[..., Browser]
HERE = "http://localhost"


def link(app: Platform) -> str:
    """The path in the last message that has one."""
    with app.app_context(), central_read() as session:
        query = select(CitizenMessage).where(CitizenMessage.kind.in_(("phone_waits", "recovery_waits")))
        row = session.scalars(query.order_by(CitizenMessage.id.desc())).first()
        assert row is not None and row.secret is not None
        assert row.secret.startswith(f"{HERE}/akun/batal/")
        return row.secret.removeprefix(HERE)


def days_pass(app: Platform) -> None:
    """The days of waiting are over, and the clock's job has run."""
    with app.app_context():
        with central_write() as session:
            session.connection().exec_driver_sql(
                "update platform.citizen_wait set due_at = now() - interval '1 second'"
            )
        with central_write() as session:
            jobs.wait(Job(session, {}, app.settings, None))


def phone_of(app: Platform, name: str) -> str | None:
    with app.app_context(), central_read() as session:
        return next(c.phone for c in session.scalars(select(Citizen)) if c.name == name)


def old_account(app: Platform, browse: Browse) -> Browser:
    """An account with a telephone alone, from last year."""
    browser = fresh_account(browse())
    older(app, "created_at", "300 days")
    return browser


def test_with_a_password_the_number_moves_at_once_and_the_old_one_is_told(
    app: Platform, browse: Browse
) -> None:
    browser, other = with_password(browse()), browse(as_="warga")
    assert "Langsung berlaku" in browser.get("/akun/hp").words()
    assert move(browser).location == "/akun"
    assert "0812-••••-••88" in browser.get("/akun").words()
    assert other.get("/akun").status == 302 and told(app) == ["phone_changed"]
    # The old number is a stranger's now.
    assert browse().come_in(KNOWN).location == "/akun/daftar/nama"


def test_with_the_sim_alone_nothing_of_an_account_with_a_password_moves(
    app: Platform, browse: Browse
) -> None:
    thief = browse(as_="warga")
    for path, form in (
        ("/akun/hp", {"hp": NEXT}), ("/akun/keamanan/sandi", {"new": CHOSEN, "again": CHOSEN}),
        ("/akun/keamanan/kunci-sandi", {"name": "x", "answer": "{}"}), ("/akun/surel", {"email": "x@y.contoh"}),
        ("/akun/keamanan/kode-cadangan", {}), ("/akun/keamanan/sandi/hapus", {}),
        ("/akun/keamanan/pulihkan/selesai", {}),
    ):  # fmt: skip
        page = thief.post(path, form)
        assert page.status in {302, 303} and (page.location or "").startswith(
            ("/akun/bukti", "/akun/keamanan")
        ), path
    assert told(app) == [] and phone_of(app, "Siti Contoh") == "+6281299990001"


def test_with_the_sim_alone_no_covered_number_is_read_at_the_centre(app: Platform, browse: Browse) -> None:
    owner = with_password(browse())
    assert owner.submit("/akun/keluarga/kk", "/kk", card="9975 0301 0118 0009", stated="y").status == 303
    child = {
        "own": "no",
        "name": "Anak Contoh",
        "relation": "anak",
        "birth_year": "2018",
        "nik": "9975030101180009",
    }
    assert owner.submit("/akun/keluarga/tambah", "/tambah", stated="y", **child).status == 303
    with app.app_context(), central_read() as session:
        row = session.scalars(select(FamilyMember.id)).one()
    thief = browse(as_="warga")
    for path in (
        "/akun/data/unduh/json", "/akun/data/unduh/pdf", "/akun/keluarga/kk/tampilkan", f"/akun/keluarga/{row}/nik",
    ):  # fmt: skip
        page = thief.post(path)
        assert page.status == 303 and (page.location or "").startswith("/akun/bukti"), path
        assert owner.post(path).status == 200, path


def test_with_the_sim_alone_nothing_is_taken_or_erased_at_a_region(
    app: Platform, bukittinggi: Region
) -> None:
    thief = Walker(app, 0)
    thief.at("localhost").come_in(KNOWN)
    thief.enter("bukittinggi", nik=True)
    here = thief.at("bukittinggi.localhost")
    assert "9971015505900001" not in here.get("/warga/data").text
    for act, back in (
        ("unduh/json", "/warga/data"),
        ("unduh/pdf", "/warga/data"),
        ("hapus", "/warga/data/berhenti"),
    ):
        page = here.post(f"/warga/data/{act}", {"paham": "ya"})
        assert page.status == 303 and page.location == f"/warga/bukti?lanjut={back}", act
        # By a page, for a form must not lead to another host.
        onward = next(link for link in here.get(page.location).links() if "/warga/bukti/mulai" in link)
        address, asked = thief.follow(f"http://bukittinggi.localhost{onward}")
        assert urlsplit(address).path == "/akun/bukti" and "Semuanya hilang?" in asked.words()
    with at(app, bukittinggi), read() as session:
        assert session.scalars(select(Profile)).one().erased_at is None
    # The owner types the password once, and is led back.
    centre, prove = thief.at("localhost"), "?".join(urlsplit(address)[2:4])
    onward = centre.get(centre.post(prove, {"password": PASSWORD}).location or "")
    address, page = thief.follow(HERE + next(link for link in onward.links() if "/oidc/authorize" in link))
    assert urlsplit(address).path == "/warga/data/berhenti" and page.status == 200
    assert "9971015505900001" in here.post("/warga/data/unduh/json").text
    older(app, "strong_at", "1 hour")
    assert here.post("/warga/data/unduh/json").status == 303


def test_an_account_with_a_telephone_alone_proves_itself_at_a_region_by_a_code(
    app: Platform, bukittinggi: Region
) -> None:
    walker = Walker(app, 0)
    fresh_account(walker.at("localhost"))
    walker.enter("bukittinggi")
    here = walker.at("bukittinggi.localhost")
    assert here.post("/warga/data/unduh/json").status == 200
    older(app, "proved_at", "1 hour")
    page = here.post("/warga/data/unduh/json")
    onward = next(link for link in here.get(page.location).links() if "/warga/bukti/mulai" in link)
    address, page = walker.follow(f"http://bukittinggi.localhost{onward}")
    assert urlsplit(address).path == "/akun/masuk" and "Masuk sekali lagi" in page.words()


def test_an_account_with_a_telephone_alone_moves_after_days(app: Platform, browse: Browse) -> None:
    browser = old_account(app, browse)
    page = browser.get("/akun/hp")
    assert "Berlaku dalam 3 hari" in page.words()
    assert move(browser).location == "/akun"
    assert told(app) == ["phone_waits"] and phone_of(app, "Adi") == "+6281299990077"
    for path in ("/akun", "/akun/keamanan", "/akun/perangkat"):
        assert "Seseorang meminta nomor HP akun ini diganti." in browser.get(path).words()
    days_pass(app)
    assert phone_of(app, "Adi") == "+6281299990088"
    assert browser.get("/akun").status == 302
    assert browse().come_in(NEXT).location == "/akun"


def test_a_region_where_the_owner_is_in_shows_it_too(app: Platform, browse: Browse) -> None:
    at_region = browse("bukittinggi", as_="warga")
    assert "menunggu" not in at_region.get("/warga").words()
    browse(as_="warga").post("/akun/keamanan/pulihkan")
    assert "Ada permintaan yang menunggu" in at_region.get("/warga").words()


@pytest.mark.parametrize("how", ["link", "session"])
def test_the_owner_calls_it_off(app: Platform, browse: Browse, how: str) -> None:
    thief, owner = old_account(app, browse), browse()
    owner.come_in(NEW)
    move(thief)
    if how == "session":
        assert "Batalkan permintaan" in owner.get("/akun").words()
        assert owner.post("/akun/tunggu/batal").location == "/akun/keamanan"
    else:
        nobody, path = browse(), link(app)
        # A messenger that looks at the address beforehand calls nothing off.
        assert "Batalkan permintaan?" in nobody.get(path).words()
        with app.app_context(), central_read() as session:
            assert session.scalars(select(CitizenWait.ended_at)).one() is None
        assert "Sudah dibatalkan" in nobody.post(path).words()
        assert "tidak berlaku lagi" in nobody.get(path).words()
    days_pass(app)
    assert phone_of(app, "Adi") == "+6281299990077"
    with app.app_context(), central_read() as session:
        assert session.scalars(select(CitizenWait)).one().phone is None


def test_a_proof_set_with_the_sim_alone_ripens_before_it_counts(app: Platform, browse: Browse) -> None:
    thief = old_account(app, browse)
    assert (
        thief.submit("/akun/keamanan/sandi", "/akun/keamanan/sandi", new=CHOSEN, again=CHOSEN).status == 303
    )
    # Neither by signing in with it, nor by taking it away and setting it anew.
    again = browse()
    again.submit("/akun/masuk/sandi", "/akun/masuk/sandi", hp=NEW, password=CHOSEN)
    assert "Berlaku dalam 3 hari" in again.get("/akun/hp").words()
    assert again.post("/akun/keamanan/sandi/hapus").status == 303
    assert (
        again.submit("/akun/keamanan/sandi", "/akun/keamanan/sandi", new=CHOSEN, again=CHOSEN).status == 303
    )
    assert "Berlaku dalam 3 hari" in again.get("/akun/hp").words()
    # Meanwhile the owner, back with the number, takes it away by a code.
    owner = browse()
    owner.come_in(NEW)
    assert owner.post("/akun/keamanan/sandi/hapus").location == "/akun/keamanan"
    refused = browse().submit("/akun/masuk/sandi", "/akun/masuk/sandi", hp=NEW, password=CHOSEN)
    assert refused.status == 422


def test_after_days_the_first_proof_counts(app: Platform, browse: Browse) -> None:
    browser = old_account(app, browse)
    browser.submit("/akun/keamanan/sandi", "/akun/keamanan/sandi", new=CHOSEN, again=CHOSEN)
    older(app, "strong_from", "4 days")
    assert "Langsung berlaku" in browser.get("/akun/hp").words()


def test_who_has_lost_every_proof_waits_and_sets_new_ones(app: Platform, browse: Browse) -> None:
    browser = browse(as_="warga")
    assert "Semuanya hilang?" in browser.get("/akun/bukti").words()
    assert browser.post("/akun/keamanan/pulihkan").location == "/akun/keamanan"
    assert told(app) == ["recovery_waits"]
    assert browser.post("/akun/keamanan/pulihkan/selesai").location == "/akun/keamanan"
    assert "Belum ada waktu tunggu yang selesai." in browser.get("/akun/keamanan").words()
    days_pass(app)
    page = browser.get("/akun/keamanan")
    assert "Waktu tunggu selesai" in page.words()
    assert browser.post("/akun/keamanan/pulihkan/selesai").location == "/akun/keamanan"
    refused = browse().submit("/akun/masuk/sandi", "/akun/masuk/sandi", hp=KNOWN, password=PASSWORD)
    assert refused.status == 422
    assert (
        browser.submit("/akun/keamanan/sandi", "/akun/keamanan/sandi", new=CHOSEN, again=CHOSEN).status == 303
    )
    assert "Langsung berlaku" in browser.get("/akun/hp").words()


def test_the_owners_password_calls_off_a_thiefs_recovery(app: Platform, browse: Browse) -> None:
    thief = browse(as_="warga")
    thief.post("/akun/keamanan/pulihkan")
    with_password(browse())
    days_pass(app)
    thief.post("/akun/keamanan/pulihkan/selesai")
    assert "Belum ada waktu tunggu yang selesai." in thief.get("/akun/keamanan").words()
    with_password(browse())


def test_a_password_account_a_thief_with_the_sim_and_three_days(app: Platform, browse: Browse) -> None:
    owner = browse("bukittinggi", as_="warga")
    at_centre = with_password(browse())
    assert at_centre.submit("/akun/surel", "/akun/surel", email="siti@surel.contoh").location == "/akun"
    thief = browse(as_="warga")
    thief.post("/akun/keamanan/pulihkan")
    # The number is in the thief's hands; the e-mail address is not, and can call it off too.
    with app.app_context(), central_read() as session:
        rows = session.scalars(select(CitizenMessage).where(CitizenMessage.kind == "recovery_waits")).all()
        assert {row.phone or row.email for row in rows} == {"+6281299990001", "siti@surel.contoh"}
        assert len({row.secret for row in rows}) == 1
    # Every page of every session says it, and the thief ends none of them.
    for path in ("/", "/layanan", "/antrean", "/warga", "/warga/data", "/privasi"):
        assert "Ada permintaan yang menunggu" in owner.get(path).words(), path
    mine = max(int(n) for n in re.findall(r"/akun/perangkat/(\d+)/keluar", thief.get("/akun/perangkat").text))
    for path in ("/akun/perangkat/keluar", *(f"/akun/perangkat/{n}/keluar" for n in range(1, mine))):
        assert thief.post(path).location == "/akun/bukti?lanjut=/akun/perangkat", path
    assert owner.get("/warga").status == at_centre.get("/akun").status == 200
    with app.app_context(), central_write() as session:
        session.execute(update(CitizenWait).values(due_at=CitizenWait.due_at - dt.timedelta(days=3)))
    assert thief.post("/akun/keamanan/pulihkan/selesai").location == "/akun/keamanan"
    assert "Belum ada waktu tunggu yang selesai." in thief.get("/akun/keamanan").words()
    assert at_centre.post("/akun/tunggu/batal").status == 303
    with_password(browse())
    assert "menunggu" not in owner.get("/warga").words()
    # The owner, who has the password, ends the thief's.
    assert at_centre.post(f"/akun/perangkat/{mine}/keluar").location == "/akun/perangkat"
    assert thief.get("/akun").status == 302


def test_while_a_number_waits_to_be_moved_the_code_alone_ends_no_browser(
    app: Platform, browse: Browse
) -> None:
    thief, owner = old_account(app, browse), browse()
    owner.come_in(NEW)
    move(thief)
    thief.post("/akun/perangkat/keluar")
    assert "Batalkan dahulu" in thief.get("/akun/perangkat").words()
    # Nor by setting a first password, which ends all others else.
    assert (
        thief.submit("/akun/keamanan/sandi", "/akun/keamanan/sandi", new=CHOSEN, again=CHOSEN).status == 303
    )
    assert "Batalkan permintaan" in owner.get("/akun").words()
    assert owner.post("/akun/tunggu/batal").status == 303
    assert owner.post("/akun/perangkat/keluar").location == "/akun/masuk"
    assert thief.get("/akun").status == 302


def test_who_changes_the_address_tells_the_old_one(app: Platform, browse: Browse) -> None:
    browser = fresh_account(browse())
    for address in ("adi@surel.contoh", "pencuri@surel.contoh", ""):
        assert browser.submit("/akun/surel", "/akun/surel", email=address).location == "/akun"
    with app.app_context(), central_read() as session:
        query = select(CitizenMessage).where(CitizenMessage.kind == "email_changed")
        told_to = {row.email for row in session.scalars(query) if row.email}
    assert told_to == {"adi@surel.contoh", "pencuri@surel.contoh"}


def test_a_number_of_another_account_is_told_to_its_holder_alone(app: Platform, browse: Browse) -> None:
    browser = with_password(browse())
    page = browser.submit("/akun/hp", "/akun/hp", hp="0812-9999-0002")
    assert page.location == "/akun/hp/kode"
    code = "".join(
        e.text or ""
        for e in browser.get("/akun/hp/kode").all("strong")
        if e.get("data-demo-code") is not None
    )
    assert browser.submit("/akun/hp/kode", "/akun/hp/kode", code=code).location == "/akun/hp"
    assert "sudah dipakai akun lain" in browser.get("/akun/hp").words()
    assert phone_of(app, "Siti Contoh") == "+6281299990001"


def test_a_number_taken_while_one_waited_stays_its_own(app: Platform, browse: Browse) -> None:
    browser = old_account(app, browse)
    move(browser)
    fresh_account(browse(), NEXT)
    days_pass(app)
    assert phone_of(app, "Adi") in {"+6281299990077", "+6281299990088"}
    with app.app_context(), central_read() as session:
        assert len({c.phone for c in session.scalars(select(Citizen).where(Citizen.active))}) == 4
        assert waits.do_due(session) == 0
