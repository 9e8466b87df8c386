"""Demo accounts: there only when asked for, told in full, gone on request."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import select

from mpp.accounts.models import Staff
from mpp.accounts.passwords import verify
from mpp.crypto.master import new_key
from mpp.settings import Settings, SettingsError
from mpp.tenancy.models import RegionRecord
from mpp.tenancy.provision import inside, owner_engine, owner_session
from tenants.hall.models import Counter, CounterOfficer
from tenants.registry.demo import PASSWORD, demo_exists, remove_demo, sign_ins
from tenants.registry.prepare import prepare
from tests.support.fresh import rows


def with_demo(settings: Settings, *, demo: bool) -> None:
    prepare(settings, demo=demo, slugs=("bukittinggi", "banyuwangi"), progress=lambda _line: None)


def test_the_accounts_of_a_region_and_of_the_centre(fresh: Settings) -> None:
    with_demo(fresh, demo=True)
    found = sign_ins(fresh)
    assert [entry.user for entry in found] == [
        "pusat@panrb.contoh", "admin@bukittinggi.contoh", "petugas@bukittinggi.contoh",
        "petugas2@bukittinggi.contoh", "resepsionis@bukittinggi.contoh", "admin@banyuwangi.contoh",
        "0812-9999-0001", "0812-9999-0002",
    ]  # fmt: skip  # one account after another
    assert len(sign_ins(fresh, every=True)) == 11
    assert (found[0].where, found[0].url) == ("Pusat", "http://localhost:8000/masuk")
    assert found[1].url == "http://bukittinggi.localhost:8000/masuk"
    with owner_session(fresh) as session:
        region = session.scalars(select(RegionRecord).where(RegionRecord.slug == "bukittinggi")).one()
    with owner_engine(fresh) as engine, inside(engine, region.as_region()) as session:
        staff = {member.email.split("@")[0]: member for member in session.scalars(select(Staff))}
        assert {member.role for member in staff.values()} == {"admin", "officer", "receptionist"}
        assert all(member.demo and "(contoh)" in member.name for member in staff.values())
        assert len({member.password_hash for member in staff.values()}) == 1
        assert verify(staff["admin"].password_hash, PASSWORD)
        desks = {
            name: set(
                session.scalars(
                    select(Counter.number)
                    .join(CounterOfficer, CounterOfficer.counter_id == Counter.id)
                    .where(CounterOfficer.staff_id == staff[name].id)
                )
            )
            for name in staff
        }
        assert not desks["admin"]
        assert desks["petugas"] & desks["petugas2"] == {2}
        assert desks["petugas"] | desks["petugas2"] == set(session.scalars(select(Counter.number)))


def test_without_the_demo_seed_there_are_none(fresh: Settings) -> None:
    with_demo(fresh, demo=False)
    assert not demo_exists(fresh)
    assert sign_ins(fresh) == []
    with_demo(fresh, demo=True)
    assert demo_exists(fresh)


def test_removing_them_frees_their_counters_and_takes_no_other_account(fresh: Settings) -> None:
    with_demo(fresh, demo=True)
    with owner_session(fresh) as session:
        region = session.scalars(select(RegionRecord).where(RegionRecord.slug == "bukittinggi")).one()
    with owner_engine(fresh) as engine, inside(engine, region.as_region()) as session:
        counter = session.scalars(select(Counter).where(Counter.number == 1)).one()
        counter.officer_id = session.scalars(select(Staff.id).where(Staff.email.like("petugas@%"))).one()
        session.add(Staff(email="a@contoh.id", name="Admin", role="admin", password_hash="-"))
    assert remove_demo(fresh) == 11
    assert not demo_exists(fresh)
    assert remove_demo(fresh) == 0
    with owner_engine(fresh) as engine, inside(engine, region.as_region()) as session:
        assert session.scalars(select(Staff.email)).all() == ["a@contoh.id"]
        assert session.scalars(select(Counter.officer_id).where(Counter.number == 1)).one() is None


@pytest.mark.parametrize("left", ["platform.central_staff", "platform.citizen", "region_2.staff"])
def test_one_account_left_anywhere_is_found(fresh: Settings, left: str) -> None:
    with_demo(fresh, demo=True)
    tables = ["platform.central_staff", "platform.citizen", "region_1.staff", "region_2.staff"]
    for table in tables:
        if table != left:
            rows(fresh, f"UPDATE {table} SET demo = false RETURNING 1")
    assert demo_exists(fresh)


def test_the_app_refuses_to_start_with_them_in_production(fresh: Settings) -> None:
    from wsgi import create_app

    with_demo(fresh, demo=True)
    production = dataclasses.replace(
        fresh, environment="production", domain="mpp.example", master_key=new_key()
    )
    with pytest.raises(SettingsError, match="akun contoh"):
        create_app(production)
    remove_demo(fresh)
    create_app(production)
