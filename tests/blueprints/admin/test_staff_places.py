"""Staff limited to one hall or one agency, and who only reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mpp.accounts.links import Post
from mpp.accounts.models import Role, Staff
from mpp.accounts.staff import mark
from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.catalogue.models import Agency
from tenants.hall import counters as counters_service
from tenants.hall.errors import CounterRuleError
from tenants.hall.limits import Limits
from tenants.hall.models import Counter, CounterOfficer, Hall
from tenants.hall.queries import counter_by_id
from tenants.operations import counters as acts
from tenants.operations import officers
from tenants.operations.queries import today
from tenants.queueing.alerts import raise_alert
from tenants.queueing.desk import sit
from tenants.queueing.errors import NotYourCounterError
from tenants.queueing.policies import Officer, new_key
from tenants.queueing.service import take_ticket
from tenants.services.models import RegionService
from tests.support.client import Browser
from tests.support.hall import at, open_always, seat
from tests.support.staff import add_staff

Browse = Callable[..., Browser]


@pytest.fixture
def other_hall(app: Platform, bukittinggi: Region) -> int:
    """A second hall with a counter of the first one's first agency."""
    with at(app, bukittinggi), write() as session:
        hall = Hall(slug="kedua", name="Gedung kedua", address="Jalan Uji 2")
        session.add(hall)
        session.flush()
        first = session.query(Counter).order_by(Counter.id).first()
        assert first is not None
        session.add(Counter(hall_id=hall.id, number=1, name="Uji", prefix="Z", agency_id=first.agency_id))
        return hall.id


def counters(app: Platform, region: Region) -> list[Counter]:
    with at(app, region), read() as session:
        return session.query(Counter).order_by(Counter.id).all()


def test_an_agency_officer_sits_at_every_counter_of_the_agency_and_no_other(
    app: Platform, bukittinggi: Region, browse: Browse
) -> None:
    rows = counters(app, bukittinggi)
    agency = rows[0].agency_id
    own = [row for row in rows if row.agency_id == agency]
    foreign = next(row for row in rows if row.agency_id != agency)
    key = add_staff(app, bukittinggi, "instansi@bukittinggi.contoh", "agency_officer", agency_id=agency)
    with at(app, bukittinggi):
        for row in own:
            assert sit(row.id, Officer(key)).officer_id == key
        with pytest.raises(NotYourCounterError):
            sit(foreign.id, Officer(key))
        with write() as session:
            session.query(Counter).filter_by(officer_id=key).update({"officer_id": None})
    person = browse("bukittinggi", as_="instansi")
    assert person.post(f"/loket/{foreign.id}/duduk").status == 403
    assert person.post(f"/loket/{own[0].id}/duduk").location == "/loket"
    assert person.get("/admin").status == 403


def test_an_officer_limited_to_a_hall_keeps_only_its_counters(
    app: Platform, bukittinggi: Region, other_hall: int
) -> None:
    with at(app, bukittinggi):
        with read() as session:
            person = session.query(Staff).filter_by(email="petugas@bukittinggi.contoh").one()
            given = session.query(CounterOfficer).filter_by(staff_id=person.id).count()
        assert given
        with write() as session:
            there = session.query(Counter).filter_by(hall_id=other_hall).one()
            session.add(CounterOfficer(counter_id=there.id, staff_id=person.id))
            seat = session.query(Counter).filter_by(number=1).filter(Counter.hall_id != other_hall).one()
            seat.officer_id = person.id
        post = Post(Role.OFFICER, hall_id=other_hall)
        officers.edit(person.id, name=person.name, post=post, seen=mark(person), by=0)
        with read() as session:
            assert [
                row.counter_id for row in session.query(CounterOfficer).filter_by(staff_id=person.id)
            ] == [there.id]
            assert session.query(Counter).filter_by(officer_id=person.id).count() == 0
        with pytest.raises(NotYourCounterError):
            sit(seat.id, Officer(person.id))
        assert sit(there.id, Officer(person.id)).id == there.id


