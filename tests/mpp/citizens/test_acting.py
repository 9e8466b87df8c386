"""Who may act for whom, where, for what and when; and that every act is seen by the person concerned."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from mpp.citizens import acting, agreements, family, powers
from mpp.citizens.acting import Kind, Wanted
from mpp.citizens.acting_errors import MayNotActError
from mpp.citizens.models import Citizen
from mpp.citizens.powers_models import ActingUse, PowerOfAttorney
from mpp.database.session import central_read, central_write, serve
from mpp.tenancy.models import RegionRecord
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.mpp.citizens.people import PHONES, account, browser_of
from tests.mpp.citizens.test_powers import draft

KTP = Wanted("ktp-el-baru", "disdukcapil")
SIM = Wanted("sim-baru", "polri")
KNOWN = {"ktp-el-baru", "instansi:disdukcapil", "sim-baru"}
DAY = dt.timedelta(days=1)


@pytest.fixture
def pair(app: Platform) -> tuple[int, int]:
    """The giver and the holder."""
    return account(app, "Siti Contoh"), account(app, "Budi Contoh")


def power(app: Platform, pair: tuple[int, int], **values: Any) -> int:
    """A power that the holder has accepted."""
    at = browser_of(app, pair[0])
    with app.app_context():
        row = powers.offer(pair[0], at, draft(**values), KNOWN)
        powers.answer(pair[1], row.id, accept=True)
        return row.id


def who(app: Platform, citizen: int, region: Region, wanted: Wanted = KTP) -> list[str]:
    with app.app_context(), serve(region):
        return [p.name for p in acting.for_whom(citizen, region.id, wanted)]


def test_nobody_acts_without_a_row(
    app: Platform, bukittinggi: Region, banyuwangi: Region, pair: tuple[int, int]
) -> None:
    giver, holder = pair
    assert who(app, holder, bukittinggi) == []
    at = browser_of(app, giver)
    with app.app_context():
        offered = powers.offer(giver, at, draft(), KNOWN)
    assert who(app, holder, bukittinggi) == [], "an offer is not an agreement"
    with app.app_context():
        powers.answer(holder, offered.id, accept=True)
    assert who(app, holder, bukittinggi) == who(app, holder, banyuwangi) == ["Siti Contoh"]
    assert who(app, giver, bukittinggi) == [], "not the other way round"
    with app.app_context():
        powers.revoke(giver, offered.id)
    assert who(app, holder, bukittinggi) == []


def test_scope_and_region_bind(
    app: Platform, bukittinggi: Region, banyuwangi: Region, pair: tuple[int, int]
) -> None:
    power(app, pair, scope=("ktp-el-baru",), region_id=bukittinggi.id)
    assert who(app, pair[1], bukittinggi) == ["Siti Contoh"]
    assert who(app, pair[1], bukittinggi, SIM) == []
    assert who(app, pair[1], banyuwangi) == []


def test_an_agency_stands_for_its_services(app: Platform, bukittinggi: Region, pair: tuple[int, int]) -> None:
    power(app, pair, scope=("instansi:disdukcapil",))
    assert who(app, pair[1], bukittinggi, Wanted("akta-lahir", "disdukcapil")) == ["Siti Contoh"]
    assert who(app, pair[1], bukittinggi, SIM) == []


def test_days_are_the_regions_own(
    app: Platform,
    bukittinggi: Region,
    banyuwangi: Region,
    pair: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At 23.30 in Jakarta it is tomorrow in Jayapura: a power that ends today has ended there."""
    today = powers.today()
    number = power(app, pair, ends_on=today)
    late = dt.datetime.combine(today, dt.time(16, 30), tzinfo=dt.UTC)
    monkeypatch.setattr(Region, "now", lambda region: late.astimezone(region.zone))
    assert who(app, pair[1], bukittinggi) == ["Siti Contoh"]
    with app.app_context(), central_write() as session:
        session.execute(
            update(RegionRecord).where(RegionRecord.id == bukittinggi.id).values(timezone="Asia/Jayapura")
        )
    assert who(app, pair[1], bukittinggi) == []
    # Not before its first day either.
    with app.app_context(), central_write() as session:
        row = session.get_one(PowerOfAttorney, number)
        row.starts_on, row.ends_on = today + 2 * DAY, today + 3 * DAY
    assert who(app, pair[1], bukittinggi) == who(app, pair[1], banyuwangi) == []


