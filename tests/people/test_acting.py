"""A number taken for somebody else at a region: offered to who may, kept on the ticket, seen by officer and person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from mpp.citizens import acting as policy
from mpp.citizens import family, powers
from mpp.database.session import central_read, read
from mpp.tenancy.region import Region, region_context
from mpp.web.flask import Platform
from tenants.people.acting import represented
from tenants.people.acting_models import Basis, TicketActing
from tenants.queueing.models import Ticket, TicketEvent
from tests.mpp.citizens.people import account, browser_of
from tests.mpp.citizens.test_powers import draft
from tests.support.citizens import Walker
from tests.support.client import Browser
from tests.support.hall import at, counters_of, open_always

KTP = "ktp-el-baru"
FORM = f"/antrean/ambil?layanan={KTP}"


@pytest.fixture
def siti(app: Platform, bukittinggi: Region) -> int:
    """Who gives powers and has a family; the hall is open."""
    with at(app, bukittinggi):
        open_always()
    return account(app, "Siti Contoh")


@pytest.fixture
def budi(app: Platform, siti: int) -> Walker:
    """Who acts: signed in at the centre."""
    walker = Walker(app, account(app, "Budi Contoh"))
    walker.sign_in()
    return walker


def here(walker: Walker) -> Browser:
    walker.enter("bukittinggi")
    return walker.at("bukittinggi.localhost")


def power(app: Platform, giver: int, holder: int, *scope: str) -> int:
    browser = browser_of(app, giver)
    with app.app_context():
        row = powers.offer(giver, browser, draft(scope=scope), {KTP, "sim-baru"})
        powers.answer(holder, row.id, accept=True)
        return row.id


def keys(browser: Browser, path: str = FORM) -> list[str]:
    return [f.get("value") or "" for f in browser.get(path).all("input", name="untuk")]


def only(app: Platform, region: Region) -> tuple[Ticket, TicketActing | None]:
    with at(app, region), read() as session:
        ticket = session.scalars(select(Ticket)).one()
        return ticket, session.get(TicketActing, ticket.id)


def test_by_a_power(app: Platform, bukittinggi: Region, siti: int, budi: Walker) -> None:
    number = power(app, siti, budi.citizen_id, KTP)
    browser = here(budi)
    assert keys(browser) == ["diri", f"power-{number}", "bantu"]
    assert keys(browser, "/antrean/ambil?layanan=skck") == ["diri", "bantu"], "outside of its scope"
    sent = browser.submit(FORM, "/antrean/ambil", untuk=f"power-{number}")
    assert sent.status == 303, sent.words()
    ticket, row = only(app, bukittinggi)
    assert row is not None and row.basis == Basis.POWER and row.reference
    assert ticket.holder == "Siti Contoh" and ticket.profile_id == row.profile_id is not None
    with at(app, bukittinggi), read() as session:
        told = represented(session, ticket.id)
        assert told is not None and told.words.startswith("Diwakili oleh Budi Contoh: kuasa, berlaku sampai ")
        story = session.scalars(select(TicketEvent).order_by(TicketEvent.id)).all()
        assert [e.kind for e in story] == ["issue", "represent"]
        assert story[1].data == {"basis": "power", "ref": row.reference}
    with app.app_context(), central_read() as session:
        (use,) = policy.uses(session, siti)
        assert (use.actor, use.label, use.service) == ("Budi Contoh", ticket.label, KTP)


def test_for_a_child_with_a_name_to_be_called_by(
    app: Platform, bukittinggi: Region, siti: int, browse: Callable[..., Browser]
) -> None:
    with app.app_context():
        row, _doubts = family.add(
            siti, family.Draft("Anak Contoh", "anak", birth_year=2018), stated=True, at=0
        )
    walker = Walker(app, siti)
    walker.sign_in()
    sent = here(walker).submit(FORM, "/antrean/ambil", untuk=f"family-{row.id}", nama="Si kecil")
    assert sent.status == 303, sent.words()
    ticket, _row = only(app, bukittinggi)
    assert ticket.holder == "Si kecil"
    desk = browse("bukittinggi", as_="resepsionis").get(f"/resepsionis/nomor/{ticket.id}").words()
    assert "Diwakili oleh Siti Contoh: satu KK, anak" in desk and "(untuk Anak Contoh)" in desk
    assert "Keluarga satu KK" in desk


def test_the_officer_at_the_counter_is_told(
    app: Platform, bukittinggi: Region, siti: int, budi: Walker, browse: Callable[..., Browser]
) -> None:
    here(budi).submit(FORM, "/antrean/ambil", untuk=f"power-{power(app, siti, budi.citizen_id)}")
    with at(app, bukittinggi):
        counter = counters_of(KTP)[0].id
    officer = browse("bukittinggi", as_="admin")
    assert officer.submit("/loket/pilih", f"/loket/{counter}/duduk").location == "/loket"
    officer.post("/loket/panggil", {"loket": str(counter)})
    assert "Diwakili oleh Budi Contoh: kuasa, berlaku sampai" in officer.get("/loket").words()


def test_whoever_may_not_is_refused_and_nothing_is_made(
    app: Platform, bukittinggi: Region, siti: int, budi: Walker
) -> None:
    number = power(app, siti, budi.citizen_id)
    browser = here(budi)
    with app.app_context():
        powers.revoke(siti, number)
        child, _doubts = family.add(
            siti, family.Draft("Anak Contoh", "anak", birth_year=2018), stated=True, at=0
        )
    for key in (f"power-{number}", f"family-{child.id}", "power-1 OR 1=1", "family-999999999999999999999"):
        sent = browser.submit(FORM, "/antrean/ambil", untuk=key)
        assert sent.status == 422, key
        assert "Pilih untuk siapa nomor ini." in sent.words()
    with at(app, bukittinggi), read() as session:
        assert session.scalars(select(Ticket)).all() == []


def test_revoked_between_the_choice_and_the_act(
    app: Platform, bukittinggi: Region, siti: int, budi: Walker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The choice still held when it was looked at: the act itself asks again, and is undone whole."""
    number = power(app, siti, budi.citizen_id)
    browser = here(budi)
    use = policy.use

    def late(*args: Any, **words: Any) -> Any:
        with region_context(None):
            powers.revoke(siti, number)
        return use(*args, **words)

    monkeypatch.setattr(policy, "use", late)
    sent = browser.submit(FORM, "/antrean/ambil", untuk=f"power-{number}")
    assert sent.status == 422 and "tidak (lagi) boleh bertindak" in sent.words()
    with at(app, bukittinggi), read() as session:
        assert session.scalars(select(Ticket)).all() == []


def test_the_region_learns_no_national_number(
    app: Platform, bukittinggi: Region, siti: int, budi: Walker
) -> None:
    """What the region keeps points to nothing but its own rows and an opaque reference."""
    number = power(app, siti, budi.citizen_id)
    here(budi).submit(FORM, "/antrean/ambil", untuk=f"power-{number}")
    _ticket, row = only(app, bukittinggi)
    assert row is not None
    kept = {column.name for column in TicketActing.__table__.columns}
    assert kept == {
        "ticket_id", "basis", "principal", "profile_id", "relation", "until", "reference", "helping_id", "created_at",
    }  # fmt: skip


def test_a_guest_is_asked_nothing_new(siti: int, browse: Callable[..., Browser]) -> None:
    page = browse("bukittinggi").get(FORM)
    assert not page.all("input", name="untuk") and not page.all("input", name="setuju")
    sent = browse("bukittinggi").submit(FORM, "/antrean/ambil", nama="Tamu", untuk="power-1")
    assert sent.status == 303