def test_an_admin_of_one_hall_changes_that_hall_alone(
    app: Platform, bukittinggi: Region, browse: Browse, other_hall: int
) -> None:
    add_staff(app, bukittinggi, "gedung@bukittinggi.contoh", "admin", hall_id=other_hall)
    first = next(row for row in counters(app, bukittinggi) if row.hall_id != other_hall)
    person = browse("bukittinggi", as_="gedung")
    assert person.get(f"/admin/gedung/{other_hall}").status == 200
    assert person.get(f"/admin/gedung/{other_hall}/jam").status == 200
    for path in (
        f"/admin/gedung/{first.hall_id}",
        f"/admin/gedung/{first.hall_id}/jam",
        f"/admin/loket/{first.id}",
    ):
        assert person.get(path).status == 403, path
    assert person.post(f"/admin/loket/{first.id}/tutup").status == 403
    for path in ("/admin/petugas", "/admin/catatan", "/admin/tampilan", "/admin/gedung/tambah"):
        assert person.get(path).status == 403, path
    assert person.post("/admin/layanan/ktp-el-baru/nonaktifkan").status == 403
    links = person.get("/admin").links()
    assert "/admin/petugas" not in links and "/admin/gedung" in links


def test_a_reader_sees_and_changes_nothing(app: Platform, bukittinggi: Region, browse: Browse) -> None:
    add_staff(app, bukittinggi, "pembaca@bukittinggi.contoh", "reader")
    reader = browse("bukittinggi", as_="pembaca")
    page = reader.get("/admin/layanan/ktp-el-baru")
    assert page.status == 200 and "hanya dapat melihat" in page.words()
    assert "read-only" in (page.all("body")[0].get("class") or "")
    for path in ("/admin", "/admin/layanan", "/admin/gedung", "/admin/tampilan", "/admin/pengumuman"):
        assert reader.get(path).status == 200, path
    for path in ("/admin/petugas", "/admin/catatan", "/loket"):
        assert reader.get(path).status == 403, path
    for path in ("/admin/layanan/ktp-el-baru", "/admin/layanan/ktp-el-baru/nonaktifkan", "/admin/tampilan"):
        assert reader.post(path).status == 403, path
    assert "read-only" not in (reader.get("/akun-saya").all("body")[0].get("class") or "")


def test_an_invitation_carries_its_limits(app: Platform, bukittinggi: Region, browse: Browse) -> None:
    from mpp.accounts.links import accept, invite

    rows = counters(app, bukittinggi)
    with at(app, bukittinggi):
        post = Post(Role.AGENCY_OFFICER, rows[0].hall_id, rows[0].agency_id)
        _link, token = invite("uji@kota.contoh", post)
        person = accept(token, "Uji", "empat kata yang panjang")
        assert Post(Role(person.role), person.hall_id, person.agency_id) == post


def test_the_day_of_an_admin_of_one_place_is_that_places_day(
    app: Platform, bukittinggi: Region, browse: Browse, other_hall: int
) -> None:
    """Numbers, halls and calls for help of another hall or agency are on no page of theirs."""
    rows = counters(app, bukittinggi)
    first = next(row for row in rows if row.hall_id != other_hall)
    foreign = next(row for row in rows if row.agency_id != first.agency_id)
    there = next(row for row in rows if row.hall_id == other_hall)
    with at(app, bukittinggi):
        open_always()
        take_ticket("ktp-el-baru", "A. B.", None, new_key(), "web")
        take_ticket("skck", "A. B.", None, new_key(), "web")
        assert (today().count(), len(today().halls)) == (2, 2)
        assert (today(Limits(other_hall)).count(), len(today(Limits(other_hall)).halls)) == (0, 1)
        assert today(Limits(agency_id=first.agency_id)).count() == 1
        assert {row.service.agency_id for row in today(Limits(agency_id=first.agency_id)).unserved} <= {
            first.agency_id
        }
        raised = {row.id: raise_alert(row.id, seat(row.id)).id for row in (first, foreign, there)}
    add_staff(app, bukittinggi, "gedung@bukittinggi.contoh", "admin", hall_id=other_hall)
    add_staff(app, bukittinggi, "instansi@bukittinggi.contoh", "admin", agency_id=first.agency_id)
    for account, reached in (
        ("admin", {first.id, foreign.id, there.id}), ("gedung", {there.id}), ("instansi", {first.id, there.id}),
    ):  # fmt: skip
        person = browse("bukittinggi", as_=account)
        for path in ("/admin", "/resepsionis/bantuan"):
            shown = {link for link in person.get(path).links() if "/bantuan/" in link}
            assert shown == {f"/resepsionis/bantuan/{raised[key]}" for key in reached}, (account, path)
    hall = browse("bukittinggi", as_="gedung")
    assert [link for link in hall.get("/admin/gedung").links() if link.startswith("/admin/gedung/")] == [
        f"/admin/gedung/{other_hall}"
    ]
    names = browse("bukittinggi", as_="instansi").get(f"/admin/gedung/{foreign.hall_id}").links()
    assert f"/admin/loket/{first.id}" in names and f"/admin/loket/{foreign.id}" not in names


