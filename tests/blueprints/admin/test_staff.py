"""Staff: changed, signed out, shut out; nobody locks themselves or everybody out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mpp.accounts.links import Post
from mpp.accounts.models import Role, Staff
from mpp.accounts.proof_models import StaffLink, StaffPasskey, StaffRecovery, StaffSession, StaffTotp
from mpp.audit import AuditEntry
from mpp.database.session import write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Counter, CounterOfficer
from tests.blueprints.admin.conftest import Look
from tests.support.client import Browser
from tests.support.forms import complaint, save, values
from tests.support.hall import at

Logged = Callable[[str], list[AuditEntry]]
Who = Callable[[str], int]


@pytest.fixture
def who(look: Look[int]) -> Who:
    """The id of a member of the cast."""
    return lambda name: look(
        lambda session: session.query(Staff).filter_by(email=f"{name}@bukittinggi.contoh").one().id
    )


def test_a_new_role_ends_open_sessions(
    admin: Browser, browse: Callable[..., Browser], who: Who, logged: Logged
) -> None:
    officer = browse("bukittinggi", as_="petugas")
    assert officer.get("/akun-saya").status == 200
    page = save(admin, f"/admin/petugas/{who('petugas')}", role="receptionist")
    assert page.location == "/admin/petugas"
    assert officer.get("/akun-saya").status == 302
    change = logged("staff.edit")[0].data
    assert (change["before"]["role"], change["after"]["role"]) == ("officer", "receptionist")


def test_who_is_shut_out_loses_everything_at_once(
    app: Platform, bukittinggi: Region, admin: Browser, browse: Callable[..., Browser], who: Who,
    look: Look[object], logged: Logged,
) -> None:  # fmt: skip
    key = who("petugas")
    with at(app, bukittinggi), write() as session:
        session.query(Counter).filter_by(number=1).one().officer_id = key
    admin.submit(f"/admin/petugas/{key}", "/tautan")
    officer = browse("bukittinggi", as_="petugas")
    with at(app, bukittinggi), write() as session:
        passkey = {
            "credential_id": b"x",
            "public_key": b"y",
            "sign_count": 0,
            "rp_id": "bukittinggi.localhost",
        }
        session.add(StaffPasskey(account_id=key, name="HP", **passkey))
        session.add(StaffRecovery(account_id=key, code_hash=b"z"))
        session.add(StaffTotp(account_id=key, secret="s"))
    page = admin.submit(f"/admin/petugas/{key}", "/nonaktifkan")
    assert page.status == 302 and officer.get("/akun-saya").status == 302
    counter = look(lambda session: session.query(Counter).filter_by(number=1).one())
    assert isinstance(counter, Counter) and counter.officer_id is None and counter.state == "closed"
    for kind in (StaffSession, StaffPasskey, StaffTotp, StaffRecovery):
        assert look(lambda session, kind=kind: session.query(kind).filter_by(account_id=key).count()) == 0
    assert look(lambda session: session.query(CounterOfficer).filter_by(staff_id=key).count()) == 0
    assert look(lambda session: session.query(StaffLink).filter_by(staff_id=key, ended_at=None).count()) == 0
    with pytest.raises(AssertionError):
        browse("bukittinggi", as_="petugas")
    again = admin.submit(f"/admin/petugas/{key}", "/aktifkan")
    assert again.status == 200 and "/tautan/" in again.text
    # The old password is gone for good: only the link lets the person in.
    with pytest.raises(AssertionError):
        browse("bukittinggi", as_="petugas")
    assert (
        len(logged("counter.freed"))
        == len(logged("staff.deactivate"))
        == len(logged("staff.reactivate"))
        == 1
    )


def test_nobody_shuts_themselves_out(admin: Browser, who: Who, logged: Logged) -> None:
    own = f"/admin/petugas/{who('admin')}"
    page = save(admin, own, role="officer")
    assert page.status == 422 and "Anda sendiri" in complaint(page, "role-0")
    assert admin.post(f"{own}/nonaktifkan").status == 302
    assert "Anda sendiri" in admin.get(own).words()
    assert admin.post(f"{own}/faktor-kedua/hapus").status == 302
    assert "Anda sendiri" in admin.get(own).words()
    assert not logged("staff.deactivate") and admin.get("/admin").status == 200
    assert admin.post(f"{own}/tautan").location == "/akun-saya"


def test_the_last_admin_of_the_whole_region_stays(
    app: Platform, bukittinggi: Region, admin: Browser, who: Who
) -> None:
    """An admin of one hall manages no staff, and so does not count."""
    from mpp.accounts.staff import StaffError, mark
    from tenants.hall.models import Hall
    from tenants.operations.officers import edit

    with at(app, bukittinggi):
        with write() as session:
            hall = session.query(Hall).first()
            assert hall is not None
            person = session.query(Staff).filter_by(id=who("petugas")).one()
            person.role, person.hall_id = "admin", hall.id
            boss = session.query(Staff).filter_by(id=who("admin")).one()
        with pytest.raises(StaffError, match="admin terakhir"):
            edit(boss.id, name=boss.name, post=Post(Role.OFFICER), seen=mark(boss), by=person.id)


def test_two_admins_demoting_each_other_leave_one(app: Platform, bukittinggi: Region) -> None:
    from mpp.accounts.staff import StaffError, mark
    from tenants.operations.officers import edit
    from tests.support.hall import together

    with at(app, bukittinggi), write() as session:
        session.query(Staff).filter(Staff.email.like("admin@%")).update({"active": False})
        one, two = (
            Staff(email=f"{name}@kota.contoh", name=name, role="admin", password_hash="!")
            for name in ("satu", "dua")
        )
        session.add_all([one, two])
        session.flush()
        session.refresh(one)
        session.refresh(two)
        marks = {person.id: mark(person) for person in (one, two)}

    def demote(target: Staff, by: Staff) -> bool:
        try:
            edit(target.id, name=target.name, post=Post(Role.OFFICER), seen=marks[target.id], by=by.id)
        except StaffError:
            return False
        return True

    done = together(app, bukittinggi, [lambda: demote(one, two), lambda: demote(two, one)])
    assert sorted(done) == [False, True]


def test_two_admins_and_one_person(admin: Browser, browse: Callable[..., Browser], who: Who) -> None:
    path = f"/admin/petugas/{who('petugas')}"
    other = browse("bukittinggi", as_="admin")
    old = values(other.get(path), path)
    save(admin, path, name="Nama Pertama")
    page = other.post(path, old | {"name": "Nama Kedua", "hall": "", "agency": ""})
    assert page.status == 422 and "Orang lain mengubah data ini" in page.words()


def test_an_admin_sees_and_ends_the_sessions_of_staff(
    admin: Browser, browse: Callable[..., Browser], who: Who, logged: Logged
) -> None:
    one, two = (browse("bukittinggi", as_="petugas") for _ in range(2))
    path = f"/admin/petugas/{who('petugas')}"
    page = admin.get(path)
    ends = [
        form.get("action") or "" for form in page.all("form") if "/perangkat/" in (form.get("action") or "")
    ]
    assert len(ends) == 3
    # The newest stands first.
    assert admin.post(ends[0]).status == 302
    assert (one.get("/akun-saya").status, two.get("/akun-saya").status) == (200, 302)
    assert admin.post(f"{path}/perangkat/keluar").status == 302
    assert one.get("/akun-saya").status == 302
    assert len(logged("account.session_end")) == len(logged("staff.sign_out")) == 1
    # A session of somebody else is not this person's to end.
    own = f"/admin/petugas/{who('petugas2')}"
    other = browse("bukittinggi", as_="resepsionis")
    number = (
        admin.get(f"/admin/petugas/{who('resepsionis')}").text.partition("/perangkat/")[2].partition("/")[0]
    )
    admin.post(f"{own}/perangkat/{number}/keluar")
    assert other.get("/akun-saya").status == 200


def test_lost_factors_are_removed_by_another_admin(
    app: Platform,
    bukittinggi: Region,
    admin: Browser,
    browse: Callable[..., Browser],
    who: Who,
    logged: Logged,
) -> None:
    from tests.support.staff import add_admin

    add_admin(app, bukittinggi, "kedua@bukittinggi.contoh")
    second = browse("bukittinggi", as_="kedua@bukittinggi.contoh")
    page = second.submit(f"/admin/petugas/{who('admin')}", "/faktor-kedua/hapus")
    assert page.status == 302 and admin.get("/admin").status == 302
    assert len(logged("staff.factors_removed")) == 1
    # The next sign-in leads to setting one up, before anything else.
    assert admin.submit(
        "/masuk", email="admin@bukittinggi.contoh", password="contoh-sandi-2026"
    ).location == ("/masuk/pasang")
    assert admin.get("/admin").status == 302
