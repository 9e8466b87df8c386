"""Sessions live on the server: fresh at sign-in, listed, ended, and run out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import event

from mpp.accounts.models import Staff
from mpp.accounts.proof_models import StaffSession
from mpp.accounts.realm import WORK_DAY
from mpp.accounts.sessions import IDLE, IDLE_POWERFUL, device_words
from mpp.database.session import db, read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.client import PASSWORD, Browser
from tests.support.hall import at

Browse = Callable[..., Browser]
NOW = dt.datetime.now
HOST = "bukittinggi.localhost"


def age(app: Platform, region: Region, **ages: dt.timedelta) -> None:
    """Make every session older."""
    with at(app, region), write() as session:
        for row in session.query(StaffSession):
            for name, span in ages.items():
                setattr(row, name, NOW(tz=dt.UTC) - span)


def test_signing_out_kills_the_copy_of_the_cookie(browse: Browse, app: Platform, bukittinggi: Region) -> None:
    officer = browse("bukittinggi", as_="petugas")
    cookie = officer.client.get_cookie("sesi", domain=HOST)
    assert cookie is not None
    officer.post("/keluar")
    thief = browse("bukittinggi")
    thief.client.set_cookie("sesi", cookie.value, domain=HOST)
    assert thief.get("/akun-saya").status == 302


def test_a_session_starts_anew_at_sign_in_and_after_each_change(
    browse: Browse, app: Platform, bukittinggi: Region
) -> None:
    def token() -> set[int]:
        with at(app, bukittinggi), read() as session:
            return {row.id for row in session.query(StaffSession)}

    officer = browse("bukittinggi", as_="petugas")
    first = token()
    assert len(first) == 1
    officer.post("/masuk", {"email": "petugas@bukittinggi.contoh", "password": PASSWORD})
    second = token()
    assert len(second) == 1 and second != first
    officer.submit(
        "/akun-saya",
        "/akun-saya",
        current=PASSWORD,
        new="empat kata yang panjang",
        again="empat kata yang panjang",
    )
    assert len(token()) == 1 and token() != second


@pytest.mark.parametrize(("who", "idle"), [("admin", IDLE_POWERFUL), ("petugas", IDLE)])
def test_sessions_run_out(
    browse: Browse, app: Platform, bukittinggi: Region, who: str, idle: dt.timedelta
) -> None:
    person = browse("bukittinggi", as_=who)
    minute = dt.timedelta(minutes=1)
    age(app, bukittinggi, seen_at=idle - minute)
    assert person.get("/akun-saya").status == 200
    age(app, bukittinggi, seen_at=idle + minute)
    assert person.get("/akun-saya").status == 302
    person = browse("bukittinggi", as_=who)
    age(app, bukittinggi, created_at=WORK_DAY + minute)
    assert person.get("/akun-saya").status == 302


def test_a_page_that_looks_by_itself_keeps_nobody_signed_in(
    browse: Browse, app: Platform, bukittinggi: Region
) -> None:
    officer = browse("bukittinggi", as_="petugas")

    def seen() -> dt.datetime:
        with at(app, bukittinggi), read() as session:
            return session.query(StaffSession).one().seen_at

    age(app, bukittinggi, seen_at=dt.timedelta(minutes=30))
    before = seen()
    officer.get("/akun-saya", headers={"Sec-Fetch-Dest": "empty"})
    assert seen() == before
    officer.get("/akun-saya")
    assert seen() > before
    newest = seen()
    officer.get("/akun-saya")
    # At most once a minute.
    assert seen() == newest


def test_one_read_a_request_tells_who_it_is(browse: Browse, app: Platform, bukittinggi: Region) -> None:
    officer = browse("bukittinggi", as_="petugas")
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, sql, *_r: asked.append(sql))
    officer.get("/akun-saya")
    about = [sql for sql in asked if "staff" in sql.lower()]
    assert len(about) == 1, about


def test_a_person_lists_and_ends_sessions(browse: Browse, app: Platform, bukittinggi: Region) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
    elsewhere = browse("bukittinggi")
    elsewhere.client.environ_base["HTTP_USER_AGENT"] = agent
    elsewhere.sign_in("petugas@bukittinggi.contoh")
    here = browse("bukittinggi", as_="petugas")
    page = here.get("/akun-saya/keamanan")
    assert "Chrome di Windows" in page.words() and "127.0.0.0" in page.words()
    assert page.words().count("perangkat ini") == 1
    assert here.post("/akun-saya/keamanan/perangkat/keluar").status == 302
    assert (elsewhere.get("/akun-saya").status, here.get("/akun-saya").status) == (302, 200)
    with at(app, bukittinggi), read() as session:
        own = session.query(StaffSession).one().id
    assert here.post(f"/akun-saya/keamanan/perangkat/{own}/keluar").location == "/masuk"
    assert here.get("/akun-saya").status == 302


def test_nobody_ends_the_session_of_another(browse: Browse, app: Platform, bukittinggi: Region) -> None:
    officer = browse("bukittinggi", as_="petugas")
    with at(app, bukittinggi), read() as session:
        number = session.query(StaffSession).one().id
    other = browse("bukittinggi", as_="petugas2")
    other.post(f"/akun-saya/keamanan/perangkat/{number}/keluar")
    assert officer.get("/akun-saya").status == 200


def test_a_session_number_without_its_token_is_nothing(
    app: Platform, bukittinggi: Region, browse: Browse
) -> None:
    from mpp.accounts import sessions

    browse("bukittinggi", as_="petugas")
    with at(app, bukittinggi), read() as session:
        row = session.query(StaffSession).one()
        assert sessions.find(session, row.id, "A" * 43) is None
        assert session.query(Staff).filter_by(id=row.account_id).one().email.startswith("petugas@")


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 14; SM-A155F) Chrome/140.0 Mobile Safari/537.36", "Chrome di Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari di iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox di Linux"),
        ("<script>alert(1)</script>", "Peramban"), (None, "Peramban"),
    ],
)  # fmt: skip
def test_a_browser_in_words(agent: str | None, words: str) -> None:
    assert device_words(agent) == words