def test_an_admin_of_one_agency_gives_a_counter_nothing_of_anothers(
    app: Platform, bukittinggi: Region, browse: Browse
) -> None:
    """The form offers it not, a form made by hand is refused, and the service refuses by itself."""
    rows = counters(app, bukittinggi)
    own = rows[0]
    foreign = next(row for row in rows if row.agency_id != own.agency_id and row.hall_id == own.hall_id)
    stranger = add_staff(app, bukittinggi, "lain@bukittinggi.contoh", "officer", agency_id=foreign.agency_id)
    add_staff(app, bukittinggi, "instansi@bukittinggi.contoh", "admin", agency_id=own.agency_id)
    with at(app, bukittinggi), read() as session:
        service = session.query(RegionService).filter(RegionService.service.has(agency_id=foreign.agency_id))
        foreign_service = service.filter(RegionService.enabled).first().service_id
        foreign_slug = session.get_one(Agency, foreign.agency_id).slug
    path = f"/admin/loket/{own.id}"
    person = browse("bukittinggi", as_="instansi")
    offered = {(e.get("name"), e.get("value")) for e in person.get(path).all("input")}
    assert not {("services", str(foreign_service)), ("officers", str(stranger))} & offered
    assert ("services", str(foreign_service)) in {
        (e.get("name"), e.get("value")) for e in browse("bukittinggi", as_="admin").get(path).all("input")
    }
    before = counter_facts(app, bukittinggi, own.id)
    for fields in (
        {"agency": foreign_slug}, {"services": [str(foreign_service)]}, {"officers": [str(stranger)]},
    ):  # fmt: skip
        assert person.submit(path, path, **fields).status == 422, fields
    with at(app, bukittinggi):
        limits, seen = Limits(agency_id=own.agency_id), counters_service.seen_of(locked(own.id))
        for change in (
            {"agency_id": foreign.agency_id, "prefix": foreign.prefix, "service_ids": []},
            {"service_ids": [foreign_service]},
            {"officer_ids": [stranger]},
        ):
            with pytest.raises(CounterRuleError):
                acts.save(own.id, replace(before, **change), limits, seen=seen)
        new = replace(before, number=99, service_ids=[], officer_ids=[])
        with pytest.raises(CounterRuleError):
            counters_service.create_counter(own.hall_id, new, Limits(hall_id=own.hall_id + 1000))
    assert counter_facts(app, bukittinggi, own.id) == before
    # What the region's admin has put there stays when they save the rest.
    with at(app, bukittinggi), write() as session:
        session.add(CounterOfficer(counter_id=own.id, staff_id=stranger))
    officers_now = sorted([*before.officer_ids, stranger])
    ticked = {"services": [str(k) for k in before.service_ids], "officers": [str(k) for k in officers_now]}
    assert person.submit(path, path, name="Nama baru", **ticked).status == 302
    after = counter_facts(app, bukittinggi, own.id)
    assert after == replace(before, name="Nama baru", officer_ids=officers_now)


def locked(counter_id: int) -> Counter:
    found = counter_by_id(counter_id)
    assert found is not None
    return found


def counter_facts(app: Platform, region: Region, counter_id: int) -> counters_service.CounterFacts:
    with at(app, region):
        row = locked(counter_id)
        return counters_service.CounterFacts(
            number=row.number, name=row.name, prefix=row.prefix, agency_id=row.agency_id,
            service_ids=sorted(link.service_id for link in row.services),
            officer_ids=sorted(seat.staff_id for seat in row.officers), quick=row.quick, zone=row.zone,
        )  # fmt: skip
