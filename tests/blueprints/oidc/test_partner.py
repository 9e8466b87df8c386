"""Signing in by another house's account, against a provider process that is not ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select, update

from mpp.citizens import account, proofs, rested
from mpp.citizens.models import Citizen, CitizenSession
from mpp.citizens.realm import nation
from mpp.database.session import central_read, central_write
from mpp.identity import relying
from mpp.identity.models import ForeignIdentity
from mpp.web.flask import Platform
from tests.support.citizens import Walker, make_citizen, sessions_of
from tests.support.client import Browser, Page
from tests.support.live import free_port
from tests.support.partner import Partner, partner

SITI = {
    "sub": "sub-siti",
    "name": "Siti Contoh Resmi",
    "nik": "9900015507900001",
    "phone_number": "081299990101",
}
BUDI = {"sub": "sub-budi", "name": "Budi Contoh", "nik": "9900011202900002"}


@pytest.fixture(scope="module")
def inapas() -> Iterator[Partner]:
    """The provider."""
    with partner([SITI, BUDI]) as found:
        yield found


@pytest.fixture
def trusting(app: Platform, inapas: Partner) -> Iterator[Platform]:
    """The platform, trusting the provider."""
    usual = app.settings
    app.settings = replace(usual, foreign=inapas.settings())
    yield app
    app.settings = usual


@pytest.fixture
def siti(app: Platform) -> Walker:
    """A citizen with an account of ours, signed in at the centre just now."""
    walker = Walker(app, make_citizen(app))
    walker.sign_in()
    return walker


def come_back(browser: Browser, inapas: Partner, subject: str | None, target: str = "/akun") -> Page:
    """Go to the provider, sign in there, and open the callback."""
    first = browser.get(f"/oidc/mitra/masuk?lanjut={target}")
    assert first.status == 302 and (first.location or "").startswith(inapas.issuer)
    assert "code_challenge_method=S256" in (first.location or "") and "nonce=" in (first.location or "")
    back = urlsplit(inapas.consent(first.location or "", subject))
    assert back.netloc == "localhost:8000"
    return browser.get(f"{back.path}?{back.query}")


def follow(browser: Browser, page: Page) -> Page:
    assert page.status in {302, 303} and page.location, page.words()
    return browser.get(page.location)


def citizen(app: Platform, citizen_id: int) -> tuple[str | None, str | None]:
    with app.app_context(), central_read() as session:
        found = session.get_one(Citizen, citizen_id, populate_existing=True)
        return found.name, found.nik


def test_linked_by_hand_once_and_then_the_way_in(trusting: Platform, inapas: Partner, siti: Walker) -> None:
    here = siti.at("localhost")
    page = follow(here, come_back(here, inapas, "sub-siti"))
    assert "Siti Contoh Resmi" in page.words() and SITI["nik"] not in page.text
    done = here.submit("/oidc/mitra/hubungkan", "/oidc/mitra/hubungkan?", pakai="ya")
    assert done.status == 303, done.words()
    assert citizen(trusting, siti.citizen_id) == ("Siti Contoh Resmi", SITI["nik"])
    assert "Terhubung sejak" in here.get("/oidc/mitra").words()
    # A new browser: nothing typed here.
    other = Browser(trusting, "localhost")
    entered = come_back(other, inapas, "sub-siti", "/akun")
    assert entered.status == 302 and entered.location == "/akun"
    assert other.get("/akun").status == 200
    assert sessions_of(trusting, siti.citizen_id) == [None, None]
    with trusting.app_context(), central_read() as session:
        strong = session.scalars(select(CitizenSession.strong_at).order_by(CitizenSession.id.desc())).first()
        assert strong is None, "no proof that a change of the number could rest on"
    # And away again.
    assert here.submit("/oidc/mitra", "/lepas").status == 303
    again = come_back(Browser(trusting, "localhost"), inapas, "sub-siti")
    assert (again.location or "").startswith("/oidc/mitra/baru")


def test_it_opens_an_account_whose_number_is_anothers_now(
    trusting: Platform, inapas: Partner, siti: Walker
) -> None:
    here = siti.at("localhost")
    come_back(here, inapas, "sub-siti")
    here.submit("/oidc/mitra/hubungkan", "/oidc/mitra/hubungkan?")
    siti.sign_out_everywhere()
    with trusting.app_context(), nation(), central_write() as session:
        rested.take_number_away(session, session.get_one(Citizen, siti.citizen_id))
    back = Browser(trusting, "localhost")
    assert come_back(back, inapas, "sub-siti").location == "/akun"
    assert "Akun ini tidak punya nomor HP" in back.get("/akun").words()
    # A code has nowhere to go.
    assert back.post("/akun/bukti/kirim").status == 303
    assert "tidak punya nomor HP" in back.get("/akun/bukti").words()


def test_nobody_is_linked_by_a_telephone(trusting: Platform, inapas: Partner, siti: Walker) -> None:
    """The provider tells the very number of Siti's account; that opens nothing."""
    stranger = Browser(trusting, "localhost")
    page = come_back(stranger, inapas, "sub-siti")
    assert (page.location or "").startswith("/oidc/mitra/baru")
    words = follow(stranger, page).words()
    assert "Masuk dengan nomor HP" in words and "Saya belum punya akun" in words
    assert stranger.get("/oidc/mitra/hubungkan").status == 302, "first an account"
    with trusting.app_context(), central_read() as session:
        assert session.scalar(select(func.count()).select_from(ForeignIdentity)) == 0
    assert sessions_of(trusting, siti.citizen_id) == [None]