def test_family_holds_once_listed_or_agreed(
    app: Platform, bukittinggi: Region, pair: tuple[int, int]
) -> None:
    siti, budi = pair
    with app.app_context():
        family.add(
            siti, family.Draft("Anak Contoh", "anak", birth_year=powers.today().year - 5), stated=True, at=0
        )
        row, _doubts = family.add(
            siti, family.Draft("Suamiku", "suami", phone=PHONES["Budi Contoh"]), stated=True, at=0
        )
    assert who(app, siti, bukittinggi) == ["Anak Contoh"]
    with app.app_context():
        agreements.answer(budi, row.id, agree=True, at=browser_of(app, budi))
    assert who(app, siti, bukittinggi) == ["Anak Contoh", "Budi Contoh"]
    with app.app_context():
        agreements.end(budi, row.id)
    assert who(app, siti, bukittinggi) == ["Anak Contoh"]


def test_a_closed_account_acts_for_nobody_and_nobody_for_it(
    app: Platform, bukittinggi: Region, pair: tuple[int, int]
) -> None:
    power(app, pair)
    with app.app_context(), central_write() as session:
        session.execute(
            update(Citizen)
            .where(Citizen.id == pair[0])
            .values(
                active=False, closed_at=dt.datetime.now(tz=dt.UTC), name=None, phone=None, phone_index=None
            )
            .execution_options(synchronize_session=False)
        )
    assert who(app, pair[1], bukittinggi) == []


def test_every_use_is_written_down_and_read_by_both(
    app: Platform, bukittinggi: Region, pair: tuple[int, int]
) -> None:
    number = power(app, pair, scope=("ktp-el-baru",))
    with app.app_context(), serve(bukittinggi):
        found, reference = acting.use(
            pair[1], bukittinggi.id, KTP, f"power-{number}", act="ticket.take", label="A-012"
        )
        assert (found.name, found.kind, len(reference)) == ("Siti Contoh", Kind.POWER, 24)
        for key, wanted in (
            (f"power-{number}", SIM),
            ("power-999999", KTP),
            (f"family-{number}", KTP),
            ("x", KTP),
        ):
            with pytest.raises(MayNotActError):
                acting.use(pair[1], bukittinggi.id, wanted, key, act="ticket.take", label="A-013")
        # The key is worth nothing to somebody else.
        with pytest.raises(MayNotActError):
            acting.use(pair[0], bukittinggi.id, KTP, f"power-{number}", act="ticket.take", label="A-013")
    stranger = account(app, "Orang Asing")
    with app.app_context(), central_read() as session:
        for reader in pair:
            (one,) = acting.uses(session, reader)
            assert (one.actor, one.principal, one.region) == ("Budi Contoh", "Siti Contoh", bukittinggi.name)
            assert (one.service, one.label, one.act) == ("ktp-el-baru", "A-012", "ticket.take")
        assert acting.uses(session, stranger) == []


def test_a_use_can_not_be_taken_back(app: Platform, bukittinggi: Region, pair: tuple[int, int]) -> None:
    number = power(app, pair)
    with app.app_context(), serve(bukittinggi):
        acting.use(pair[1], bukittinggi.id, KTP, f"power-{number}", act="ticket.take", label="A-012")
    for statement in (delete(ActingUse), update(ActingUse).values(label="B-001")):
        with app.app_context(), pytest.raises(DBAPIError), central_write() as session:
            session.execute(statement)


def test_a_revocation_waits_for_the_act_at_hand_and_none_follows(
    app: Platform, bukittinggi: Region, pair: tuple[int, int]
) -> None:
    number = power(app, pair)
    done = threading.Event()

    def revoke() -> None:
        with app.app_context():
            powers.revoke(pair[0], number)
        done.set()

    thread = threading.Thread(target=revoke)
    with app.app_context(), central_write() as session:
        # As `use` does, which holds the row until its own end.
        assert acting._for_whom(session, pair[1], bukittinggi.id, KTP, f"power-{number}")
        thread.start()
        assert not done.wait(0.2)
    thread.join(5)
    assert done.is_set()
    with app.app_context(), serve(bukittinggi), pytest.raises(MayNotActError):
        acting.use(pair[1], bukittinggi.id, KTP, f"power-{number}", act="ticket.take", label="A-012")
