"""Staff limited to one hall or one agency, and who only reads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mpp.accounts.links import Post
from mpp.accounts.models import Role, Staff
from mpp.accounts.staff import mark
from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Counter, CounterOfficer, Hall
from tenants.operations import officers
from tenants.queueing.desk import sit
from tenants.queueing.errors import NotYourCounterError
from tenants.queueing.policies import Officer
from tests.support.client import Browser
from tests.support.hall import at
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