def test_one_identity_one_account(trusting: Platform, inapas: Partner, siti: Walker) -> None:
    here = siti.at("localhost")
    come_back(here, inapas, "sub-siti")
    assert here.submit("/oidc/mitra/hubungkan", "/oidc/mitra/hubungkan?").status == 303
    budi = Walker(trusting, make_citizen(trusting, "Budi Contoh", "081299990102"))
    budi.sign_in()
    there = budi.at("localhost")
    page = come_back(there, inapas, "sub-siti")
    assert page.location == "/oidc/mitra" and "akun lain" in there.get("/oidc/mitra").words()
    # A second identity of the same house for Siti.
    come_back(here, inapas, "sub-budi")
    here.submit("/oidc/mitra/hubungkan", "/oidc/mitra/hubungkan?")
    assert "Lepaskan itu dulu" in here.get("/oidc/mitra").words()


def test_an_old_session_proves_nothing(trusting: Platform, inapas: Partner, siti: Walker) -> None:
    with trusting.app_context(), central_write() as session:
        session.execute(update(CitizenSession).values(proved_at=func.now() - func.make_interval(0, 0, 0, 1)))
    here = siti.at("localhost")
    come_back(here, inapas, "sub-siti")
    page = here.submit("/oidc/mitra/hubungkan", "/oidc/mitra/hubungkan?")
    assert (page.location or "").startswith("/akun/bukti?lanjut=/oidc/mitra/hubungkan")
    with trusting.app_context(), central_read() as session:
        assert session.scalar(select(func.count()).select_from(ForeignIdentity)) == 0


def test_a_closed_account_is_not_opened(trusting: Platform, inapas: Partner, siti: Walker) -> None:
    here = siti.at("localhost")
    come_back(here, inapas, "sub-siti")
    here.submit("/oidc/mitra/hubungkan", "/oidc/mitra/hubungkan?")
    with trusting.app_context(), central_write() as session:
        account.close(session, siti.citizen_id)
    with trusting.app_context(), central_read() as session:
        assert session.scalar(select(func.count()).select_from(ForeignIdentity)) == 0, "forgotten with it"
    page = come_back(Browser(trusting, "localhost"), inapas, "sub-siti")
    assert (page.location or "").startswith("/oidc/mitra/baru"), "and it may be linked anew"


def test_starting_afresh_takes_the_link_away(trusting: Platform, inapas: Partner, siti: Walker) -> None:
    """The owner who lost every proof gets rid of what a thief has linked meanwhile, too."""
    here = siti.at("localhost")
    come_back(here, inapas, "sub-budi")
    assert here.submit("/oidc/mitra/hubungkan", "/oidc/mitra/hubungkan?").status == 303
    with trusting.app_context(), central_write() as session:
        proofs.forget_all(session, session.get_one(Citizen, siti.citizen_id))
    page = come_back(Browser(trusting, "localhost"), inapas, "sub-budi")
    assert (page.location or "").startswith("/oidc/mitra/baru")


