"""What a stranger can find out or use up at the ways in: nothing that is another's."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import event, select

from mpp.citizens.models import CitizenCode
from mpp.database.session import CENTRAL, central_read, db
from mpp.web.flask import Platform
from tests.blueprints.account.test_entering import HOME, KNOWN, NEW, face
from tests.support.client import PASSWORD, Browser
from tests.support.proof import work

Browse = Callable[..., Browser]


def test_sending_is_limited_per_number_and_says_so_beside_it(browse: Browse) -> None:
    for _ in range(3):
        assert browse().submit("/akun/masuk", "/akun/masuk", hp=NEW).status == 303
    page = browse().submit("/akun/masuk", "/akun/masuk", hp=NEW)
    assert page.status == 422 and "terlalu banyak kode diminta" in page.words()
    # Another number goes on, and a browser that has signed in with a number has its own turn.
    assert browse().submit("/akun/masuk", "/akun/masuk", hp="0812-9999-0078").status == 303


def test_a_stranger_cannot_use_up_the_owners_codes(browse: Browse) -> None:
    owner = browse(as_="warga")
    owner.post("/akun/keluar")
    stranger = browse()
    while stranger.submit("/akun/masuk", "/akun/masuk", hp=KNOWN).status == 303:
        pass
    assert owner.come_in(KNOWN).location == HOME


def test_tries_at_a_password_run_out_for_strangers_and_not_for_the_owner(browse: Browse) -> None:
    owner, stranger = browse(as_="warga"), browse()
    owner.post("/akun/keluar")
    for _ in range(6):
        page = stranger.submit(
            "/akun/masuk/sandi", "/akun/masuk/sandi", hp=KNOWN, password="salah sekali ini"
        )
    assert "Terlalu banyak percobaan" in page.words()
    assert (
        stranger.submit("/akun/masuk/sandi", "/akun/masuk/sandi", hp=KNOWN, password=PASSWORD).status == 422
    )
    assert (
        owner.submit("/akun/masuk/sandi", "/akun/masuk/sandi", hp=KNOWN, password=PASSWORD).location == HOME
    )


def test_a_class_behind_one_address_gets_in(browse: Browse) -> None:
    for number in range(30):
        assert browse().come_in(f"0812-9999-1{number:03}").location == "/akun/daftar/nama"


def test_known_and_unknown_numbers_cost_the_same_work(app: Platform, browse: Browse) -> None:
    """As many statements and as many hashes: the time it takes tells nothing either."""
    ways: tuple[tuple[str, dict[str, str]], ...] = (
        ("/akun/masuk", {}),
        ("/akun/masuk/sandi", {"password": "salah sekali ini"}),
        ("/akun/pulih", {"code": "bbbb-cccc-dddd"}),
    )
    for path, fields in ways:
        counts = []
        for phone in (KNOWN, NEW):
            browser, seen = browse(), list[str]()
            page = browser.get(path)
            form = page.form(path)
            values = (
                {e.get("name") or "": e.get("value") or "" for e in form.iter("input")}
                | fields
                | {"hp": phone}
            )
            if "lahir" in values:
                values["bukti"] = work(values["lahir"])
            with app.app_context():
                engine = db.engines[CENTRAL]
            note = lambda _c, _cur, statement, *_more, seen=seen: seen.append(statement)  # noqa: E731  # one line
            event.listen(engine, "before_cursor_execute", note)
            browser.post(path, values, csrf=False)
            event.remove(engine, "before_cursor_execute", note)
            counts.append(seen)
        assert counts[0] == counts[1], path


def test_known_and_unknown_numbers_are_answered_alike(app: Platform, browse: Browse) -> None:
    pages = []
    for phone in (KNOWN, NEW):
        browser = browse()
        page = browser.submit("/akun/masuk", "/akun/masuk", hp=phone)
        shown = browser.get("/akun/kode")
        pages.append((page.status, page.location, face(shown)))
    assert pages[0] == pages[1]
    with app.app_context(), central_read() as session:
        codes = session.scalars(select(CitizenCode)).all()
        assert len(codes) == 2 and all(code.account_id is None for code in codes)
