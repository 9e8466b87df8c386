"""A number belongs to who took it while signed in; a guest's goes where its holder wants; guests go on as before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from mpp.audit import AuditEntry
from mpp.database.session import read
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.people.models import Profile
from tenants.queueing.models import Ticket
from tests.support.citizens import Walker, make_citizen
from tests.support.client import Browser
from tests.support.hall import at, open_always

FORM = "/antrean/ambil?layanan=ktp-el-baru"


@pytest.fixture
def siti(app: Platform, bukittinggi: Region) -> Walker:
    """A citizen, signed in at region A, whose hall is open."""
    with at(app, bukittinggi):
        open_always()
    return at_region(app, "Siti Contoh", "081299990101")


def at_region(app: Platform, name: str, phone: str) -> Walker:
    walker = Walker(app, make_citizen(app, name, phone))
    walker.sign_in()
    walker.enter("bukittinggi")
    return walker


def take(browser: Browser, **fields: str) -> str:
    """Take a number; return the address of its page."""
    sent = browser.submit(FORM, "/antrean/ambil", **fields)
    assert sent.status == 303 and sent.location, sent.words()
    return sent.location


def owner(app: Platform, region: Region, path: str) -> tuple[int | None, str | None]:
    with at(app, region), read() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.code == path.rpartition("/")[2])).one()
        return ticket.profile_id, ticket.phone


def test_taken_while_signed_in(app: Platform, bukittinggi: Region, siti: Walker) -> None:
    here = siti.at("bukittinggi.localhost")
    form = here.get(FORM)
    assert [f.get("value") for f in form.all("input", name="hp")] == ["0812-9999-0101"]
    path = take(here)
    with at(app, bukittinggi), read() as session:
        profile = session.scalars(select(Profile)).one()
    assert owner(app, bukittinggi, path) == (profile.id, "+6281299990101")
    page = here.get("/warga")
    assert path in page.links() and "A-001" in page.words() and "0812-••••-••01" in page.words()
    assert "Tersimpan di akun Anda" in here.get(path).words()


def test_a_guests_number_goes_into_the_account_of_who_holds_it(
    app: Platform, bukittinggi: Region, siti: Walker, browse: Callable[..., Browser]
) -> None:
    guest = browse("bukittinggi")
    path = take(guest, nama="Tamu")
    assert owner(app, bukittinggi, path) == (None, None), "no account needed"
    assert f"/warga/masuk?lanjut={path}" in guest.get(path).links()
    here = siti.at("bukittinggi.localhost")
    kept = here.submit(path, "/simpan")
    assert kept.status == 303 and "tersimpan" in here.get(path).words()
    assert path in here.get("/warga").links()
    assert here.post(f"{path}/simpan").status == 303, "a second tap changes nothing"
    with at(app, bukittinggi), read() as session:
        acts = session.scalars(select(AuditEntry.action).where(AuditEntry.action == "ticket.keep")).all()
    assert len(acts) == 1
    assert "Tamu" in guest.get(path).words(), "the link goes on to work"
    assert guest.submit(path, "/batal").status == 303


def test_it_is_not_taken_from_somebody_else(app: Platform, bukittinggi: Region, siti: Walker) -> None:
    path = take(siti.at("bukittinggi.localhost"))
    before = owner(app, bukittinggi, path)
    budi = at_region(app, "Budi Contoh", "081299990102").at("bukittinggi.localhost")
    assert "/simpan" not in budi.get(path).text
    assert budi.post(f"{path}/simpan").status == 303
    assert "akun orang lain" in budi.get(path).words() and owner(app, bukittinggi, path) == before
    assert path not in budi.get("/warga").links()


def test_without_the_code_or_at_another_region_there_is_nothing_to_take(
    app: Platform, siti: Walker, browse: Callable[..., Browser]
) -> None:
    path = take(browse("bukittinggi"), nama="Tamu")
    here = siti.at("bukittinggi.localhost")
    assert here.post("/antrean/222222222222/simpan").status == 404
    siti.enter("banyuwangi")
    assert siti.at("banyuwangi.localhost").post(f"{path}/simpan").status == 404
    assert browse("bukittinggi").post(f"{path}/simpan").location == f"/warga/masuk?lanjut={path}"
    assert browse("bukittinggi").post(f"{path}/simpan", csrf=False).status == 400
