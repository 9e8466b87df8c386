"""A number that an operator has given to somebody else: its new holder gets no old account, its owner loses none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select

from mpp.citizens.models import Citizen, CitizenRecovery, CitizenSession
from mpp.crypto import keyring
from mpp.crypto.rotation import rotate
from mpp.database.session import central_read, central_write
from mpp.settings import Settings
from mpp.web.flask import Platform
from tests.blueprints.account.test_own import CHOSEN, NEW, NEXT, actions, fresh_account, move, older, told
from tests.support.client import Browser, Page

Browse = Callable[..., Browser]
RESTED = "/akun/masuk/nomor-lama"
NAME_NEW = "/akun/daftar/nama"


def account(browser: Browser, *, password: bool = True) -> Browser:
    """The account of Adi, with a password or with the telephone alone."""
    fresh_account(browser)
    if password:
        page = browser.submit("/akun/keamanan/sandi", "/akun/keamanan/sandi", new=CHOSEN, again=CHOSEN)
        assert page.status == 303
    return browser


def days_pass(app: Platform, days: int = 181) -> None:
    """Nobody enters any account for so long."""
    older(app, "created_at", f"{days} days")
    older(app, "last_login_at", f"{days} days")
    older(app, "strong_from", f"{days} days")
    with app.app_context(), central_write() as session:
        session.execute(delete(CitizenSession))


def begin_anew(browser: Browser, name: str = "Budi") -> Page:
    """Say that the number is new to one, and make an account."""
    return browser.submit(NAME_NEW, NAME_NEW, name=name, newcomer="y")


def people(app: Platform) -> dict[str, Citizen]:
    with app.app_context(), central_read() as session:
        return {citizen.called: citizen for citizen in session.scalars(select(Citizen))}


@pytest.mark.parametrize("password", [True, False])
def test_the_code_alone_opens_no_account_that_has_rested(
    app: Platform, browse: Browse, password: bool
) -> None:
    account(browse(), password=password)
    days_pass(app)
    stranger = browse()
    assert stranger.come_in(NEW).location == RESTED
    page = stranger.get(RESTED)
    # The same page whatever the account has, and nothing of whose it is.
    assert "Adi" not in page.text and "Kata sandi" in page.words() and "kode cadangan" in page.words()
    assert stranger.get("/akun").status == 302
    assert "Adi" not in stranger.get(NAME_NEW).text


def test_after_less_than_half_a_year_a_code_is_enough(app: Platform, browse: Browse) -> None:
    account(browse())
    days_pass(app, 179)
    assert browse().come_in(NEW).location == "/akun"


def test_a_browser_that_has_been_in_this_very_account_needs_no_more(app: Platform, browse: Browse) -> None:
    owner = account(browse(), password=False)
    days_pass(app)
    assert owner.come_in(NEW).location == "/akun" and "Adi" in owner.get("/akun").words()
    # Not one that was in another account which had the number before.
    days_pass(app)
    newer = browse()
    newer.come_in(NEW)
    begin_anew(newer)
    days_pass(app)
    assert owner.come_in(NEW).location == RESTED


def test_a_known_browser_is_known_after_a_turn_of_the_nations_keys(
    app: Platform, settings: Settings, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its note is kept for 400 days, and the old keys are retired by then."""
    monkeypatch.setattr(keyring, "SECONDS_ANNOUNCED", 0.0)
    monkeypatch.setattr(keyring, "SECONDS_KEPT", 0.0)
    owner = account(browse(), password=False)
    days_pass(app)
    assert rotate(settings, None, lambda _line: None).left == 0
    assert browse().come_in(NEW).location == RESTED
    assert owner.come_in(NEW).location == "/akun" and "Adi" in owner.get("/akun").words()
    # And the note of now takes the place of the old one.
    days_pass(app)
    assert owner.come_in(NEW).location == "/akun"


def test_the_owner_gives_the_password_beside_the_code(app: Platform, browse: Browse) -> None:
    account(browse())
    days_pass(app)
    owner = browse()
    owner.come_in(NEW, to="/akun/perangkat")
    assert owner.submit(RESTED, RESTED, password="salah sekali ini dia").status == 422
    assert owner.get("/akun").status == 302
    assert owner.submit(RESTED, RESTED, password=CHOSEN).location == "/akun/perangkat"
    assert people(app)["Adi"].phone == "+6281299990077"
    # It rests no more: the code is enough again, and takes nothing away.
    other = browse()
    assert other.come_in(NEW).location == "/akun"