def refused(page: Page) -> bool:
    return page.status == 400 and "Anda belum masuk" in page.words() and "/akun/masuk" in page.links()


def test_what_does_not_fit_is_refused(trusting: Platform, inapas: Partner) -> None:
    browser = Browser(trusting, "localhost")
    assert refused(come_back(browser, inapas, None)), "somebody said no"

    def begin() -> tuple[str, str]:
        first = browser.get("/oidc/mitra/masuk").location or ""
        back = urlsplit(inapas.consent(first, "sub-budi"))
        return back.path, back.query

    def kept(number: int, value: str) -> None:
        with browser.client.session_transaction(base_url=browser.base) as stored:
            journey = list(stored["partner"])
            journey[number] = value
            stored["partner"] = journey

    path, query = begin()
    assert refused(Browser(trusting, "localhost").get(f"{path}?{query}")), "another browser"
    assert refused(browser.get(f"{path}?{query.replace('state=', 'state=x')}")), "wrong state"
    assert refused(browser.get(f"{path}?{query}")), "the journey is over"
    path, query = begin()
    kept(1, "nonce-lain")
    assert refused(browser.get(f"{path}?{query}")), "wrong nonce"
    path, query = begin()
    assert refused(browser.get(f"{path}?{query}&iss=https://lain.contoh")), "another issuer's answer"
    path, query = begin()
    assert browser.get(f"{path}?{query}").status == 302
    path, query = begin()
    looked = relying._kept[inapas.issuer]
    relying._kept[inapas.issuer] = replace(looked, keys={"keys": []}, at=looked.at + 3600)
    assert refused(browser.get(f"{path}?{query}")), "signed by a key that the provider does not publish"


def test_a_token_of_another_issuer(trusting: Platform, inapas: Partner) -> None:
    """The document is the provider's, our trust names somebody else: what it signs is not taken."""
    browser = Browser(trusting, "localhost")
    trusting.settings = replace(trusting.settings, foreign=inapas.settings(issuer=inapas.issuer + "/"))
    page = browser.get("/oidc/mitra/masuk")
    assert page.status == 503, "its own document names another issuer"
    honest = inapas.settings()
    trusting.settings = replace(trusting.settings, foreign=honest)
    first = browser.get("/oidc/mitra/masuk").location or ""
    back = urlsplit(inapas.consent(first, "sub-budi"))
    lying = honest.issuer.replace("127.0.0.1", "penyedia.contoh")
    relying._kept[lying] = relying._kept[honest.issuer]
    trusting.settings = replace(trusting.settings, foreign=replace(honest, issuer=lying))
    assert refused(browser.get(f"{back.path}?{back.query}"))


def test_a_token_that_is_over(app: Platform) -> None:
    usual = app.settings
    with partner([BUDI], token_seconds=-120) as late:
        app.settings = replace(usual, foreign=late.settings())
        try:
            assert refused(come_back(Browser(app, "localhost"), late, "sub-budi"))
        finally:
            app.settings = usual


def test_the_provider_is_away(app: Platform, inapas: Partner, siti: Walker) -> None:
    usual = app.settings
    gone = replace(inapas.settings(), issuer=f"http://127.0.0.1:{free_port()}")
    app.settings = replace(usual, foreign=gone)
    try:
        page = Browser(app, "localhost").get("/oidc/mitra/masuk")
        assert page.status == 503 and "INApas sedang tidak bisa dihubungi" in page.words()
        assert "/akun/masuk" in page.links(), "the other ways still work"
        assert siti.at("localhost").get("/akun").status == 200
    finally:
        app.settings = usual
    assert Browser(app, "localhost").get("/oidc/mitra/masuk").status == 404, "nobody trusted, nothing offered"


def test_what_is_kept_is_sealed(trusting: Platform, inapas: Partner, siti: Walker) -> None:
    here = siti.at("localhost")
    come_back(here, inapas, "sub-siti")
    jar = str([c.value for c in here.client._cookies.values()])
    assert "Siti" not in jar and SITI["nik"] not in jar and "sub-siti" not in jar
    here.submit("/oidc/mitra/hubungkan", "/oidc/mitra/hubungkan?")
    with trusting.app_context(), central_read() as session:
        raw = session.connection().exec_driver_sql("SELECT * FROM platform.citizen_identity").one()
        assert "sub-siti" not in str(raw)