def test_a_new_holder_gets_an_account_and_the_old_one_loses_the_number_alone(
    app: Platform, browse: Browse
) -> None:
    account(browse(), password=False)
    days_pass(app)
    newer = browse()
    newer.come_in(NEW)
    # Saying so is a part of it.
    page = newer.submit(NAME_NEW, NAME_NEW, name="Budi")
    assert page.status == 422 and "Centang pernyataan ini" in page.words() and "Budi" in page.text
    assert people(app)["Adi"].phone == "+6281299990077"
    assert begin_anew(newer).location == "/akun"
    words = newer.get("/akun").words()
    assert "Budi" in words and "Adi" not in words
    old, new = people(app)["Adi"], people(app)["Budi"]
    assert (old.phone, old.active, new.phone) == (None, True, "+6281299990077")
    assert ("citizen.number_lost", f"citizen:{old.id}", {}) in actions(app)
    assert ("citizen.register", f"citizen:{new.id}", {}) in actions(app)
    # Nothing of the old account is told to the telephone that is another's now.
    assert told(app) == []
    # The number is as good as any other.
    assert browse().come_in(NEW).location == "/akun"


def test_the_owner_finds_the_account_by_the_old_number_and_its_password(
    app: Platform, browse: Browse
) -> None:
    account(browse())
    days_pass(app)
    thief = browse()
    thief.come_in(NEW)
    begin_anew(thief, "Pencuri")
    owner = browse()
    page = owner.submit("/akun/masuk/sandi", "/akun/masuk/sandi", hp=NEW, password="salah sekali ini dia")
    assert page.status == 422
    page = owner.submit("/akun/masuk/sandi", "/akun/masuk/sandi", hp=NEW, password=CHOSEN)
    assert page.location == "/akun"
    words = owner.get("/akun").words()
    assert "Adi" in words and "Akun ini tidak punya nomor HP" in words
    # The last proof of an account without a number stays.
    owner.post("/akun/keamanan/sandi/hapus")
    assert "Tambahkan nomor HP dahulu" in owner.get("/akun/keamanan").words()
    before = told(app)
    assert move(owner, NEXT).location == "/akun"
    assert people(app)["Adi"].phone == "+6281299990088" and people(app)["Adi"].left_phone is None
    assert told(app) == before
    refused = browse().submit("/akun/masuk/sandi", "/akun/masuk/sandi", hp=NEW, password=CHOSEN)
    assert refused.status == 422
    assert browse().come_in(NEXT).location == "/akun"


def test_a_recovery_code_finds_it_too(app: Platform, browse: Browse) -> None:
    owner = account(browse())
    page = owner.post("/akun/keamanan/kode-cadangan")
    code = page.all("code")[0].text or ""
    days_pass(app)
    newer = browse()
    newer.come_in(NEW)
    begin_anew(newer)
    back = browse()
    assert back.submit("/akun/pulih", "/akun/pulih", hp=NEW, code=code).location == "/akun/keamanan"
    assert "Adi" in back.get("/akun").words()
    assert browse().submit("/akun/pulih", "/akun/pulih", hp=NEW, code=code).status == 422
    with app.app_context(), central_read() as session:
        assert len(session.scalars(select(CitizenRecovery)).all()) == 9


def test_guessing_the_password_of_a_parted_account_stops_after_five(app: Platform, browse: Browse) -> None:
    account(browse())
    days_pass(app)
    newer = browse()
    newer.come_in(NEW)
    begin_anew(newer)
    stranger = browse()
    for _try in range(5):
        page = stranger.submit(
            "/akun/masuk/sandi", "/akun/masuk/sandi", hp=NEW, password="salah sekali ini dia"
        )
        assert page.status == 422
    page = stranger.submit("/akun/masuk/sandi", "/akun/masuk/sandi", hp=NEW, password=CHOSEN)
    assert page.status == 422 and "Terlalu banyak percobaan" in page.words()


def test_a_number_given_out_twice_leaves_both_accounts_to_their_owners(app: Platform, browse: Browse) -> None:
    account(browse())
    days_pass(app)
    second = browse()
    second.come_in(NEW)
    begin_anew(second)
    second.submit("/akun/keamanan/sandi", "/akun/keamanan/sandi", new=CHOSEN[::-1], again=CHOSEN[::-1])
    days_pass(app)
    third = browse()
    third.come_in(NEW)
    begin_anew(third, "Citra")
    for password, name in ((CHOSEN, "Adi"), (CHOSEN[::-1], "Budi")):
        back = browse()
        back.submit("/akun/masuk/sandi", "/akun/masuk/sandi", hp=NEW, password=password)
        assert name in back.get("/akun").words()


def test_an_owner_who_comes_in_meanwhile_keeps_the_number(app: Platform, browse: Browse) -> None:
    account(browse())
    days_pass(app)
    stranger, owner = browse(), browse()
    stranger.come_in(NEW)
    owner.submit("/akun/masuk/sandi", "/akun/masuk/sandi", hp=NEW, password=CHOSEN)
    form = {"name": "Budi", "newcomer": "y"}
    stranger.post(NAME_NEW, form)
    assert people(app)["Adi"].phone == "+6281299990077" and "Budi" not in people(app)
